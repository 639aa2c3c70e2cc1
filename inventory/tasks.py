from celery import shared_task

from . import actions


# It reads the whole ledger, so the limits of a short task do not fit; run twice, it reads twice.
@shared_task(name="inventory.verify_ledger", soft_time_limit=3_300, time_limit=3_600)
def verify_ledger() -> None:
    actions.verify_ledger()
