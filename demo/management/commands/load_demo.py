"""Fill an empty database with the demo; does nothing where it already is."""

from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from demo.loading import load_demo
from demo.management.load_command import LoadCommand


class Command(LoadCommand):
    help = (
        "Loads the demo, a real shop's year, into an empty database. Does nothing if it is there."
    )

    def handle(self, *, folder: Path, **options: Any) -> None:
        self.load(
            lambda progress: load_demo(now=timezone.now(), progress=progress, folder=folder),
            _("Nothing was loaded."),
        )
