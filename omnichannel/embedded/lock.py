"""One supervisor for one folder."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext_noop

from .process import CannotStart

# Longer than the guard of an earlier run may need to stop everything.
PATIENCE = 150


class Held(CannotStart):
    """Somebody else runs on this folder."""


class Lock:
    """Held until every process that has `descriptor` open is gone: the supervisor and its guard."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, say: Callable[[], None]) -> None:
        """Waits for the guard of a killed run, after calling `say`.

        Raises:
            Held: another supervisor lives.
        """
        said, end = False, time.monotonic() + PATIENCE
        while not self.is_taken():
            holder = self.holder()
            # Whoever took it just now has not written its number yet.
            if (holder and is_running(holder)) or time.monotonic() > end:
                raise Held(
                    gettext_noop(
                        "Already running on %(folder)s (process %(holder)s): stop it there, or "
                        "choose another folder with VAR_DIR."
                    ),
                    folder=self.folder,
                    holder=holder or "?",
                )
            if not said and end - time.monotonic() < PATIENCE - 0.5:
                say()
                said = True
            time.sleep(0.1)

    def is_taken(self) -> bool:
        """Whether the lock is ours now; the holder's number is in the file."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode(), 0)
        return True

    def holder(self) -> int | None:
        text = os.pread(self.descriptor, 32, 0)
        return int(text) if text.isdigit() else None

    def release(self) -> None:
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
