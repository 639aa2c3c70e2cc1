from celery import shared_task
from django.urls import reverse

from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress
from omnichannel.jobs.runners import runs

from . import actions, building


@runs(actions.TASK)
def build_export(job: Job, progress: Progress) -> dict[str, str]:
    export = building.build(job.params["export"], progress)
    return {
        "text": export.name,
        "open": reverse("exports:detail", args=[export.uuid]),
        "download": reverse("exports:download", args=[export.uuid]),
    }


@shared_task(name="exports.forget_the_past")
def forget_the_past() -> None:
    actions.forget_the_past()
