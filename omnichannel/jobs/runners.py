"""Which function does which job, and one job from its claim to its end.

A room registers its runner in its `tasks.py`, which every worker reads:

    @runs("counts.take_snapshot")
    def take_snapshot(job: Job, progress: Progress) -> dict | None:
        return snapshots.take(job.params["count"], progress)

What it returns becomes `job.result`. It may be killed anywhere and run again: it works in whole
`progress.transaction()`s, each of which finds out for itself whether it was already done.
"""

import logging
from collections.abc import Callable
from typing import Any

from omnichannel.documents import ActionError

from .lease import MOST_ATTEMPTS, Cancelled, Lease, LeaseLost, claim, finish, pause_after, release
from .models import Job
from .progress import Progress, Telling

Runner = Callable[[Job, Progress], dict[str, Any] | None]
log = logging.getLogger(__name__)
RUNNERS: dict[str, Runner] = {}


def runs(name: str) -> Callable[[Runner], Runner]:
    """Register the decorated function as the runner of the jobs called `name`."""

    def register(runner: Runner) -> Runner:
        if RUNNERS.setdefault(name, runner) is not runner:
            raise ValueError(f"{name} has a runner already.")
        return runner

    return register


def work() -> int:
    """Run due jobs one after the other until none is due; how many were claimed."""
    claimed = 0
    while held := claim():
        claimed += 1
        run(held)
    return claimed


def run(held: Lease) -> None:
    """Run a claimed job and write its end, unless the lease was lost meanwhile.

    A refusal (`ActionError`) fails the job at once: again it would be refused. Anything else is
    tried again after a pause, MOST_ATTEMPTS times in all.
    """
    job = Job.objects.get(pk=held.id)
    progress = Telling(held)
    try:
        result = RUNNERS[job.task](job, progress)
        progress.write()
    except LeaseLost:
        log.warning("job %s: the lease was lost; what was left of the run is dropped", job.uuid)
        return
    except Cancelled:
        kept = finish(held, Job.State.CANCELLED)
    except ActionError as refused:
        kept = finish(held, Job.State.FAILED, error=str(refused))
    except Exception as error:
        log.exception("job %s (%s), attempt %d", job.uuid, job.task, held.attempts)
        kept = try_again(held, f"{type(error).__name__}: {error}")
    except BaseException:
        # The worker is asked to end: the next one begins at once.
        release(held, error="", pause=0)
        raise
    else:
        kept = finish(held, Job.State.DONE, result=result)
    finally:
        progress.close()
    if not kept:
        log.warning("job %s: the lease was lost; its result is dropped", job.uuid)


def try_again(held: Lease, cause: str) -> bool:
    if held.attempts >= MOST_ATTEMPTS:
        return finish(held, Job.State.FAILED, error=cause)
    return release(held, error=cause, pause=pause_after(held.attempts))
