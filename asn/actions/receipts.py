"""The rows of a receipt, and the adjustment that follows from what was broken in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from inventory import actions as stock
from omnichannel.documents import become

from .. import receiving
from ..models import Asn, Receipt
from ..receiving.allocation import Taken
from .session import Arrived, Session

# Units of a product that were damaged, and the transaction that moved them, by product.
Damage = Mapping[int, tuple[int, int]]


def damage(location_id: int, items: Sequence[Arrived], session: Session, reference: str) -> Damage:
    """Received into `main`, then adjusted away: one adjustment for each reason (PRODUCT §6)."""
    reasons: dict[int, dict[int, int]] = {}
    for item in items:
        if item.damaged and item.reason_id:
            units = reasons.setdefault(item.reason_id, {})
            units[item.product_id] = units.get(item.product_id, 0) + item.damaged
    found: dict[int, tuple[int, int]] = {}
    for reason_id, units in reasons.items():
        done = stock.adjust_stock(
            location_id=location_id,
            reason_id=reason_id,
            lines=[stock.Typed(product, quantity) for product, quantity in units.items()],
            by=session.by,
            key=f"damage:{reason_id}:{session.key}",
            reference=reference,
            note=session.note,
            started_at=session.started_at,
            happened_at=session.happened_at,
            associate_id=session.associate,
            refuse_below_zero=False,
        )
        for product, quantity in units.items():
            before = found.get(product, (0, 0))[0]
            found[product] = (before + quantity, done.document.pk)
    return found


def write(
    session: Session,
    *,
    location_id: int,
    transaction_id: int,
    now: datetime,
    asn: Asn | None = None,
    is_late: bool = False,
    corrects: Receipt | None = None,
) -> Receipt:
    """The receipt, completed; the row of a session that was begun is completed in its place."""
    values: dict[str, Any] = {
        "is_late": is_late,
        "completed_at": now,
        "by": session.by,
        "associate_id": session.associate,
        "note": session.note,
        "transaction_id": transaction_id,
        "carton_id": session.carton_id,
        "shipment_ref": session.shipment_ref,
        "order_ref": session.order_ref,
    }
    if session.begun:
        become(session.begun, Receipt.Status.COMPLETED, **values)
        return session.begun
    return Receipt.objects.create(
        operation_key=session.key,
        asn=asn,
        location_id=location_id,
        kind=session.kind,
        status=Receipt.Status.COMPLETED,
        started_at=session.started_at or session.happened_at or now,
        begun_at=now,
        corrects=corrects,
        **values,
    )


LINES = """
INSERT INTO asn_receiptline
       (receipt_id, line_id, product_id, carton_id, quantity, over, damaged, damage_id)
SELECT %s, * FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::int[], %s::int[], %s::int[],
                         %s::bigint[])
"""
Row = tuple[int | None, int, str, int, int, int, int | None]


def write_lines(
    receipt: Receipt,
    taken: Sequence[Taken],
    added: Mapping[tuple[int, str], int],
    damage: Damage,
) -> None:
    left = dict(damage)
    rows = [row_of(one, added, left) for one in taken]
    lines, products, cartons, quantities, over, damaged, documents = zip(*rows, strict=True)
    numbers = [receiving.integers(one) for one in (lines, products)]
    more = [receiving.integers(one) for one in (quantities, over, damaged, documents)]
    with connection.cursor() as cursor:
        cursor.execute(LINES, [receipt.pk, *numbers, list(cartons), *more])


def row_of(
    one: Taken, added: Mapping[tuple[int, str], int], left: dict[int, tuple[int, int]]
) -> Row:
    """As LINES has it; takes what is damaged of these units out of `left`."""
    line_id = one.line.id if one.line else added.get((one.product_id, one.carton_id))
    here, document = 0, None
    if one.product_id in left and one.quantity > 0:
        units, document = left.pop(one.product_id)
        here = min(units, one.quantity)
        if units > here:
            left[one.product_id] = (units - here, document)
    return (line_id, one.product_id, one.carton_id, one.quantity, one.over, here, document)
