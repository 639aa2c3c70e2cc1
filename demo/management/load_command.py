"""What both commands share: one transaction, the bar, the report, and errors in one line."""

from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from demo import report
from demo.loading import DATA, Summary
from demo.progress import Progress
from demo.tuning import tune
from omnichannel.documents import ActionError

Load = Callable[[Progress], Summary | None]


class LoadCommand(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=DATA, help="where the data files lie, if not here"
        )

    def load(self, load: Load, refusal: str) -> None:
        """Run `load` in one transaction and report; `refusal` begins the line of an error."""
        progress = Progress(self.stdout)
        try:
            with transaction.atomic(durable=True):
                summary = load(progress)
        except ActionError as error:
            raise CommandError(f"{refusal} {error}") from error
        finally:
            progress.finish()
        if summary is None:
            self.stdout.write(_("The demo is already loaded; nothing to do."))
            return
        progress.done("commit", summary.ledger.documents)
        tune(progress)
        progress.finish()
        for line in report.lines(summary):
            self.stdout.write(line)
