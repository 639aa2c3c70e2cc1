"""A pytest plugin (`-p tests.cluster`): one private PostgreSQL for the session.

It is loaded before pytest-django reads the settings; xdist's workers inherit the address. Each database
of the tests is a copy of one that was migrated, and that one is kept until a migration changes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection

from omnichannel.embedded.guard import Guard
from omnichannel.embedded.postgres import THROWAWAY, Postgres

ROOT = Path(__file__).resolve().parent.parent
os.environ["STATICFILES_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
# A table that was vacuumed while it was empty is planned for one row, whatever a test then writes to it.
SETTINGS = {**THROWAWAY, "autovacuum": "off"}
guards: list[Guard] = []


def kept_as(title: str) -> Path:
    """The folder of a migrated server: another one after any change of what migrating runs."""
    told = sha256(f"{title} {sorted(SETTINGS.items())}".encode())
    for file in sorted([*ROOT.glob("**/migrations/*.py"), ROOT / "requirements.txt"]):
        if ".venv" not in file.parts:
            told.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return ROOT / "var" / "tests" / told.hexdigest()[:16]


def migrate(address: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
    subprocess.run(command, check=True, env={**os.environ, "DATABASE_URL": address})


def migrated(kept: Path, folder: Path) -> None:
    """Made elsewhere and renamed: two runs may want to keep the same, and one may be killed."""
    guard = Guard(folder / "guard.log")
    guard.start()
    postgres = Postgres(folder / "migrated", log=folder / "migrated.log", settings=SETTINGS)
    postgres.start(guard)
    migrate(postgres.url)
    guard.finish()
    for older in kept.parent.glob("*"):
        shutil.rmtree(older, ignore_errors=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=kept.parent))
    shutil.copytree(postgres.data, draft, dirs_exist_ok=True)
    with suppress(OSError):
        draft.rename(kept)
    shutil.rmtree(draft, ignore_errors=True)


def started(folder: Path, guard: Guard) -> Postgres:
    postgres = Postgres(folder / "postgres", log=folder / "postgres.log", settings=SETTINGS)
    kept = kept_as(postgres.title)
    if not kept.exists():
        migrated(kept, folder)
    shutil.copytree(kept, postgres.data)
    postgres.start(guard)
    return postgres


if "TEST_DATABASE_URL" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="omnichannel-test-"))
    # PostgreSQL does not run as root, and has to enter.
    folder.chmod(0o755)
    # Nothing of a running `make run` is found there.
    os.environ["VAR_DIR"] = str(folder)
    (folder / "static").mkdir()
    guard = Guard(folder / "guard.log")
    guard.start()
    guard.remove(folder)
    guards.append(guard)
    postgres = started(folder, guard)
    os.environ["TEST_DATABASE_URL"] = postgres.url
    os.environ["TEST_DATABASE_TEMPLATE"] = postgres.database
os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]


def pytest_configure() -> None:
    """A server of somebody else has no migrated database to copy."""
    if template := os.environ.get("TEST_DATABASE_TEMPLATE"):
        connection.settings_dict["TEST"].update(TEMPLATE=template, MIGRATE=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    for guard in guards:
        guard.finish()
