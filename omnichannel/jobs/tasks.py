from datetime import timedelta

from celery import shared_task
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from . import actions, runners
from .models import Job

# Celery knows no "never": lease and cancellation end a job, not a clock.
A_WEEK = 7 * 24 * 60 * 60
KEPT = timedelta(days=30)
SWEEP_SECONDS = 3
SWEEP_LOCK = 7_406_001
# More than a worker has processes brings nothing: each works until nothing is due.
NUDGES_A_SWEEP = 4


# Acknowledged at once: what a killed worker leaves is found by the sweep, not by the broker.
@shared_task(name="jobs.work", acks_late=False, soft_time_limit=A_WEEK, time_limit=A_WEEK)
def work() -> None:
    runners.work()


@shared_task(name="jobs.sweep", expires=SWEEP_SECONDS)
def sweep() -> int:
    """Nudge again for what is queued or lost its worker; how many nudges were sent."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        waiting = Q(state=Job.State.QUEUED, due_at__lte=Now())
        abandoned = Q(state=Job.State.RUNNING, lease_until__lt=Now())
        due = Job.objects.filter(waiting | abandoned)[:NUDGES_A_SWEEP].count()
    for _number in range(due):
        actions.nudge()
    return due


@shared_task(name="jobs.forget_the_past")
def forget_the_past() -> None:
    ended = Job.objects.exclude(state__in=Job.OPEN)
    ended.filter(finished_at__lt=Now() - KEPT).delete()
