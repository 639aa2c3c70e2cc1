"""Any program, with the servers it needs."""

import os
import subprocess
import sys
import tempfile
from argparse import REMAINDER
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from omnichannel.embedded.lock import Held
from omnichannel.embedded.premises import premises
from omnichannel.embedded.process import CannotStart
from omnichannel.embedded.servers import Servers, published


class Command(BaseCommand):
    help = (
        "Runs a program with DATABASE_URL and REDIS_URL of private servers: those of a running "
        "`manage.py up` if there is one, else started for it, with a migrated database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--throwaway", action="store_true", help="on an empty database, deleted afterwards"
        )
        parser.add_argument("program", nargs=REMAINDER)

    def handle(self, *, throwaway: bool, program: list[str], **options: Any) -> None:
        try:
            sys.exit(self.run(program, throwaway))
        except CannotStart as error:
            self.stderr.write(error.translated())
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)

    def run(self, program: list[str], throwaway: bool) -> int:
        if throwaway:
            folder = Path(tempfile.mkdtemp(prefix="omnichannel-"))
            # PostgreSQL does not run as root, and has to enter.
            folder.chmod(0o755)
            return self.run_on(folder, {}, program, is_deleted=True)
        var = Path(settings.VAR).resolve()
        try:
            return self.run_on(var, os.environ, program)
        except Held:
            if not (addresses := published(var)):
                raise
            return run_with(addresses, program)

    def run_on(
        self, var: Path, named: Mapping[str, str], program: list[str], is_deleted: bool = False
    ) -> int:
        """`named` are the servers that somebody chose by DATABASE_URL and REDIS_URL."""
        with premises(var, self.stderr.write) as guard:
            if is_deleted:
                guard.remove(var)
            servers = Servers(var, named)
            for _server in servers.start(guard):
                pass
            try:
                environment = {**servers.environment, "VAR_DIR": str(var)}
                migrated = run_with(environment, [sys.executable, "manage.py", "prepare"])
                return migrated or run_with(environment, program)
            finally:
                servers.withdraw()


def run_with(environment: Mapping[str, str], program: list[str]) -> int:
    """Its exit code, or as shells do 128 and the signal's number."""
    code = subprocess.run(program, check=False, env={**os.environ, **environment}).returncode
    return 128 - code if code < 0 else code
