"""EDIFACT DESADV, despatch advice, as EANCOM D.96A and later write it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message
from omnichannel.imports.edi.segments import Segment

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

# BGM 1225: confirmation, duplicate, original, copy; nothing told is an original.
NEW = ("", "6", "7", "9", "31")
# 7143.
RANKS = {
    **dict.fromkeys(("IN", "BP"), OURS),
    **dict.fromkeys(("EN", "SRV", "UP", "EU"), GTIN),
    **dict.fromkeys(("SA", "MF", "VN"), THEIRS),
}
# 6411; a quantity without a unit is in units.
UNITS = ("", "PCE", "EA", "H87", "C62", "NAR", "PR")
SENDERS, RECEIVERS = ("SF", "SU", "SE"), ("DP", "ST")
SHIPPED, WRITTEN, EXPECTED = ("11", "137", "17")
DESPATCHED = "12"
# 2379 → how many digits are the day.
DAYS = {"101": 6, "102": 8, "203": 8, "204": 8}


@dataclass
class Pack:
    """A CPS: the cartons that it stands for, and the one that it is in."""

    parent: "Pack | None" = None
    cartons: list[tuple[Segment, str]] = field(default_factory=list)

    def nearest(self) -> list[tuple[Segment, str]]:
        if self.cartons or self.parent is None:
            return self.cartons
        return self.parent.nearest()


@dataclass
class Item:
    """A LIN and what belongs to it."""

    lin: Segment
    pack: Pack
    codes: list[Code] = field(default_factory=list)
    quantity: Segment | None = None
    po_number: str = ""
    cartons: list[tuple[Segment, str]] = field(default_factory=list)


class Reader:
    """One message from its beginning to its end."""

    def __init__(self, message: Message) -> None:
        self.head = Notice(message.first.number, "UNH")
        self.message = message
        self.times: dict[str, Segment] = {}
        self.parties: dict[str, Party] = {}
        self.po_number = ""
        self.packs: dict[str, Pack] = {}
        self.pack = Pack()
        self.items: list[Item] = []

    def read(self) -> None:
        takers = {
            "BGM": self.take_bgm,
            "DTM": self.take_dtm,
            "RFF": self.take_rff,
            "NAD": self.take_nad,
            "CPS": self.take_cps,
            "GIN": self.take_gin,
            "LIN": self.take_lin,
            "PIA": self.take_pia,
            "QTY": self.take_qty,
        }
        for segment in self.message.segments:
            if segment.tag in takers:
                takers[segment.tag](segment)

    @property
    def is_in_head(self) -> bool:
        return not self.packs and not self.items

    @property
    def item(self) -> Item | None:
        """The line that is being read."""
        return self.items[-1] if self.items and self.items[-1].pack is self.pack else None

    def take_bgm(self, bgm: Segment) -> None:
        self.head.number = bgm.get(2)
        if not self.head.number:
            self.head.refuse(bgm, "", _("BGM has no number of the despatch advice."))
        if bgm.get(3) not in NEW:
            cause = _(
                "Function %s of BGM is no new shipment; cancelled or changed ones are not read."
            )
            fix = _("Close the ASN instead, or change what is there.")
            self.head.refuse(bgm, self.head.number, cause % bgm.get(3)[:16], fix)

    def take_dtm(self, dtm: Segment) -> None:
        if self.is_in_head:
            self.times[dtm.get(1, 1)] = dtm

    def take_rff(self, rff: Segment) -> None:
        if rff.get(1, 1) != "ON":
            return
        if self.item:
            self.item.po_number = rff.get(1, 2)
        elif self.is_in_head:
            self.po_number = rff.get(1, 2)

    def take_nad(self, nad: Segment) -> None:
        if self.is_in_head:
            role = nad.get(1)
            self.parties[role] = Party(
                nad.number, "NAD", role, nad.get(2), nad.get(4) or nad.get(3)
            )

    def take_cps(self, cps: Segment) -> None:
        number, above = cps.get(1), cps.get(2)
        if number in self.packs:
            cause = _("The hierarchy is broken: its number %s was there before.")
            self.head.refuse(cps, number, cause % number, _("Ask the sender to mend it."))
        if above and above not in self.packs:
            cause = _("The hierarchy is broken: its parent %s did not come before it.")
            self.head.refuse(cps, number, cause % above, _("Ask the sender to mend it."))
        self.pack = self.packs[number] = Pack(self.packs.get(above))

    def take_gin(self, gin: Segment) -> None:
        if gin.get(1) != "BJ":
            return
        cartons = self.item.cartons if self.item else self.pack.cartons
        for at in range(2, len(gin.elements) + 1):
            if gin.get(at, 2):
                shown = f"{gin.get(at)}–{gin.get(at, 2)}"
                self.head.warn(gin, shown, _("A range of cartons is not read; name each of them."))
            elif gin.get(at):
                cartons.append((gin, gin.get(at)))

    def take_lin(self, lin: Segment) -> None:
        self.items.append(Item(lin, self.pack))
        self.name(lin.get(3, 1), lin.get(3, 2))

    def take_pia(self, pia: Segment) -> None:
        for at in range(2, len(pia.elements) + 1):
            self.name(pia.get(at, 1), pia.get(at, 2))

    def name(self, value: str, kind: str) -> None:
        if self.item and value and kind in RANKS:
            self.item.codes.append(Code(kind, value, RANKS[kind]))

    def take_qty(self, qty: Segment) -> None:
        if self.item and qty.get(1, 1) == DESPATCHED:
            self.item.quantity = qty


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
        warnings=list(head.warnings),
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
        notice.lines.append(Line(item.lin.number, item.lin.tag, codes, units, carton))


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
    marks = item.cartons or item.pack.nearest()
    for gin, carton in marks:
        check_carton(notice, gin, carton)
    cartons = [carton for _gin, carton in marks]
    alike = spread(quantity, cartons)
    if alike is None:
        cause = _(
            "How many of its %(units)d units are in which of its %(cartons)d cartons is not told."
        )
        notice.warn(item.lin, cartons[0], cause % {"units": quantity, "cartons": len(cartons)})
        alike = [("", quantity)]
    return iter(alike)
