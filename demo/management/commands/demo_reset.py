"""Throw away what was done to the demo and load it anew."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from demo import resetting
from demo.management.load_command import LoadCommand


class Command(LoadCommand):
    help = "Deletes everything in the demo, after asking, and loads it anew."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *, yes: bool, folder: Path, **options: Any) -> None:
        try:
            for line in resetting.consequences():
                self.stdout.write(line)
        except resetting.NoDemo as error:
            raise CommandError(str(error)) from error
        if not (yes or confirmed()):
            self.stdout.write(_("Nothing was deleted."))
            return
        self.load(
            lambda progress: resetting.reset_demo(
                now=timezone.now(), progress=progress, folder=folder
            ),
            _("Nothing was deleted."),
        )


def confirmed() -> bool:
    """Asked on the terminal; no answer at all is a no."""
    try:
        return input(_("Delete all this? Type yes: ")).strip().casefold() == "yes"
    except EOFError:
        return False
