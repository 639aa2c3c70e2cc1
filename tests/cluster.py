"""A pytest plugin (`-p tests.cluster`): one private PostgreSQL for the session.

It is loaded before pytest-django reads the settings; xdist's workers inherit the address.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from omnichannel.embedded.postgres import Postgres

os.environ["STATICFILES_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
running: list[tuple[Postgres, Path]] = []

if "TEST_DATABASE_URL" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="omnichannel-test-"))
    folder.chmod(0o755)
    postgres = Postgres(folder, "omnichannel")
    os.environ["TEST_DATABASE_URL"] = postgres.start()
    running.append((postgres, folder))
os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]


def pytest_unconfigure(config: pytest.Config) -> None:
    for postgres, folder in running:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
