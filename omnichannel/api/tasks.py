from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now

from omnichannel.accounts import tokens

from .models import IdempotencyKey

# Longer than anybody repeats a call that he had no answer to.
KEPT = timedelta(days=30)


@shared_task(name="api.forget_the_past")
def forget_the_past() -> None:
    """Ended tokens, and keys of acts that moved no stock; run twice, nothing is left to do."""
    tokens.forget_ended()
    IdempotencyKey.objects.filter(is_kept=False, created_at__lt=Now() - KEPT).delete()
