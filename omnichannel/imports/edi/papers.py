"""What a message of a partner says, whichever standard it was written in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from .envelopes import Message
from .gs1 import SSCC_LENGTH, SSCC_PREFIX, is_gtin, is_sscc
from .segments import Segment

# Limits of what one message may cost to read, beyond what any document may hold.
MOST_LINES = 20_000
MOST_CODES = 25
# By whom a code was given; the first two name one product only, the third is asked last.
OURS, GTIN, THEIRS = range(3)
LONGEST = 256


class Finding(NamedTuple):
    """What is wrong or strange in a segment; `code` is the value that it is about."""

    segment: int
    tag: str
    code: str
    cause: str
    fix: str = ""


class Code(NamedTuple):
    """One name of a product: the standard's qualifier, the value as sent, and who gave it."""

    qualifier: str
    value: str
    rank: int

    def __str__(self) -> str:
        return f"{self.qualifier} {self.value}".strip()


class Line(NamedTuple):
    """Units of one product in one carton (or in none)."""

    segment: int
    tag: str
    codes: tuple[Code, ...]
    quantity: int
    carton: str = ""


class Party(NamedTuple):
    """Somebody at either end, by the ID that the message has for him."""

    segment: int
    tag: str
    role: str
    id: str
    name: str = ""


class Clock(NamedTuple):
    """A point in time: in the sender's own time unless the message says UTC."""

    at: datetime
    is_utc: bool = False


@dataclass
class Paper:
    """One message of a partner: what becomes one document. `errors` forbid it, `warnings` do not.

    `number` is the sender's own reference.
    """

    segment: int
    tag: str
    number: str = ""
    lines: list[Line] = field(default_factory=list, kw_only=True)
    errors: list[Finding] = field(default_factory=list, kw_only=True)
    warnings: list[Finding] = field(default_factory=list, kw_only=True)
    warned: set[tuple[str, str]] = field(default_factory=set, kw_only=True)

    def add(self, line: Line) -> None:
        """Beyond MOST_LINES none: so many are refused anyway."""
        if len(self.lines) < MOST_LINES:
            self.lines.append(line)

    def refuse(self, segment: Segment, code: str, cause: str, fix: str = "") -> None:
        self.errors.append(Finding(segment.number, segment.tag, code, cause, fix))

    def warn(self, segment: Segment, code: str, cause: str, fix: str = "") -> None:
        """Once for each code: a carton stands on many lines."""
        if (code, cause) not in self.warned:
            self.warned.add((code, cause))
            self.warnings.append(Finding(segment.number, segment.tag, code, cause, fix))

    def warn_of_test(self, message: Message) -> None:
        if message.is_test:
            cause = _("The sender marks the message as a test.")
            self.warn(message.interchange, self.number, cause)


def check_codes(paper: Paper, segment: Segment, codes: Sequence[Code]) -> None:
    """Numbers of GS1 whose check digit is wrong are told and kept as they came."""
    for code in codes:
        if code.rank == GTIN and not is_gtin(code.value):
            cause = _("%s is no GTIN: its length or check digit is wrong. It was kept as sent.")
            paper.warn(segment, code.value, cause % code.value, _("Ask the sender to check it."))


def carton_of(paper: Paper, segment: Segment, carton: str) -> str:
    """An SSCC as the bar code of its label has it, so that a scan finds it; what is none is told
    and kept as it came.
    """
    if not is_sscc(carton):
        cause = _("%s is no SSCC: its length or check digit is wrong. It was kept as sent.")
        paper.warn(segment, carton, cause % carton, _("Ask the sender to check it."))
        return carton
    return carton if len(carton) > SSCC_LENGTH else f"{SSCC_PREFIX}{carton}"


def units_of(text: str) -> int | None:
    """A whole number of 0 or more units; None for anything else."""
    if found := re.fullmatch(r"\+?([0-9]{1,12})(?:\.0*)?", text):
        return int(found[1])
    return None


def day_of(text: str) -> date | None:
    """CCYYMMDD, or YYMMDD of this century; None for anything else."""
    if re.fullmatch("[0-9]{6}", text):
        text = f"20{text}"
    if not re.fullmatch("[12][0-9]{7}", text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def moment_of(day: str, clock: str = "") -> datetime | None:
    """The beginning of a day, or where `clock` says HHMM[SS[DD]] that moment of it."""
    found = day_of(day)
    if found is None or not re.fullmatch("(?:[0-9]{4}|[0-9]{6,8})?", clock):
        return None
    try:
        return datetime.strptime(f"{found:%Y%m%d}{clock[:6].ljust(6, '0')}", "%Y%m%d%H%M%S")
    except ValueError:
        return None
