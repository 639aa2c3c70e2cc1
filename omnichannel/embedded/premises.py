"""The folder of a run, taken for itself, with a guard on the door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .guard import Guard
from .lock import Lock
from .process import CannotStart, fresh_log


@contextmanager
def premises(var: Path, say: Callable[[str], None]) -> Iterator[Guard]:
    """A guard that holds the lock on `var` until it has stopped everything.

    Raises:
        Held: another supervisor lives there.
        CannotStart: the folder is not ours to write in.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = Lock(var)
        lock.take(lambda: say(_("An earlier run is still stopping; waiting for it.")))
        guard = Guard(fresh_log(var / "log", "guard"), [lock.descriptor])
    except OSError as error:
        raise CannotStart(
            gettext_noop("Cannot write to %(file)s: %(cause)s. Choose another folder by VAR_DIR."),
            file=error.filename,
            cause=error.strerror,
        ) from None
    guard.start()
    try:
        yield guard
    finally:
        guard.finish()
        lock.release()
