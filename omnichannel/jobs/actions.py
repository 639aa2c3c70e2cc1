"""What can be said to a job: start, cancel, retry (DESIGN §5 Jobs)."""

import logging
from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from prometheus_client import Counter

from omnichannel.documents import ActionError

from .models import Job

log = logging.getLogger(__name__)
QUEUE = "jobs"
FAILED_NUDGES = Counter(
    "omnichannel_job_nudges_failed", "Nudges to workers that could not be sent; the sweep makes up."
)


def start(task: str, *, params: Mapping[str, Any], owner: Any | None, key: str, label: Any) -> Job:
    """Write down a long work inside the act's transaction; workers are nudged after its commit.

    The same task with the same key is the same job: it is returned as it is. `params` are ids and
    small values, as JSON; `label` is what the owner reads in the tray.

    Raises:
        RuntimeError: not inside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A job is started inside the transaction of its act.")
    values = {"params": dict(params), "owner": owner, "label": str(label)[:200]}
    job, _made = Job.objects.get_or_create(task=task, key=key, defaults=values)
    transaction.on_commit(nudge)
    return job


def cancel(*, pk: int) -> None:
    """End a waiting job now; a running one at its next word of progress.

    Raises:
        ActionError: it has ended already.
    """
    waiting = Job.objects.filter(pk=pk, state=Job.State.QUEUED)
    if waiting.update(state=Job.State.CANCELLED, is_cancel_asked=True, finished_at=Now()):
        return
    if not Job.objects.filter(pk=pk, state=Job.State.RUNNING).update(is_cancel_asked=True):
        raise ActionError(_("This job has ended; there is nothing to cancel."))


def retry(*, pk: int) -> None:
    """Let a job that failed or was cancelled run again from its beginning.

    Raises:
        ActionError: it is in no such state.
    """
    ended = Job.objects.filter(pk=pk, state__in=(Job.State.FAILED, Job.State.CANCELLED))
    again = ended.update(
        state=Job.State.QUEUED,
        attempts=0,
        done=0,
        total=None,
        error="",
        is_cancel_asked=False,
        due_at=Now(),
        started_at=None,
        finished_at=None,
    )
    if not again:
        raise ActionError(_("Only a job that failed or was cancelled can run again."))
    transaction.on_commit(nudge)


def nudge() -> None:
    """Tell a worker that something is due; if that fails, the sweep of the next seconds does it."""
    try:
        current_app.send_task("jobs.work", queue=QUEUE)
    except Exception:
        # Whatever the broker's client raises: the act is committed and must not look failed.
        FAILED_NUDGES.inc()
        log.warning("No worker could be nudged; the sweep will find the job", exc_info=True)
