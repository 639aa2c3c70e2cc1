from celery import shared_task

from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress
from omnichannel.jobs.runners import runs

from .imports import actions, running


@runs(actions.TASK)
def import_file(job: Job, progress: Progress) -> dict[str, str]:
    return running.run(job.params["import"], progress)


@shared_task(name="catalog.forget_imports")
def forget_imports() -> None:
    actions.forget_the_past()
