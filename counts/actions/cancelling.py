"""Cancelling: final, without effect on stock; what was scanned stays readable (PRODUCT §7)."""

from collections.abc import Sequence

from django.utils import timezone

from inventory import full_counts
from omnichannel.accounts.models import User
from omnichannel.documents import become

from ..models import Count, RecountRequest, ZoneSession
from .locking import locked


def cancel_counts(*, pks: Sequence[int], by: User) -> list[Count]:
    """All of them or none.

    Raises:
        TransitionNotAllowed: one has ended already; it is named.
    """
    return [cancel(pk, by) for pk in sorted(set(pks))]


def cancel(pk: int, by: User) -> Count:
    count = locked(pk)
    now = timezone.now()
    become(count, Count.Status.CANCELLED, cancelled_at=now, cancelled_by=by)
    open_ones = ZoneSession.objects.filter(count=count, status=ZoneSession.Status.OPEN)
    open_ones.update(status=ZoneSession.Status.DROPPED)
    RecountRequest.objects.filter(
        count=count, done_at__isnull=True, withdrawn_at__isnull=True
    ).update(withdrawn_at=now)
    full_counts.release(count=count.uuid)
    return count
