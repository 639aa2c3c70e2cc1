from celery import shared_task
from django.urls import reverse

from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress
from omnichannel.jobs.runners import runs

from . import actions, running
from .models import Import


@runs(actions.TASK)
def run_import(job: Job, progress: Progress) -> dict[str, str]:
    pk = job.params["import"]
    told = running.run(pk, progress)
    uuid = Import.objects.values_list("uuid", flat=True).get(pk=pk)
    return {**told, "open": reverse("imports:detail", args=[uuid])}


@shared_task(name="imports.forget_the_past")
def forget_the_past() -> None:
    actions.forget_the_past()
