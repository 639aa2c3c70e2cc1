"""The items of an 856: what each is, how many units of it, and in which cartons."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.imports.edi.segments import Segment

from .hierarchy import PACK, TARE, Node
from .notice import (
    GTIN,
    MOST_CODES,
    OURS,
    THEIRS,
    Code,
    Line,
    Notice,
    carton_of,
    check_codes,
    spread,
    units_of,
)

# Element 235; what is not named here (lots, order numbers, …) is no name of a product.
RANKS = {
    **dict.fromkeys(("IN", "BP", "CB", "SK", "PI"), OURS),
    **dict.fromkeys(("UP", "EN", "UK"), GTIN),
    **dict.fromkeys(("UA", "UI", "VN", "VP", "VA", "VC", "MG", "IB"), THEIRS),
}
UNITS = ("EA", "PC", "UN", "PR")
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
    codes = tuple(codes_of(lin))
    if not codes:
        notice.refuse(lin, "", _("The item names no product in a way that is read."))
        return
    quantity = quantity_of(notice, sn1, codes[0])
    if quantity is None:
        return
    check_codes(notice, lin, codes)
    for carton, units in in_cartons(notice, item, sn1, quantity):
        notice.add(Line(lin.number, lin.tag, codes, units, carton))


def codes_of(lin: Segment) -> Iterator[Code]:
    """Pairs of qualifier and value from LIN02 on, the buyer's first, then GTINs."""
    pairs = [
        (lin.get(at), lin.get(at + 1)) for at in range(2, min(len(lin.elements), 2 * MOST_CODES), 2)
    ]
    named = [Code(kind, value, RANKS[kind]) for kind, value in pairs if kind in RANKS and value]
    return iter(sorted(named, key=lambda code: code.rank))


def quantity_of(notice: Notice, sn1: Segment, code: Code) -> int | None:
    quantity, unit = units_of(sn1.get(2)), sn1.get(3)
    if quantity is None:
        cause = _("%s is no whole number of units.") % (sn1.get(2)[:40] or "–")
        notice.refuse(sn1, code.value, cause, _("Send 0 or more."))
    elif unit not in UNITS:
        told = {"unit": unit[:16] or "–", "known": ", ".join(UNITS)}
        cause = _("The quantity is in %(unit)s, which cannot be counted as units.") % told
        notice.refuse(sn1, code.value, cause, _("Send it in %(known)s.") % told)
        return None
    return quantity


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
