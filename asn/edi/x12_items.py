"""The items of an 856: what each is, how many units of it, and in which cartons."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.imports.edi.papers import MOST_CODES, Line, carton_of, check_codes, units_of
from omnichannel.imports.edi.segments import Segment
from omnichannel.imports.edi.x12_goods import codes_at, quantity_at

from .hierarchy import PACK, TARE, Node
from .notice import Notice, spread

# MAN01, the best first: SSCC-18, its older name, the code of the case, the carrier's number.
MARKS = ("GM", "AA", "UC", "CP")
SSCCS = MARKS[:2]


class Mark(NamedTuple):
    segment: Segment
    kind: str
    value: str


def add_item(notice: Notice, item: Node) -> None:
    lin, sn1 = item.first("LIN"), item.first("SN1")
    if lin is None or sn1 is None:
        lacking = "SN1" if lin else "LIN"
        notice.refuse(lin or item.head, item.head.get(1), _("The item has no %s.") % lacking)
        return
    codes = codes_at(lin, range(2, len(lin.elements), 2))
    if not codes:
        notice.refuse(lin, "", _("The item names no product in a way that is read."))
        return
    quantity = quantity_at(notice, sn1, codes[0], quantity=2, unit=3)
    if quantity is None:
        return
    check_codes(notice, lin, codes)
    for carton, units in in_cartons(notice, item, sn1, quantity):
        notice.add(Line(lin.number, lin.tag, codes, units, carton))


def in_cartons(notice: Notice, item: Node, sn1: Segment, quantity: int) -> list[tuple[str, int]]:
    """In packs around the item (pick and pack), or in packs within it (standard cartons)."""
    packs = [
        (pack, mark) for pack in item.children if pack.level == PACK if (mark := mark_of(pack))
    ]
    if not packs:
        around = (mark_of(node) for node in item.up() if node.level in {PACK, TARE})
        mark = next((mark for mark in around if mark), None)
        return [(text_of(notice, mark), quantity)] if mark else [("", quantity)]
    cartons = [text_of(notice, mark) for _pack, mark in packs]
    told = [units_of(own.get(2)) for pack, _mark in packs if (own := pack.first("SN1"))]
    if len(told) == len(packs) and sum(units or 0 for units in told) == quantity:
        return [(carton, units or 0) for carton, units in zip(cartons, told, strict=True)]
    alike = spread(quantity, cartons) if not told else None
    if alike is None:
        cause = _(
            "How many of its %(units)d units are in which of its %(cartons)d cartons is not told."
        )
        notice.warn(sn1, cartons[0], cause % {"units": quantity, "cartons": len(cartons)})
        return [("", quantity)]
    return alike


def mark_of(pack: Node) -> Mark | None:
    """The best of the marks on a pack, each of two or three elements of MAN."""
    marks = [
        Mark(man, man.get(at), man.get(at + 1))
        for man in pack.all("MAN")[:MOST_CODES]
        for at in (1, 4)
        if man.get(at + 1)
    ]
    known = [mark for mark in marks if mark.kind in MARKS]
    return min(known, key=lambda mark: MARKS.index(mark.kind), default=None)


def text_of(notice: Notice, mark: Mark) -> str:
    return carton_of(notice, mark.segment, mark.value) if mark.kind in SSCCS else mark.value
