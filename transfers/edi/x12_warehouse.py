"""What the warehouse messages of X12 have in common: parties, dates, items and totals."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message
from omnichannel.imports.edi.papers import (
    MOST_CODES,
    THEIRS,
    Clock,
    Code,
    Line,
    Paper,
    Party,
    check_codes,
    day_of,
    moment_of,
    units_of,
)
from omnichannel.imports.edi.segments import Segment
from omnichannel.imports.edi.x12_goods import codes_at, quantity_at

# Of ISA.
SENDER, WRITTEN_ON, WRITTEN_AT, CONTROL = 6, 9, 10, 13
MOST_SEGMENTS_OF_A_HEAD = 200
LONGEST_KEY = 160


class Read:
    """The segments of a message by where they stand: before the first item, and all of them."""

    def __init__(self, message: Message, items: Sequence[str]) -> None:
        self.message, self.segments = message, message.segments[1:-1]
        first = next(
            (at for at, one in enumerate(self.segments) if one.tag in {*items, "LX"}),
            len(self.segments),
        )
        self.head = self.segments[: min(first, MOST_SEGMENTS_OF_A_HEAD)]

    def first(self, tag: str) -> Segment | None:
        return next((one for one in self.segments if one.tag == tag), None)

    def all(self, tag: str) -> Iterator[Segment]:
        return (one for one in self.segments if one.tag == tag)

    def parties(self, *roles: str) -> list[Party]:
        """Of the head, in the order of `roles`; of each role the first."""
        found: dict[str, Party] = {}
        for n1 in (one for one in self.head if one.tag == "N1"):
            party = Party(n1.number, "N1", n1.get(1), n1.get(4), n1.get(2))
            found.setdefault(party.role, party)
        return [found[role] for role in roles if role in found]

    def day(self, *kinds: str) -> Segment | None:
        """The first of these G62 dates that is told, in the order of `kinds`."""
        told = {one.get(1): one for one in self.head if one.tag == "G62"}
        return next((told[kind] for kind in kinds if kind in told), None)

    def reference(self, *kinds: str) -> str:
        """The first of these N9 references of the head that is told."""
        told = {one.get(1): one.get(2) for one in self.head if one.tag == "N9"}
        return next((told[kind] for kind in kinds if told.get(kind)), "")

    @property
    def written(self) -> Clock | None:
        """When the interchange was written."""
        isa = self.message.interchange
        at = moment_of(isa.get(WRITTEN_ON), isa.get(WRITTEN_AT)) or moment_of(isa.get(WRITTEN_ON))
        return Clock(at) if at else None

    def key(self, *parts: str) -> str:
        """Names the message by its sender and by what its sender calls it.

        A message that has no number of its own is named by its control numbers.
        """
        isa = self.message.interchange
        if not any(parts):
            parts = (isa.get(CONTROL), self.message.number)
        key = ":".join([self.message.type, isa.get(SENDER), *parts])
        if len(key) > LONGEST_KEY:
            key = hashlib.sha256(key.encode()).hexdigest()
        return f"edi:{key}"


def clock_of(day: str, read: Read) -> Clock | None:
    """The beginning of a day, or else when the message was written."""
    at = moment_of(day)
    return Clock(at) if at else read.written


def due_of(segment: Segment | None) -> date | None:
    return day_of(segment.get(2)) if segment else None


def add_item(
    paper: Paper, item: Segment, *, quantity: int, unit: int, upc: int, codes: Sequence[int]
) -> None:
    """One line of an item; the numbers are the elements in which it has what."""
    named = codes_at(item, codes)
    if case := item.get(upc):
        # Of a case in groceries, of the product elsewhere: asked when no other code helps.
        named = (*named, Code("UPC", case, THEIRS))
    if not named:
        paper.refuse(item, "", _("The item names no product in a way that is read."))
        return
    units = quantity_at(paper, item, named[0], quantity=quantity, unit=unit)
    if units is None:
        return
    check_codes(paper, item, named)
    if units:
        paper.add(Line(item.number, item.tag, named[:MOST_CODES], units))


def check_total(paper: Paper, total: Segment | None) -> None:
    """The sender's own sum, where all lines were read."""
    if total is None or paper.errors:
        return
    told, found = units_of(total.get(1)), sum(line.quantity for line in paper.lines)
    if told is not None and told != found:
        cause = _("It sums up to %(told)d units, but its lines hold %(found)d.")
        paper.warn(
            total,
            paper.number,
            cause % {"told": told, "found": found},
            _("Ask the sender whether a line is missing."),
        )


def refuse_empty(paper: Paper, message: Message) -> None:
    if not paper.lines and not paper.errors:
        paper.refuse(message.first, message.number, _("It holds no units of any item."))
