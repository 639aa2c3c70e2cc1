"""A folder for `manage.py up`."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def var() -> Iterator[Path]:
    """One for all who start there, who follow each other: only the first finds it empty."""
    folder = Path(tempfile.mkdtemp(prefix="omnichannel-up-"))
    folder.chmod(0o755)
    yield folder / "var"
    shutil.rmtree(folder)
