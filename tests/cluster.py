"""A pytest plugin (`-p tests.cluster`): one private PostgreSQL for the session.

It is loaded before pytest-django reads the settings; xdist's workers inherit the address.
"""

import os
import tempfile
from pathlib import Path

import pytest

from omnichannel.embedded.guard import Guard
from omnichannel.embedded.postgres import THROWAWAY, Postgres

os.environ["STATICFILES_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
guards: list[Guard] = []

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
    postgres = Postgres(folder / "postgres", log=folder / "postgres.log", settings=THROWAWAY)
    postgres.start(guard)
    os.environ["TEST_DATABASE_URL"] = postgres.url
os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]


def pytest_unconfigure(config: pytest.Config) -> None:
    for guard in guards:
        guard.finish()
