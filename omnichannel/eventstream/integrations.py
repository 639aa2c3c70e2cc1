"""What can be done with an integration; pages and API call these (CONTRACT §3.5)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError, become

from . import outbox
from .addresses import checked
from .models import MOST_INTEGRATIONS, Delivery, Integration, LogEntry
from .nudging import nudge_on_commit
from .sealing import seal
from .signing import new_secret

# How long the secret of before a rotation signs too.
OVERLAP = timedelta(hours=24)
MOST_PREVIOUS = 3
SEALED = ("api_key", "aws_access_key_id", "aws_secret_access_key")


class TooMany(ActionError):
    """The limit of integrations is reached."""


class AlreadyThere(ActionError):
    """Another integration has this ID."""


class Busy(ActionError):
    """Acts that publish are under way; nothing was changed."""


class StillRunning(ActionError):
    """Only a stopped integration can be changed."""


def later(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=seconds)


def one(name: str) -> Integration:
    """
    Raises:
        Integration.DoesNotExist
    """
    return Integration.objects.registered().get(name=name)


def register(name: str, **fields: Any) -> tuple[Integration, str]:
    """A new integration, running, with its signing secret, which is told here and never again.

    A temporary one gets the kept events of its period at once. Runs inside the caller's
    transaction. `fields` are the model's, secrets in plain text (`api_key`, `aws_…`).

    Raises:
        Refused: its address is none that events may go to.
        TooMany, AlreadyThere, Busy
    """
    secret = new_secret()
    refuse_address(fields)
    try:
        outbox.lock_registry()
    except OperationalError as error:
        raise Busy(_("Events are being published just now. Try again in some seconds.")) from error
    if Integration.objects.registered().count() >= MOST_INTEGRATIONS:
        raise TooMany(
            _("There are %d integrations, and no more fit. Delete one first.") % MOST_INTEGRATIONS
        )
    try:
        with transaction.atomic():
            made = Integration.objects.create(
                name=name, sealed_secret=seal(secret), **sealed(fields)
            )
    except IntegrityError as error:
        raise AlreadyThere(
            _("There is an integration %s already. Choose another ID.") % name
        ) from error
    log(made.pk, LogEntry.Action.STARTED, "Registered")
    if made.type == Integration.Type.TEMPORARY:
        outbox.backfill(made)
    nudge_on_commit()
    return made, secret


def refuse_address(fields: dict[str, Any]) -> None:
    """Here and not at the edge: no way of writing an address goes past it (RELIABILITY rule 19)."""
    if "callback_url" in fields:
        checked(fields["callback_url"])


def sealed(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are stored."""
    return {
        f"sealed_{name}" if name in SEALED else name: seal(value) if name in SEALED else value
        for name, value in fields.items()
    }


def change(*, pk: int, **fields: Any) -> Integration:
    """Change target or filters of a stopped integration; events of before keep their deliveries.

    Raises:
        StillRunning, Refused
    """
    refuse_address(fields)
    found = Integration.objects.select_for_update(no_key=True).get(pk=pk)
    if found.status != Integration.Status.STOPPED:
        raise StillRunning(_("Stop %s before you change it.") % found)
    for name, value in sealed(fields).items():
        setattr(found, name, value)
    found.save(update_fields=list(sealed(fields)))
    return found


def start(*, pk: int) -> None:
    """Go on where it stopped: the backlog is sent, its retries begin anew.

    Raises:
        TransitionNotAllowed: it runs, or somebody else was faster.
    """
    found = Integration.objects.registered().select_for_update(no_key=True).get(pk=pk)
    become(found, Integration.Status.RUNNING, failures=0, resume_at=None)
    Delivery.objects.filter(integration=found, state=Delivery.State.PENDING, attempts__gt=0).update(
        attempts=0
    )
    log(pk, LogEntry.Action.STARTED, "Started by a person or the API")
    nudge_on_commit()


def stop(*, pk: int) -> None:
    """Send nothing more; what happens from now on waits.

    Raises:
        TransitionNotAllowed: it is stopped, or somebody else was faster.
    """
    found = Integration.objects.registered().get(pk=pk)
    become(found, Integration.Status.STOPPED)
    log(pk, LogEntry.Action.STOPPED, "Stopped by a person or the API")


def halt(pk: int, reason: str) -> None:
    """Stop a stream because of what its receiver answered; the first reason counts."""
    running = Integration.objects.filter(pk=pk, status=Integration.Status.RUNNING)
    if running.update(status=Integration.Status.STOPPED, failures=0, resume_at=None):
        log(pk, LogEntry.Action.STOPPED, reason)


def log_retry(pk: int, reason: str) -> None:
    log(pk, LogEntry.Action.RETRIED, reason)


def log(pk: int, action: str, reason: str) -> None:
    LogEntry.objects.create(integration_id=pk, action=action, reason=reason[:1_000])


def rotate_secret(*, pk: int) -> str:
    """A new signing secret, told once; the ones of before sign beside it for OVERLAP."""
    found = Integration.objects.registered().select_for_update(no_key=True).get(pk=pk)
    secret, now = new_secret(), timezone.now()
    is_rotating = found.previous_secret_until and found.previous_secret_until > now
    # Whoever repeats a rotation whose answer he lost still has a secret that counts.
    older = found.sealed_previous_secret.split() if is_rotating else []
    found.sealed_previous_secret = " ".join([found.sealed_secret, *older][:MOST_PREVIOUS])
    found.sealed_secret = seal(secret)
    found.previous_secret_until = now + OVERLAP
    found.save(update_fields=["sealed_secret", "sealed_previous_secret", "previous_secret_until"])
    return secret


def delete(*, pk: int) -> None:
    """Forget it with its log and its list; its deliveries are cleared away by the nightly task."""
    Integration.objects.registered().filter(pk=pk).update(
        status=Integration.Status.STOPPED,
        deleted_at=timezone.now(),
        sealed_api_key="",
        sealed_secret="",
        sealed_previous_secret="",
        sealed_aws_access_key_id="",
        sealed_aws_secret_access_key="",
    )


def finish_temporaries(now: datetime) -> None:
    """Stop temporary integrations whose period is over and whose last event is through."""
    running = Integration.objects.registered().filter(
        status=Integration.Status.RUNNING, type=Integration.Type.TEMPORARY, ends_at__lt=now
    )
    for found in running:
        if not Delivery.objects.filter(integration=found, state=Delivery.State.PENDING).exists():
            halt(found.pk, "Every event of its period was sent")
