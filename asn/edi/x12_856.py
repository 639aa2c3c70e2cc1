"""X12 856, ship notice: one shipment, which becomes as many notices as it has orders."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message
from omnichannel.imports.edi.segments import Segment

from .hierarchy import ITEM, ORDER, PACK, TARE, BrokenTree, Node, tree_of
from .notice import (
    GTIN,
    OURS,
    THEIRS,
    Clock,
    Code,
    Line,
    Notice,
    Party,
    check_carton,
    check_codes,
    day_of,
    moment_of,
    spread,
    units_of,
)

# BSN01: original, confirmation, duplicate, advance notification.
NEW = ("00", "06", "07", "14")
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
SENDERS, RECEIVERS = ("SF", "SH", "SU", "VN"), ("ST",)
SHIPPED, EXPECTED = "011", "017"
UTC_CODES = ("UT", "GM", "Z")


class Mark(NamedTuple):
    segment: Segment
    kind: str
    value: str


def notices_of(message: Message) -> list[Notice]:
    """One for each destination and purchase order; of one shipment with several, each is numbered
    by the shipment's reference and what tells it from the others.
    """
    try:
        before, loops = tree_of(message.segments)
    except BrokenTree as broken:
        notice = Notice(message.first.number, "ST", message.number)
        cause = _("The hierarchy is broken: %s.") % broken.cause
        notice.refuse(broken.segment, broken.segment.get(1), cause, _("Ask the sender to mend it."))
        return [notice]
    head = head_of(message, before, loops)
    if head.errors:
        return [head]
    found: dict[tuple[str, str], Notice] = {}
    for item in (loop for loop in loops if loop.level == ITEM):
        notice = notice_around(item, head, before, found)
        add_item(notice, item)
    if not found:
        head.refuse(message.first, message.number, _("It announces no item."))
        return [head]
    return numbered(found, head)


# ------------------------------------------------------------ the shipment
def head_of(message: Message, before: Node, loops: Sequence[Node]) -> Notice:
    """What all notices of the message have in common."""
    bsn = before.first("BSN")
    notice = Notice(message.first.number, "ST", bsn.get(2) if bsn else "")
    if bsn is None or not notice.number:
        notice.refuse(
            bsn or message.first, message.number, _("BSN02, the shipment's ID, is missing.")
        )
        return notice
    if bsn.get(1) not in NEW:
        cause = _("Purpose %s of BSN01 is no new shipment; cancelled or changed ones are not read.")
        fix = _("Close the ASN instead, or change what is there.")
        notice.refuse(bsn, notice.number, cause % (bsn.get(1) or "–"), fix)
    shipment = [before, *(loop for loop in loops if loop.level not in {ORDER, TARE, PACK, ITEM})]
    times = {dtm.get(1): dtm for node in shipment for dtm in node.all("DTM")}
    told = times.get(SHIPPED)
    notice.shipped = clock_of(told, 2) if told else clock_of(bsn, 3)
    if notice.shipped is None:
        where = told or bsn
        cause = _("There is no date in it that can be read: %s.")
        notice.refuse(
            where, where.get(2 if told else 3), cause % "*".join(e[0] for e in where.elements)
        )
    if EXPECTED in times:
        notice.expected_date = day_of(times[EXPECTED].get(2))
    return notice


def clock_of(segment: Segment, element: int) -> Clock | None:
    """Date, time, and in DTM the code of the time's zone."""
    at = moment_of(segment.get(element), segment.get(element + 1))
    zone = segment.get(element + 2) if segment.tag == "DTM" else ""
    return Clock(at, zone in UTC_CODES) if at else None


# ------------------------------------------------------------ orders
def notice_around(
    item: Node, head: Notice, before: Node, found: dict[tuple[str, str], Notice]
) -> Notice:
    """The notice to which an item belongs: by its order's number and where the order goes."""
    order = item.around(ORDER)
    places = [*item.up(), before]
    receivers = parties(places, RECEIVERS)
    po_number = po_of(order) if order else ""
    key = (receivers[0].id if receivers else "", po_number)
    if key not in found:
        where = order.head if order else None
        found[key] = Notice(
            where.number if where else head.segment,
            where.tag if where else head.tag,
            head.number,
            po_number,
            [ref.get(2) for ref in order.all("REF") if ref.get(1) == "CO"] if order else [],
            head.shipped,
            head.expected_date,
            parties(places, SENDERS),
            receivers,
        )
    return found[key]


def po_of(order: Node) -> str:
    if prf := order.first("PRF"):
        return prf.get(1)
    return next((ref.get(2) for ref in order.all("REF") if ref.get(1) == "PO"), "")


def parties(places: Sequence[Node], roles: Sequence[str]) -> list[Party]:
    """Those of the roles in their order; of each the nearest."""
    found = {}
    for node in reversed(places):
        for n1 in node.all("N1"):
            found[n1.get(1)] = Party(n1.number, "N1", n1.get(1), n1.get(4), n1.get(2))
    return [found[role] for role in roles if role in found]


def numbered(found: dict[tuple[str, str], Notice], head: Notice) -> list[Notice]:
    """A single one has the shipment's own reference; several add order, then destination."""
    notices = list(found.values())
    pos = [notice.po_number for notice in notices]
    for (receiver, po_number), notice in found.items():
        parts = [head.number]
        if len(notices) > 1:
            parts.append(po_number)
        if pos.count(po_number) > 1:
            parts.append(receiver)
        notice.number = "-".join(part for part in parts if part)
    return notices


# ------------------------------------------------------------ items
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
        notice.lines.append(Line(lin.number, lin.tag, codes, units, carton))


def codes_of(lin: Segment) -> Iterator[Code]:
    """Pairs of qualifier and value from LIN02 on, the buyer's first, then GTINs."""
    pairs = [(lin.get(at), lin.get(at + 1)) for at in range(2, len(lin.elements), 2)]
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
        return [(checked(notice, mark), quantity)] if mark else [("", quantity)]
    cartons = [checked(notice, mark) for _pack, mark in packs]
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
        for man in pack.all("MAN")
        for at in (1, 4)
        if man.get(at + 1)
    ]
    known = [mark for mark in marks if mark.kind in MARKS]
    return min(known, key=lambda mark: MARKS.index(mark.kind), default=None)


def checked(notice: Notice, mark: Mark) -> str:
    if mark.kind in SSCCS:
        check_carton(notice, mark.segment, mark.value)
    return mark.value
