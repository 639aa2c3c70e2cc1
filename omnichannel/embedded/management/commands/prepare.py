"""Everything the database needs before the product runs on it."""

from io import StringIO
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError


class Command(BaseCommand):
    help = "Applies migrations, creates the roles that are missing, and loads the demo if asked."
    # They read every page of the product, and each start would wait for that.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo",
            choices=["no", "if-empty", "yes"],
            default="no",
            help="if-empty: a database that holds something else is left as it is",
        )

    def handle(self, *, demo: str, **options: Any) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(str(error).strip()) from None
        call_command("sync_roles", verbosity=0, stdout=StringIO())
        if demo == "no":
            return
        if not apps.get_model("demo.DemoLoad").objects.exists():
            self.load(is_wanted=demo == "yes")
        if settings.EVENT_STREAM["DEMO_RECEIVER"]:
            call_command("register_demo_receiver")

    def load(self, *, is_wanted: bool) -> None:
        try:
            # Not our own stdout: wrapped twice, each step of the bar would be a line.
            call_command("load_demo")
        except CommandError as error:
            if is_wanted:
                raise
            self.stdout.write(str(error))
