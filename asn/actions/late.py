"""Goods of a closed notice arrive after all: what was decided about them is undone (PRODUCT §6)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from .. import receiving
from ..models import Asn, AsnLine, Fate, FateDecision, Receipt
from ..receiving.allocation import Taken
from ..receiving.rows import LineRow, Moves
from .session import Session
from .settling import settle


def returning(asn: Asn, lines: Sequence[LineRow]) -> dict[int, int]:
    """Units by line that were to go back to the source and have not arrived there.

    The notices of the way back stay locked; they are younger than theirs, so that everybody
    locks in one order.
    """
    sent_back = {line.id: line for line in lines if line.returned}
    if not sent_back:
        return {}
    there: dict[tuple[int, str], int] = defaultdict(int)
    for line in back_lines(asn):
        there[line.product_id, line.carton_id] += line.in_transit
    return {
        line.id: min(line.returned, there[line.product_id, line.carton_id])
        for line in sent_back.values()
    }


def back_lines(asn: Asn) -> list[AsnLine]:
    """Lines of the way back that are still under way, their notices locked."""
    ways = Asn.objects.select_for_update(no_key=True).filter(returns=asn).order_by("pk")
    children = [child.pk for child in ways]
    return list(
        AsnLine.objects.filter(asn__in=children, in_transit__gt=0)
        .select_related("asn")
        .order_by("asn_id", "pk")
    )


def never_went_back(
    asn: Asn, units: dict[tuple[int, str], int], session: Session, now: datetime
) -> None:
    """Units by product and carton that were to go back: the way back never began for them."""
    moves, touched = Moves(), {}
    for line in back_lines(asn):
        key = (line.product_id, line.carton_id)
        quantity = min(units.get(key, 0), line.in_transit)
        if quantity:
            units[key] -= quantity
            moves.add(line.pk, Fate.DECIDE_LATER.column, -quantity)
            moves.add(line.pk, Fate.NEVER_SHIPPED.column, quantity)
            touched[line.asn_id] = line.asn
    receiving.apply(moves)
    for child in touched.values():
        settle(child, session.by, session.associate, session.key, now)


def undo(
    asn: Asn, taken: Sequence[Taken], session: Session, receipt: Receipt, now: datetime
) -> None:
    """Write down which fates this receipt undid, and stop what was on its way back."""
    undone = [
        (one, one.line.id, part.fate, part.quantity)
        for one in taken
        for part in one.parts
        if part.fate and one.line
    ]
    FateDecision.objects.bulk_create(
        FateDecision(
            operation_key=session.key,
            asn=asn,
            line_id=line_id,
            before=fate,
            quantity=quantity,
            decided_at=now,
            by=session.by,
            associate_id=session.associate,
            receipt=receipt,
        )
        for _one, line_id, fate, quantity in undone
    )
    back: dict[tuple[int, str], int] = defaultdict(int)
    for one, _line_id, fate, quantity in undone:
        if fate == Fate.RETURN:
            back[one.product_id, one.carton_id] += quantity
    if back:
        never_went_back(asn, back, session, now)
