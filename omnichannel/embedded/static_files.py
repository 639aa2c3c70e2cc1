"""Whether the collected static files are still those of the code."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders


def fingerprint() -> str:
    """Of name, size and time of every static file, and of how they are stored."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def stamp() -> Path:
    return Path(settings.STATIC_ROOT) / ".fingerprint"


def are_collected(current: str) -> bool:
    return stamp().exists() and stamp().read_text() == current


def remember(collected: str) -> None:
    stamp().write_text(collected)
