"""What Celery wakes: all of it may run twice, or never (RELIABILITY rule 22)."""

from celery import Task, shared_task

from . import retention
from .claiming import is_any_due
from .drain import drain as run_drain
from .nudging import nudge


@shared_task(name="eventstream.drain", bind=True)
def drain(self: Task) -> None:
    """One per worker; by a nudge or by the sweep of every few seconds."""
    if run_drain(self.request.hostname or "") and is_any_due():
        # What fell due while the lock was let go.
        nudge()


@shared_task(name="eventstream.forget_the_past")
def forget_the_past() -> None:
    retention.forget_the_past()
