"""The stock of a decision: adjustments at the holder's, one for each way that units go."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from inventory import events as stock_events
from inventory import ledger
from inventory.models import AdjustmentReason, InventoryTransaction
from omnichannel.eventstream import outbox

from .. import queries, receiving
from ..models import Asn, Fate
from ..receiving.rows import LineRow
from .deciding import Deciding, Move

# As the stream and the list of transactions call it; not offered to anybody who adjusts.
REASON_TYPE = "ASN"
REASONS = {
    Fate.DECIDE_LATER: "Back in transit",
    Fate.NEVER_SHIPPED: "Never shipped",
    Fate.LOST: "Lost in transit",
    Fate.DAMAGED: "Damaged in transit",
    Fate.ELSEWHERE: "Received elsewhere",
    Fate.RETURN: "Return to source",
}


class Key(NamedTuple):
    before: Fate
    after: Fate


def post_fates(
    asn: Asn, lines: Mapping[int, LineRow], moves: Sequence[Move], deciding: Deciding
) -> dict[Key, int]:
    """The transactions by the way that units went; none where stock stays as it is."""
    at = receiving.shelves()
    groups: dict[Key, list[ledger.Line]] = {}
    for move in moves:
        product_id = lines[move.line_id].product_id
        line = receiving.between(asn, product_id, move.quantity, move.before, move.after, at)
        if line:
            groups.setdefault(Key(move.before, move.after), []).append(line)
    return {way: post_one(asn, way, typed, deciding) for way, typed in sorted(groups.items())}


def post_one(asn: Asn, way: Key, typed: list[ledger.Line], deciding: Deciding) -> int:
    assert asn.holder_id is not None
    source, target = typed[0].from_stock_location_id, typed[0].to_stock_location_id
    reason, _made = AdjustmentReason.objects.get_or_create(
        type=REASON_TYPE,
        subtype=REASONS[way.after],
        defaults={"origin_id": source, "destination_id": target, "is_active": False},
    )
    header = ledger.Header(
        operation_key=f"fate:{asn.uuid}:{way.before}:{way.after}:{deciding.key}",
        type=InventoryTransaction.Type.ADJUSTMENT,
        location_id=asn.holder_id,
        associate_id=deciding.associate,
        by_id=deciding.by.pk,
        from_stock_location_id=source,
        to_stock_location_id=target,
        reason_id=reason.pk,
        reference=asn.number,
        note=deciding.note,
    )
    # Only what was put back on a shelf can be missing there; in transit is what the notice says.
    posting = ledger.post(header, typed, refuse_below_zero=way.before == Fate.NEVER_SHIPPED)
    document = InventoryTransaction.objects.select_related("location").get(
        pk=posting.transaction_id
    )
    for payload in stock_events.adjustment_created(
        document, reason.type, reason.subtype, queries.lines_told(typed)
    ):
        outbox.publish(stock_events.ADJUSTMENT_CREATED, payload, entity_id=str(document.uuid))
    return document.pk
