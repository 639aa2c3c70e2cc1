"""Which counts and sessions a phone may open, and what a blind count keeps from it (PRODUCT §7)."""

from typing import Any

from django.db.models import Q, QuerySet

from omnichannel.accounts.models import User
from omnichannel.web.details import one

from .. import permissions
from ..models import Count, ZoneSession
from ..models.documents import CountQuerySet

ENDED = (Count.Status.COMPLETED, Count.Status.CANCELLED)


def on_phones(user: Any) -> CountQuerySet:
    """Counts of his stores; a full count that is not active is not there at all."""
    seen: CountQuerySet = Count.objects.visible_to(user)
    waits = Q(type=Count.Type.FULL, status=Count.Status.PENDING)
    return seen.exclude(waits).select_related("location", "stock_location")


def count_of(user: Any, asked: Any) -> Count:
    """The count, or 404: also for what lies outside his stores."""
    found: Count = one(on_phones(user), uuid=asked)
    return found


def session_of(user: Any, asked: Any) -> ZoneSession:
    """The session, or 404."""
    rows: QuerySet = ZoneSession.objects.filter(count__in=on_phones(user))
    related = ("count", "count__location", "count__stock_location", "zone", "product", "by")
    found: ZoneSession = one(rows.select_related(*related), uuid=asked)
    return found


def work_of(count: Count) -> str:
    """What the configuration calls it."""
    return "full_counts" if count.is_full else "counts"


def is_his(session: ZoneSession, user: User) -> bool:
    """He is at it just now."""
    mine = (session.by_id, session.associate_id) == (user.pk, user.associate)
    return mine and session.status == ZoneSession.Status.OPEN


def may_take_over(user: Any) -> bool:
    return user.has_perm(permissions.COMPLETE_CYCLE_COUNTS)


def decides(user: Any, count: Count) -> bool:
    """Who counted a cycle count reviews it too; of a blind one only who may complete counts."""
    return user.has_perm(permissions.COMPLETE_CYCLE_COUNTS) or not (count.is_full or count.is_blind)
