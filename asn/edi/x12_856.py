"""X12 856, ship notice: one shipment, which becomes as many notices as it has orders."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message
from omnichannel.imports.edi.papers import MOST_CODES, Clock, Party, day_of, moment_of
from omnichannel.imports.edi.segments import Segment

from .hierarchy import ITEM, ORDER, PACK, TARE, BrokenTree, Node, tree_of
from .notice import MOST_ORDER_IDS, Notice
from .x12_items import add_item

# BSN01: original, confirmation, duplicate, advance notification.
NEW = ("00", "06", "07", "14")
SENDERS, RECEIVERS = ("SF", "SH", "SU", "VN"), ("ST",)
SHIPPED, EXPECTED = "011", "017"
UTC_CODES = ("UT", "GM", "Z")


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
    around: dict[int, Notice] = {}
    for item in (loop for loop in loops if loop.level == ITEM):
        # What is around an item is the same for all that lie in it.
        if id(item.parent) not in around:
            around[id(item.parent)] = notice_around(item, head, before, found)
        add_item(around[id(item.parent)], item)
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
    places = [*(item.parent.up() if item.parent else ()), before]
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
            orders_of(order) if order else [],
            head.shipped,
            head.expected_date,
            parties(places, SENDERS),
            receivers,
        )
    return found[key]


def po_of(order: Node) -> str:
    if prf := order.first("PRF"):
        return prf.get(1)
    return next((ref.get(2) for ref in order.all("REF")[:MOST_CODES] if ref.get(1) == "PO"), "")


def orders_of(order: Node) -> list[str]:
    """The customers' orders, where the sender knows them."""
    told = [ref.get(2) for ref in order.all("REF") if ref.get(1) == "CO" and ref.get(2)]
    return told[:MOST_ORDER_IDS]


def parties(places: Sequence[Node], roles: Sequence[str]) -> list[Party]:
    """Those of the roles in their order; of each the nearest."""
    found = {}
    for node in reversed(places):
        for n1 in node.all("N1")[:MOST_CODES]:
            found[n1.get(1)] = Party(n1.number, "N1", n1.get(1), n1.get(4), n1.get(2))
    return [found[role] for role in roles if role in found]


def numbered(found: dict[tuple[str, str], Notice], head: Notice) -> list[Notice]:
    """A single one has the shipment's own reference; several add order, then destination."""
    notices = list(found.values())
    pos = Counter(notice.po_number for notice in notices)
    for (receiver, po_number), notice in found.items():
        parts = [head.number]
        if len(notices) > 1:
            parts.append(po_number)
        if pos[po_number] > 1:
            parts.append(receiver)
        notice.number = "-".join(part for part in parts if part)
    return notices
