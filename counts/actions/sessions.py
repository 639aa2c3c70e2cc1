"""One associate goes through one zone, from opening it to completing it (PRODUCT §7)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory import full_counts
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError, TransitionNotAllowed, become

from ..models import Count, CountZone, ZoneSession
from .accepting import accept
from .locking import Status, in_progress, locked, refuse_completing
from .zones import met_zone

# Who was not heard of for so long has put the device away: anybody may take the zone over.
SILENCE = timedelta(minutes=5)
Session = ZoneSession.Status


class Opened(NamedTuple):
    """`taken_from` is the associate who held the zone before, empty where nobody did."""

    session: ZoneSession
    is_resumed: bool
    taken_from: str


def open_zone(
    *,
    pk: int,
    zone: str,
    by: User,
    associate_id: str = "",
    product_id: int | None = None,
    age: float = 0,
    is_typed: bool = False,
    may_take_over: bool = False,
) -> Opened:
    """Begin to count a zone, or one product in it; a cycle count begins with it and has no zones.

    Args:
        zone: the text of its code; one that nobody planned is made. Of a cycle count: ignored.
        product_id: only this product is counted again (primary key).
        age: seconds since it was opened on a device that was offline.
        is_typed: the name was typed and not scanned.
        may_take_over: he may take the zone from an associate who is at it.

    Raises:
        TransitionNotAllowed: the count is not active, or has ended.
        CountedNow: a cycle count where a full count runs.
        ActionError: somebody else is counting this zone, or zones may not be typed.
    """
    associate = associate_id or by.associate
    count = begun(pk, associate, age)
    if count.is_full and is_typed and not settings.COUNT_TYPED_ZONES:
        raise ActionError(_("Scan the code of the zone; names are not typed here."))
    found = met_zone(count, zone)
    held = lock_open_session(found)
    if held:
        return taken(held, by, associate, may_take_over)
    last = found.sessions.aggregate(last=Max("number"))["last"] or 0
    session = ZoneSession.objects.create(
        count=count,
        zone=found,
        number=last + 1,
        product_id=product_id,
        by=by,
        associate_id=associate,
        opened_at=moment(count, age),
        heartbeat_at=timezone.now(),
    )
    return Opened(session, is_resumed=False, taken_from="")


def begun(pk: int, associate: str, age: float) -> Count:
    """The count under lock, begun if it is a cycle count that nobody began."""
    count = locked(pk)
    if count.is_full or count.status != Status.PENDING:
        return in_progress(pk)
    full_counts.refuse_while_counted(count.location_id, [count.stock_location_id])
    started = timezone.now() - timedelta(seconds=max(age, 0))
    become(count, Status.IN_PROGRESS, started_at=started, associate_id=associate)
    return count


def moment(count: Count, age: float) -> datetime:
    """When it was on the device, never before the count began."""
    told = timezone.now() - timedelta(seconds=max(age, 0))
    return max(told, count.started_at) if count.started_at else told


def lock_open_session(zone: CountZone) -> ZoneSession | None:
    rows = ZoneSession.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(zone=zone, status=Session.OPEN).select_related("zone").first()


def taken(held: ZoneSession, by: User, associate: str, may_take_over: bool) -> Opened:
    """His own zone again, or another's that he takes over.

    Raises:
        ActionError: the other one is at it, and he may not.
    """
    now = timezone.now()
    if (held.by_id, held.associate_id) == (by.pk, associate):
        held.heartbeat_at = now
        held.save(update_fields=["heartbeat_at"])
        return Opened(held, is_resumed=True, taken_from="")
    before = held.associate_id
    if not may_take_over and now - held.heartbeat_at < SILENCE:
        raise ActionError(
            _("%(associate)s is counting here. Choose another zone, or let a manager take it over.")
            % {"associate": before}
        )
    held.by, held.associate_id, held.taken_over_at, held.heartbeat_at = by, associate, now, now
    held.save(update_fields=["by", "associate_id", "taken_over_at", "heartbeat_at"])
    return Opened(held, is_resumed=True, taken_from=before)


def keep_alive(*, pk: int, by: User) -> None:
    """The device is at it still.

    Raises:
        ActionError: the session is over, or somebody else has taken it.
    """
    mine = ZoneSession.objects.filter(pk=pk, by=by, status=Session.OPEN)
    if not mine.update(heartbeat_at=timezone.now()):
        raise ActionError(_("This zone is not yours any more. What you scanned is kept."))


def own_session(pk: int, by: User) -> tuple[Count, ZoneSession]:
    """The open session of his, under lock, the count's row first.

    Raises:
        TransitionNotAllowed: it was completed or dropped before, or the count has ended.
        ActionError: it is somebody else's.
    """
    known = ZoneSession.objects.only("count_id").get(pk=pk)
    count = in_progress(known.count_id, shared=True)
    rows = ZoneSession.objects.select_for_update(no_key=True, of=("self",))
    session = rows.select_related("zone").get(pk=pk)
    if session.status != Session.OPEN:
        raise TransitionNotAllowed(
            _("%(zone)s is %(status)s already. Open it again to recount it.")
            % {"zone": session.zone, "status": session.get_status_display()}
        )
    if session.by_id != by.pk:
        raise ActionError(_("%s is counting here now.") % session.associate_id)
    return count, session


def complete_zone(*, pk: int, by: User, age: float = 0) -> ZoneSession:
    """Accept what this session saw; it takes the place of earlier sessions, which are kept.

    Raises:
        TransitionNotAllowed: it is over already.
        ActionError: more was taken back of a product than was scanned, which is named.
    """
    count, session = own_session(pk, by)
    accept(session, max(moment(count, age), session.opened_at))
    return session


def drop_session(*, pk: int, by: User, may_take_over: bool = False) -> ZoneSession:
    """End a session without accepting it; what was counted before stays, scans are kept.

    Raises:
        TransitionNotAllowed: it is over already.
        ActionError: it is somebody else's.
    """
    known = ZoneSession.objects.select_related("count").get(pk=pk)
    refuse_completing(locked(known.count_id, shared=True))
    session = ZoneSession.objects.select_for_update(no_key=True).get(pk=pk)
    if session.by_id != by.pk and not may_take_over:
        raise ActionError(_("%s is counting here now.") % session.associate_id)
    become(session, Session.DROPPED)
    return session
