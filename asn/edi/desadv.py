"""EDIFACT DESADV, despatch advice, as EANCOM D.96A and later write it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message
from omnichannel.imports.edi.papers import (
    Clock,
    Code,
    Line,
    check_codes,
    day_of,
    moment_of,
    units_of,
)
from omnichannel.imports.edi.segments import Segment

from .desadv_segments import Item, Reader
from .notice import Notice, spread

# 6411; a quantity without a unit is in units.
UNITS = ("", "PCE", "EA", "H87", "C62", "NAR", "PR")
SENDERS, RECEIVERS = ("SF", "SU", "SE"), ("DP", "ST")
SHIPPED, WRITTEN, EXPECTED = ("11", "137", "17")
# 2379 → how many digits are the day.
DAYS = {"101": 6, "102": 8, "203": 8, "204": 8}


def notices_of(message: Message) -> list[Notice]:
    """One for each purchase order; of one message with several, each adds its order's number."""
    reader = Reader(message)
    reader.read()
    head = reader.head
    if not head.number and not head.errors:
        head.refuse(message.first, message.number, _("BGM, the number of the advice, is missing."))
    set_times(head, reader)
    if not reader.items:
        head.refuse(message.first, message.number, _("It announces no item."))
    if head.errors:
        return [head]
    found: dict[str, Notice] = {}
    for item in reader.items:
        po_number = item.po_number or reader.po_number
        if po_number not in found:
            found[po_number] = of_order(po_number, item, reader)
        add_item(found[po_number], item)
    # Of cartons, before anybody knew whose they are.
    next(iter(found.values())).warnings.extend(head.warnings)
    for po_number, notice in found.items():
        if len(found) > 1 and po_number:
            notice.number = f"{head.number}-{po_number}"
    return list(found.values())


def of_order(po_number: str, item: Item, reader: Reader) -> Notice:
    head = reader.head
    return Notice(
        head.segment,
        head.tag,
        head.number,
        po_number,
        shipped=head.shipped,
        expected_date=head.expected_date,
        senders=[reader.parties[role] for role in SENDERS if role in reader.parties],
        receivers=[reader.parties[role] for role in RECEIVERS if role in reader.parties],
    )


def set_times(head: Notice, reader: Reader) -> None:
    told = reader.times.get(SHIPPED) or reader.times.get(WRITTEN)
    head.shipped = clock_of(told) if told else None
    if head.shipped is None:
        where = told or reader.message.first
        cause = _("There is no date of despatch in a format that is read (101, 102, 203, 204).")
        head.refuse(where, where.get(1, 2) if told else "", cause)
    if EXPECTED in reader.times:
        due = reader.times[EXPECTED]
        head.expected_date = day_of(due.get(1, 2)[: DAYS.get(due.get(1, 3), 0)])


def clock_of(dtm: Segment) -> Clock | None:
    text, days = dtm.get(1, 2), DAYS.get(dtm.get(1, 3), 0)
    at = moment_of(text[:days], text[days:])
    return Clock(at) if at else None


def add_item(notice: Notice, item: Item) -> None:
    codes = tuple(sorted(item.codes, key=lambda code: code.rank))
    if not codes:
        notice.refuse(item.lin, "", _("The item names no product in a way that is read."))
        return
    quantity = quantity_of(notice, item, codes[0])
    if quantity is None:
        return
    check_codes(notice, item.lin, codes)
    for carton, units in in_cartons(notice, item, quantity):
        notice.add(Line(item.lin.number, item.lin.tag, codes, units, carton))


def quantity_of(notice: Notice, item: Item, code: Code) -> int | None:
    qty = item.quantity
    if qty is None:
        notice.refuse(item.lin, code.value, _("The item has no QTY+12, what was despatched."))
        return None
    quantity, unit = units_of(qty.get(1, 2)), qty.get(1, 3)
    if quantity is None:
        cause = _("%s is no whole number of units.") % (qty.get(1, 2)[:40] or "–")
        notice.refuse(qty, code.value, cause, _("Send 0 or more."))
    elif unit not in UNITS:
        told = {"unit": unit[:16], "known": ", ".join(UNITS[1:])}
        cause = _("The quantity is in %(unit)s, which cannot be counted as units.") % told
        notice.refuse(qty, code.value, cause, _("Send it in %(known)s.") % told)
        return None
    return quantity


def in_cartons(notice: Notice, item: Item, quantity: int) -> Iterator[tuple[str, int]]:
    cartons = item.cartons or item.pack.nearest()
    alike = spread(quantity, cartons)
    if alike is None:
        cause = _(
            "How many of its %(units)d units are in which of its %(cartons)d cartons is not told."
        )
        notice.warn(item.lin, cartons[0], cause % {"units": quantity, "cartons": len(cartons)})
        alike = [("", quantity)]
    return iter(alike)
