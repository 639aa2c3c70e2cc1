from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from omnichannel.accounts.presets import UnknownPermission, sync_roles


class Command(BaseCommand):
    help = "Create the default roles that are missing; roles that exist are left as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="give every default role its preset again"
        )

    def handle(self, *args: object, reset: bool, **options: object) -> None:
        try:
            with transaction.atomic():
                written = sync_roles(reset=reset)
        except UnknownPermission as error:
            raise CommandError(f"No such permission: {error}. Run migrate first.") from error
        self.stdout.write(f"Roles written: {', '.join(written) or 'none, all are there'}.")
