"""X12 940, warehouse shipping order: a depositor asks a warehouse to send goods."""

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message

from .told import Ordered
from .x12_warehouse import Read, add_item, check_total, clock_of, due_of, refuse_empty

# W0501: original, of a back order, dated ahead, sent again.
NEW = ("N", "B", "S", "T")
# G6201: purchase order; delivery requested, requested ship date.
ORDERED, DUE = ("04",), ("02", "10")
LONGEST_NOTE = 2_000


def orders_of(message: Message) -> list[Ordered]:
    read = Read(message, ["W01"])
    w05 = read.first("W05")
    order = Ordered(message.first.number, "ST", w05.get(2) if w05 else "")
    if w05 is None or not order.number:
        cause = _("W0502, the depositor's order number, is missing.")
        order.refuse(w05 or message.first, message.number, cause)
        return [order]
    if w05.get(1) not in NEW:
        cause = _("Status %s of W0501 is no new order; cancelled or changed ones are not read.")
        fix = _("Close the transfer order instead, and send another one.")
        order.refuse(w05, order.number, cause % (w05.get(1) or "–"), fix)
    ordered = read.day(*ORDERED)
    order.ordered = clock_of(ordered.get(2) if ordered else "", read)
    order.due_date = due_of(read.day(*DUE))
    notes = [one.get(2) for one in read.head if one.tag == "NTE"]
    order.note = "\n".join(note for note in notes if note)[:LONGEST_NOTE]
    order.senders = read.parties("SF", "WH")
    order.receivers = read.parties("ST")
    for item in read.all("W01"):
        add_item(order, item, quantity=1, unit=2, upc=3, codes=(4, 6))
    check_total(order, read.first("W76"))
    refuse_empty(order, message)
    return [order]
