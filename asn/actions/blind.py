"""Goods without a notice: received by the reference on the parcel (PRODUCT §6)."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory import ledger
from inventory.models import InventoryTransaction
from omnichannel.documents import ActionError
from omnichannel.eventstream import outbox
from omnichannel.locations.models import FulfillmentLocation

from .. import events, queries, receiving
from ..models import Asn, ReceiptMatch
from ..queries import Names
from ..receiving.allocation import Part, taken_of
from . import receipts
from .refusals import AsnOffered
from .session import Arrived, Received, Session, check_items, replayed, summed, take_key


def receive_blind(*, location_id: int, items: Sequence[Arrived], session: Session) -> Received:
    """Receive into `main` with a shipment or an order reference in place of a notice.

    Runs inside the caller's transaction. Emits `items_received`. If a reference is the number,
    purchase order, carton or order of an open notice for this location, that one is offered;
    `session.note` is the reason to go past it, and then receipt and notice name each other.

    Raises:
        AsnOffered: a notice matches, and no reason was given.
        ActionError: no reference, no items, a quantity out of range, an unknown product.
    """
    take_key(session.key)
    if done := replayed(session.key, items):
        return done
    names = check_items(items)
    references = [text for text in (session.shipment_ref, session.order_ref) if text.strip()]
    if not references:
        raise ActionError(_("Goods without an ASN need a shipment or an order reference."))
    matches = queries.matching_asns(location_id, references)
    if matches and not session.note.strip():
        raise offered(matches)
    units = summed(items)
    at = receiving.shelves()
    typed = [ledger.Line(product, quantity, None, at.main) for product, quantity in units.items()]
    posting = ledger.post(header(location_id, session, references[0]), typed)
    now = timezone.now()
    tell(location_id, units, session, posting, names)
    damage = receipts.damage(location_id, items, session, references[0])
    receipt = receipts.write(
        session, location_id=location_id, transaction_id=posting.transaction_id, now=now
    )
    taken = [
        taken_of(None, product, "", [Part(None, quantity)]) for product, quantity in units.items()
    ]
    receipts.write_lines(receipt, taken, {}, damage)
    ReceiptMatch.objects.bulk_create(ReceiptMatch(receipt=receipt, asn=asn) for asn in matches)
    return Received(receipt, is_replay=False)


def offered(matches: Sequence[Asn]) -> AsnOffered:
    numbers = ", ".join(asn.number for asn in matches)
    return AsnOffered(
        _(
            "These goods are announced: ASN %(numbers)s. Receive against it, or give the reason "
            "why not."
        )
        % {"numbers": numbers},
        matches,
    )


def header(location_id: int, session: Session, reference: str) -> ledger.Header:
    return ledger.Header(
        operation_key=f"receive:{session.key}",
        type=InventoryTransaction.Type.RECEIVING,
        location_id=location_id,
        to_location_id=location_id,
        associate_id=session.associate,
        by_id=session.by.pk,
        reference=reference,
        note=session.note,
        started_at=session.started_at,
        happened_at=session.happened_at,
    )


def tell(
    location_id: int,
    units: dict[int, int],
    session: Session,
    posting: ledger.Posting,
    names: Names,
) -> None:
    payloads = events.items_received(
        id=posting.uuid,
        location=FulfillmentLocation.objects.get(pk=location_id).code,
        associate_id=session.associate,
        processed_at=session.happened_at or timezone.now(),
        items=queries.items_told(units, names),
        shipment_ref=session.shipment_ref,
        order_ref=session.order_ref,
    )
    for payload in payloads:
        outbox.publish(events.ITEMS_RECEIVED, payload, entity_id=str(posting.uuid))
