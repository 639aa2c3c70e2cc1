"""Messages out of their envelopes; one that is not whole is refused with its segment and cause.

    X12      ISA  GS   ST … SE  GE   IEA
    EDIFACT  UNB [UNG] UNH … UNT [UNE] UNZ

In both the closing segment repeats the control number and says how much is inside.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from ..archive import Source
from ..rows import BadFile
from .segments import Segment, segments

INTERCHANGE, GROUP, MESSAGE = range(3)
# What may stand between the envelopes: an acknowledgement of an earlier interchange.
BESIDE = {"TA1"}


class Level(NamedTuple):
    """`number` is the element of the opening segment that holds the control number."""

    opens: str
    closes: str
    number: int
    depth: int


LEVELS = (
    Level("ISA", "IEA", 13, INTERCHANGE),
    Level("GS", "GE", 6, GROUP),
    Level("ST", "SE", 2, MESSAGE),
    Level("UNB", "UNZ", 5, INTERCHANGE),
    Level("UNG", "UNE", 5, GROUP),
    Level("UNH", "UNT", 1, MESSAGE),
)
OPENING = {level.opens: level for level in LEVELS}
CLOSING = {level.closes: level for level in LEVELS}
# What an envelope may stand in; EDIFACT knows messages without a group.
INSIDE = {
    "ISA": (None,),
    "GS": ("ISA",),
    "ST": ("GS",),
    "UNB": (None,),
    "UNG": ("UNB",),
    "UNH": ("UNB", "UNG"),
}


@dataclass
class Envelope:
    """One that is open: how much is inside, by the tags of what was opened in it."""

    level: Level
    segment: Segment
    inside: dict[str, int] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)

    @property
    def number(self) -> str:
        return self.segment.get(self.level.number)

    @property
    def count(self) -> int:
        """What the closing segment has to say."""
        if self.level.depth == MESSAGE:
            # With the two of the envelope itself.
            return len(self.segments) + 1
        groups = sum(self.inside.get(tag, 0) for tag in ("GS", "UNG"))
        return groups or sum(self.inside.values())

    def __str__(self) -> str:
        return f"{self.level.opens} {self.number}".strip()


@dataclass(frozen=True)
class Message:
    """A message (X12: transaction set) and the openings of the envelopes around it."""

    interchange: Segment
    segments: list[Segment]

    @property
    def first(self) -> Segment:
        return self.segments[0]

    @property
    def standard(self) -> str:
        return "X12" if self.first.tag == "ST" else "EDIFACT"

    @property
    def type(self) -> str:
        return self.first.get(1) if self.first.tag == "ST" else self.first.get(2)

    @property
    def number(self) -> str:
        return self.first.get(2 if self.first.tag == "ST" else 1)

    @property
    def is_test(self) -> bool:
        """Whether the sender marks the interchange as a test (ISA15, UNB 0035)."""
        if self.interchange.tag == "ISA":
            return self.interchange.get(15) == "T"
        return self.interchange.get(11) == "1"


def messages(source: Source) -> Iterator[Message]:
    """Every message, each as soon as its own envelope is closed.

    Whoever acts on them waits for the end: the envelopes around may still turn out broken.

    Raises:
        BadFile: an envelope is not whole; the text names segment and cause.
    """
    standing: list[Envelope] = []
    for segment in segments(source):
        if segment.tag in OPENING:
            open_one(standing, segment)
        elif segment.tag in CLOSING:
            closed = close_one(standing, segment)
            if closed.level.depth == MESSAGE:
                yield Message(standing[0].segment, closed.segments)
        elif standing and standing[-1].level.depth == MESSAGE:
            standing[-1].segments.append(segment)
        elif segment.tag not in BESIDE:
            raise broken(segment, _("it stands in no message"))
    if standing:
        inner = standing[-1]
        raise BadFile(
            _("The file ends before %(closes)s has closed %(what)s, which began at %(where)s.")
            % {"closes": inner.level.closes, "what": inner, "where": inner.segment}
        )


def open_one(standing: list[Envelope], segment: Segment) -> None:
    level = OPENING[segment.tag]
    around = standing[-1] if standing else None
    if (around.level.opens if around else None) not in INSIDE[segment.tag]:
        if around is None:
            raise broken(segment, _("it stands in no interchange"))
        told = {"closes": around.level.closes, "what": around}
        raise broken(segment, _("%(closes)s of %(what)s is missing before it") % told)
    if around:
        around.inside[segment.tag] = around.inside.get(segment.tag, 0) + 1
    opened = Envelope(level, segment)
    if not opened.number:
        raise broken(segment, _("its control number, element %d, is empty") % level.number)
    if level.depth == MESSAGE:
        opened.segments.append(segment)
    standing.append(opened)


def close_one(standing: list[Envelope], segment: Segment) -> Envelope:
    level = CLOSING[segment.tag]
    around = standing[-1] if standing else None
    if around is None or around.level is not level:
        if around is None or all(each.level is not level for each in standing):
            raise broken(segment, _("no %s is open") % level.opens)
        told = {"closes": around.level.closes, "what": around}
        raise broken(segment, _("%(closes)s of %(what)s is missing before it") % told)
    if not is_same(segment.get(2), around.number):
        told = {"is": segment.get(2) or "–", "opens": around}
        raise broken(segment, _("its control number is %(is)s, but it closes %(opens)s") % told)
    said = segment.get(1)
    if not said.isdecimal() or not is_same(said, str(around.count)):
        told = {"says": said or "–", "count": around.count, "opens": around}
        raise broken(segment, _("it counts %(says)s, but %(opens)s holds %(count)d") % told)
    if level.depth == MESSAGE:
        around.segments.append(segment)
    return standing.pop()


def is_same(one: str, other: str) -> bool:
    """Zeros before a number are often lost on the way."""
    if re.fullmatch("[0-9]+", one) and re.fullmatch("[0-9]+", other):
        return one.lstrip("0") == other.lstrip("0")
    return one == other


def broken(segment: Segment, cause: str) -> BadFile:
    told = {"number": segment.number, "tag": segment.tag[:16] or "–", "cause": cause}
    return BadFile(_("The envelope is broken at segment %(number)d (%(tag)s): %(cause)s.") % told)
