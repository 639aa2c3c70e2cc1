import logging

from celery import shared_task
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.documents import ActionError
from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress
from omnichannel.jobs.runners import runs

from . import actions, snapshots
from .actions import completing, importing

log = logging.getLogger(__name__)


@runs(snapshots.TASK)
def take_snapshot(job: Job, progress: Progress) -> dict[str, str]:
    lines = snapshots.take(job.params["count"], progress)
    return {"text": ngettext("%d product expected", "%d products expected", lines) % lines}


@runs(completing.TASK)
def complete(job: Job, progress: Progress) -> dict[str, str]:
    count = actions.finish_count(job.params["count"], progress)
    return {"text": _("%s is completed") % count}


@runs(importing.TASK)
def finish_import(job: Job, progress: Progress) -> dict[str, str]:
    count = actions.finish_import(job.params["count"], job.owner, progress)
    if count.status == count.Status.COMPLETED:
        return {"text": _("%s is completed") % count}
    return {"text": _("%s waits for answers in its review") % count}


@shared_task(name="counts.repeat")
def repeat() -> None:
    """Every due plan in a transaction of its own: one that is refused holds up no other."""
    for pk in actions.due_plans():
        try:
            with transaction.atomic(durable=True):
                actions.repeat_count(pk=pk)
        except ActionError as refused:
            log.warning("recurring count %d: %s", pk, refused)
