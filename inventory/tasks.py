from celery import shared_task
from django.db import transaction

from . import actions


# It reads the whole ledger, so the limits of a short task do not fit; run twice, it reads twice.
@shared_task(name="inventory.verify_ledger", soft_time_limit=3_300, time_limit=3_600)
def verify_ledger() -> None:
    actions.verify_ledger()


@shared_task(name="inventory.notice_expired")
def notice_expired() -> None:
    with transaction.atomic(durable=True):
        actions.notice_expired()
