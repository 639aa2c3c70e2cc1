"""Activating a full count: a worker takes the snapshot (PRODUCT §7, DESIGN §6)."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError, TransitionNotAllowed
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job

from .. import snapshots
from ..models import Count
from .locking import locked


def activate_count(*, pk: int, by: User) -> Job:
    """Ask a worker for the snapshot; asked again, it is the same job, begun anew if it had failed.

    Raises:
        TransitionNotAllowed: it is active already, or has ended.
        ActionError: no full count, no longer our stock, or another one is active in the store,
            which is named.
    """
    count = locked(pk)
    if not count.is_full:
        raise ActionError(_("%s is a cycle count; it begins when somebody counts.") % count)
    if count.status != Count.Status.PENDING:
        raise TransitionNotAllowed(
            _("%(count)s is %(status)s and cannot be activated.")
            % {"count": count, "status": count.get_status_display()}
        )
    if not count.location.is_inventory_master:
        raise ActionError(
            _("Stock of %s is kept by the ERP; a full count cannot set it.") % count.location
        )
    if not count.activation_requested_at:
        claim(count, by)
    return begin(snapshots.TASK, count, by, _("Snapshot for %s") % count)


def claim(count: Count, by: User) -> None:
    """The store's one active full count is this one.

    Raises:
        ActionError: it is another one, which is named.
    """
    try:
        with transaction.atomic():
            Count.objects.filter(pk=count.pk).update(
                activation_requested_at=timezone.now(), activation_requested_by=by
            )
    except IntegrityError as error:
        first = Count.objects.active_full().filter(location=count.location_id).first()
        raise ActionError(
            _("In %(store)s the full count %(count)s is active. Complete or cancel it first.")
            % {"store": count.location, "count": first or "?"}
        ) from error


def begin(task: str, count: Count, by: User | None, label: str) -> Job:
    """The count's job of this kind, queued again if it had failed or was cancelled."""
    job = jobs.start(task, params={"count": count.pk}, owner=by, key=str(count.uuid), label=label)
    if job.state in (Job.State.FAILED, Job.State.CANCELLED):
        jobs.retry(pk=job.pk)
        job.refresh_from_db()
    return job
