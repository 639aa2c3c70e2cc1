import logging

from celery import shared_task
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress
from omnichannel.jobs.runners import runs

from . import actions, availability
from .actions import exporting, safety_stock

log = logging.getLogger(__name__)
# One transaction each, so that nobody waits long for the rows it holds.
ROUNDS = 40


@runs(exporting.TASK)
def export_availability(job: Job, progress: Progress) -> dict[str, str]:
    export = actions.write_export(job.params["export"], progress)
    return {"text": ngettext("%d row", "%d rows", export.rows) % export.rows}


@runs(safety_stock.TASK)
def write_safety_stock(job: Job, progress: Progress) -> dict[str, str]:
    upload = actions.write_upload(job.params["upload"], progress)
    return {"text": _("%s changed") % upload.changed}


@shared_task(name="fulfilment.expire")
def expire() -> int:
    """End reservations of orders whose time has passed; how many."""
    ended = 0
    for _round in range(ROUNDS):
        with transaction.atomic(durable=True):
            found = availability.expire()
        ended += found
        if not found:
            break
    return ended


@shared_task(name="fulfilment.forget_the_past")
def forget_the_past() -> None:
    with transaction.atomic(durable=True):
        actions.forget_old_exports()
