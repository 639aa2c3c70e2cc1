"""Goods are there: one session becomes a Receiving transaction, lines, status and events."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory import ledger
from inventory.models import InventoryTransaction
from omnichannel.documents import ActionError
from omnichannel.eventstream import outbox
from omnichannel.locations.models import Configuration

from .. import events, queries, receiving
from ..models import Asn, Receipt
from ..queries import Names
from ..receiving.allocation import Taken
from ..receiving.rows import LineRow
from . import late, receipts
from .refusals import refuse_closed, refuse_stale
from .session import Arrived, Received, Session, check_items, replayed, take_key
from .settling import settle


def receive_items(
    *,
    asn_id: int,
    items: Sequence[Arrived],
    session: Session,
    is_late: bool = False,
    revision: int | None = None,
) -> Received:
    """Receive counted items into `main`, in as many sessions as it takes (PRODUCT §6).

    Runs inside the caller's transaction. Units fill what the lines lack; more is over-received,
    an unannounced product becomes an unexpected line. When no line lacks anything, the notice
    closes by itself. Emits `items_received`, with damage `adjustment_created`, and `asn_closed`.

    Args:
        is_late: they know that the notice is closed; it stays closed, and the fate of these
            units is undone.
        revision: of the notice, as the person saw it.

    Raises:
        AsnClosed: and `is_late` was not said, and the session was not begun before.
        StaleRevision: the notice is not what the person saw.
        OverReceived: more than was shipped, where none is allowed.
        ActionError: no items, a quantity out of range, an unknown product.
        Asn.DoesNotExist
    """
    asn = receiving.lock(asn_id)
    take_key(session.key)
    if done := replayed(session.key, items):
        return done
    names = check_items(items)
    refuse_stale(asn, revision)
    refuse_unless_welcome(asn, session, is_late)
    return take_in(asn, receiving.lines_of(asn, names), items, session, names)


def receive_carton(
    *,
    asn_id: int,
    carton_id: str,
    session: Session,
    is_late: bool = False,
    revision: int | None = None,
) -> Received:
    """Receive everything that a carton still lacks, in one scan.

    Raises:
        ActionError: no such carton, nothing left of it, or items of this notice were scanned
            one by one before (CONTRACT §6).
        AsnClosed, StaleRevision, Asn.DoesNotExist: as `receive_items`.
    """
    asn = receiving.lock(asn_id)
    take_key(session.key)
    if done := replayed(session.key, None):
        return done
    refuse_stale(asn, revision)
    refuse_unless_welcome(asn, session, is_late)
    refuse_after_items(asn, carton_id)
    lines = [line for line in receiving.lines_of(asn) if line.carton_id == carton_id]
    if not carton_id or not lines:
        raise ActionError(
            _("There is no carton %(carton)s on %(asn)s.") % {"carton": carton_id, "asn": asn}
        )
    items = [
        Arrived(line.product_id, line.in_transit, carton_id) for line in lines if line.in_transit
    ]
    if not items:
        raise ActionError(
            _("Carton %(carton)s of %(asn)s was received already.")
            % {"carton": carton_id, "asn": asn}
        )
    names = queries.named([item.product_id for item in items])
    return take_in(asn, lines, items, session, names)


def refuse_unless_welcome(asn: Asn, session: Session, is_late: bool) -> None:
    begun = session.begun
    if is_late or (begun and asn.closed_at and begun.begun_at <= asn.closed_at):
        return
    refuse_closed(asn)


def refuse_after_items(asn: Asn, carton_id: str) -> None:
    by_item = Receipt.objects.filter(asn=asn, kind=Receipt.Kind.ITEMS)
    if by_item.exclude(status=Receipt.Status.CANCELLED).exists():
        raise ActionError(
            _(
                "Carton %(carton)s: items of %(asn)s were scanned one by one already, so it is "
                "not known what of the carton is among them. Scan its items."
            )
            % {"carton": carton_id, "asn": asn}
        )


def take_in(
    asn: Asn,
    lines: Sequence[LineRow],
    items: Sequence[Arrived],
    session: Session,
    names: Names,
) -> Received:
    """Everything that follows from these items, on a notice that is locked."""
    returning = late.returning(asn, lines)
    taken = receiving.spread_all(lines, wanted(items), returning)
    if any(one.over for one in taken) and not Configuration.current().allow_asn_overreceiving:
        receiving.refuse_over_receipt(taken, names)
    added = receiving.apply_arrival(asn, taken)
    posting = ledger.post(header(asn, session), posted(asn, taken))
    now = timezone.now()
    tell(asn, taken, session, posting, now, names)
    damage = receipts.damage(asn.destination_id, items, session, asn.number)
    receipt = receipts.write(
        session,
        asn=asn,
        location_id=asn.destination_id,
        transaction_id=posting.transaction_id,
        is_late=asn.is_closed,
        now=now,
    )
    receipts.write_lines(receipt, taken, added, damage)
    if asn.is_closed:
        late.undo(asn, taken, session, receipt, now)
    settle(asn, session.by, session.associate, session.key, now)
    return Received(receipt, is_replay=False)


def wanted(items: Sequence[Arrived]) -> Mapping[tuple[int, str | None], int]:
    found: dict[tuple[int, str | None], int] = {}
    for item in items:
        key = (item.product_id, item.carton_id)
        found[key] = found.get(key, 0) + item.quantity
    return found


def header(asn: Asn, session: Session) -> ledger.Header:
    return ledger.Header(
        operation_key=f"receive:{session.key}",
        type=InventoryTransaction.Type.RECEIVING,
        location_id=asn.destination_id,
        from_location_id=asn.holder_id or asn.origin_id,
        to_location_id=asn.destination_id,
        associate_id=session.associate,
        by_id=session.by.pk,
        reference=asn.number,
        note=session.note,
        started_at=session.started_at,
        happened_at=session.happened_at,
    )


def posted(asn: Asn, taken: Sequence[Taken]) -> list[ledger.Line]:
    at = receiving.shelves()
    return [
        receiving.arriving(asn, one.product_id, part.quantity, part.fate, at)
        for one in taken
        for part in one.parts
    ]


def tell(
    asn: Asn,
    taken: Sequence[Taken],
    session: Session,
    posting: ledger.Posting,
    now: datetime,
    names: Names,
) -> None:
    units: dict[int, int] = {}
    for one in taken:
        units[one.product_id] = units.get(one.product_id, 0) + one.quantity
    payloads = events.items_received(
        id=posting.uuid,
        location=asn.destination.code,
        associate_id=session.associate,
        processed_at=session.happened_at or now,
        items=queries.items_told(units, names),
        shipment_ref=session.shipment_ref or asn.shipment_ref,
        order_ref=session.order_ref or asn.order_ref,
        asn_id=asn.uuid,
    )
    for payload in payloads:
        outbox.publish(events.ITEMS_RECEIVED, payload, entity_id=str(posting.uuid))
