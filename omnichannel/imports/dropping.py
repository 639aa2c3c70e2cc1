"""Imports without a browser: commands for a folder that a partner's files drop into."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.jobs.progress import Silent

from . import actions, pieces, running
from .archive import suffix_of
from .kinds import Kind
from .models import Import


class DropCommand(BaseCommand):
    """Brings in the named files of one kind, each whole or not at all."""

    kind: ClassVar[Kind]
    # What is said of a user who lacks the kind's permissions: "is no user who may …".
    may: ClassVar[str]
    # The kind's options, with what each is for.
    beside: ClassVar[dict[str, str]] = {}

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="messages, or a ZIP of them")
        parser.add_argument("--by", required=True, help="user name of whoever brings them in")
        for name, text in self.beside.items():
            parser.add_argument(f"--{name}", default="", help=text)
        parser.add_argument(
            "--check", action="store_true", help="read and check, and write nothing"
        )

    def handle(self, **options: Any) -> None:
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None or not self.kind.may_be_brought_by(by):
            raise CommandError(f"{options['by']} is no user who may {self.may}.")
        beside = {name: options[name] for name in self.kind.options if options[name]}
        failed = [
            str(path)
            for path in options["files"]
            if not self.bring(path, by, beside, options["check"])
        ]
        if failed:
            raise CommandError(f"Nothing was written of {', '.join(failed)}.")

    def bring(self, path: Path, by: User, beside: dict[str, str], is_check: bool) -> bool:
        """Whether the file came in; what is wrong with it is printed."""
        if suffix_of(path.name) not in self.kind.suffixes:
            self.stderr.write(f"{path}: ends with none of {', '.join(self.kind.suffixes)}.")
            return False
        try:
            with transaction.atomic(durable=True), path.open("rb") as stream:
                import_ = actions.rehearsal(self.kind.name, path.name, beside, by)
                Import.objects.filter(pk=import_.pk).update(is_rehearsal=is_check)
                pieces.keep(import_, stream)
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}.")
            return False
        try:
            told = running.run(import_.pk, Silent())["text"]
        except ActionError as refused:
            told = str(refused)
        except BaseException:
            # Nobody goes on with it; the same file again does what is left to do.
            with transaction.atomic():
                actions.set_fail(pk=import_.pk, reason=_("It broke off."))
            raise
        import_.refresh_from_db()
        self.report(import_)
        self.stdout.write(f"{path}: {told} (import {import_.uuid})")
        return import_.state == Import.State.FINISHED

    def report(self, import_: Import) -> None:
        for problem in import_.problems.order_by("id"):
            word = "warning" if problem.is_warning else "error"
            where = f"{problem.file}, segment {problem.row} ({problem.column})"
            self.stderr.write(f"{word}: {where}: {problem.reason}")
