from celery import shared_task
from django.core.management import call_command

# Long enough to look into an attack, short enough not to keep addresses of people.
KEPT_DAYS = 90


@shared_task(name="accounts.forget_the_past")
def forget_the_past() -> None:
    """Ended sessions, and sign-in records older than KEPT_DAYS; run twice, nothing is left to do."""
    call_command("clearsessions")
    call_command("axes_reset_logs", age=KEPT_DAYS)
