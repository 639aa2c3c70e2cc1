"""After every act: totals, revision and status follow from the lines."""

from datetime import datetime
from typing import Any

from omnichannel.accounts.models import User
from omnichannel.documents import become
from omnichannel.eventstream import outbox

from .. import events, receiving
from ..models import Asn

Status = Asn.Status


def settle(asn: Asn, by: User, associate: str, key: str, now: datetime) -> None:
    """Bring a locked notice to what its lines say; it closes when no line lacks anything.

    Over-receipt of one line never makes up for another: every line counts by itself.
    """
    totals = receiving.refresh(asn, now)
    if asn.is_closed:
        return
    if totals.is_complete:
        close(asn, by, associate, key, now, is_forced=False)
        return
    status = Status.PARTIALLY_RECEIVED if totals.received else Status.OPEN
    if status != asn.status:
        become(asn, status, **first_receipt(asn, now))


def first_receipt(asn: Asn, now: datetime) -> dict[str, Any]:
    return {} if asn.first_received_at or not asn.received_total else {"first_received_at": now}


def close(asn: Asn, by: User, associate: str, key: str, now: datetime, *, is_forced: bool) -> None:
    """The one way to Closed, and its one event."""
    become(
        asn,
        Status.CLOSED,
        closed_at=now,
        closed_by=by,
        closed_associate_id=associate,
        is_force_closed=is_forced,
        closing_key=key,
        **first_receipt(asn, now),
    )
    outbox.publish(events.ASN_CLOSED, events.asn_closed(asn), entity_id=str(asn.uuid))
