"""What a despatch advice says, whichever standard it was written in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.imports.edi.gs1 import SSCC_LENGTH, SSCC_PREFIX, is_gtin, is_sscc
from omnichannel.imports.edi.segments import Segment

# Limits of what one message may cost to read, beyond what any ASN may hold.
MOST_LINES = 20_000
MOST_CODES = 25
MOST_LEVELS = 20
MOST_CARTONS_ALIKE = 100
MOST_ORDER_IDS = 100
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
class Notice:
    """One despatch advice: what becomes one ASN. `errors` forbid it, `warnings` do not.

    `number` is the sender's shipment reference. Of `senders` and `receivers` the first whose ID
    is one of ours is meant.
    """

    segment: int
    tag: str
    number: str = ""
    po_number: str = ""
    order_ids: list[str] = field(default_factory=list)
    shipped: Clock | None = None
    expected_date: date | None = None
    senders: Sequence[Party] = ()
    receivers: Sequence[Party] = ()
    lines: list[Line] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    warned: set[tuple[str, str]] = field(default_factory=set)

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


def check_codes(notice: Notice, segment: Segment, codes: Sequence[Code]) -> None:
    """Numbers of GS1 whose check digit is wrong are told and kept as they came."""
    for code in codes:
        if code.rank == GTIN and not is_gtin(code.value):
            cause = _("%s is no GTIN: its length or check digit is wrong. It was kept as sent.")
            notice.warn(segment, code.value, cause % code.value, _("Ask the sender to check it."))


def carton_of(notice: Notice, segment: Segment, carton: str) -> str:
    """An SSCC as the bar code of its label has it, so that a scan finds it; what is none is told
    and kept as it came.
    """
    if not is_sscc(carton):
        cause = _("%s is no SSCC: its length or check digit is wrong. It was kept as sent.")
        notice.warn(segment, carton, cause % carton, _("Ask the sender to check it."))
        return carton
    return carton if len(carton) > SSCC_LENGTH else f"{SSCC_PREFIX}{carton}"


def units_of(text: str) -> int | None:
    """A whole number of 0 or more units; None for anything else."""
    if found := re.fullmatch(r"\+?([0-9]{1,12})(?:\.0*)?", text):
        return int(found[1])
    return None


def spread(quantity: int, cartons: Sequence[str]) -> list[tuple[str, int]] | None:
    """Units of an item that several cartons hold alike; None where they cannot hold alike."""
    if len(cartons) <= 1:
        return [(cartons[0] if cartons else "", quantity)]
    if len(cartons) > MOST_CARTONS_ALIKE:
        return None
    each, rest = divmod(quantity, len(cartons))
    return None if rest else [(carton, each) for carton in cartons]


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
