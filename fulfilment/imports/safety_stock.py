"""Reading a table of safety stock: Product ID, Location, Safety Stock (CONTRACT §4.4)."""

import csv
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.documents import ActionError

HEADER = ("Product ID", "Location", "Safety Stock")
MOST_BYTES = 10_000_000
SHOWN = 100
WHOLE = re.compile(r"[0-9]{1,10}")
# What an export puts before a text that a spreadsheet would read as a formula.
GUARDED = re.compile(r"'[=+\-@\t\r\n]")


class SafetyLine(NamedTuple):
    """One row: ids of the contract; no product is the whole location, no number is its number."""

    line: int
    product_id: str
    location: str
    safety_stock: int | None


class Problem(NamedTuple):
    """What is wrong with a cell: the line of the file, the column, the cause."""

    line: int
    column: str
    cause: str


class BadSafetyFile(ActionError):
    """Nothing was written; `problems` are the first ones, of every kind."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = "; ".join(
            _("line %(line)s, %(column)s: %(cause)s") % problem._asdict()
            for problem in problems[:20]
        )
        super().__init__(_("Nothing was written. %s") % told)
        self.problems = list(problems)


def read(raw: bytes) -> list[SafetyLine]:
    """Every row; columns are parted by comma, semicolon or tab, as the header has it.

    Raises:
        BadSafetyFile: not UTF-8, another header, or any bad row.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSafetyFile([Problem(1, "", _("This is not UTF-8."))]) from error
    if "\0" in text:
        raise BadSafetyFile([Problem(1, "", _("There are characters that cannot be stored."))])
    header = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count), strict=True
    )
    found: dict[tuple[str, str], SafetyLine] = {}
    problems: list[Problem] = []
    try:
        check_header(next(reader, []))
        for row in reader:
            if any(cell.strip() for cell in row):
                take(row, reader.line_num, found, problems)
            if len(problems) >= SHOWN:
                break
    except csv.Error as error:
        problems.append(Problem(reader.line_num, "", str(error)))
    if problems:
        raise BadSafetyFile(problems)
    return list(found.values())


def check_header(row: Sequence[str]) -> None:
    if [cell.strip().casefold() for cell in row] != [name.casefold() for name in HEADER]:
        told = _("The header is not %s.") % ",".join(HEADER)
        raise BadSafetyFile([Problem(1, "", told)])


def take(
    row: Sequence[str],
    line: int,
    found: dict[tuple[str, str], SafetyLine],
    problems: list[Problem],
) -> None:
    if len(row) != len(HEADER):
        told = _("There are %(found)s cells, not %(wanted)s.")
        problems.append(Problem(line, "", told % {"found": len(row), "wanted": len(HEADER)}))
        return
    product, location = (unguarded(cell.strip()) for cell in row[:2])
    number = row[2].strip()
    if cause := wrong_id(product, is_needed=False):
        problems.append(Problem(line, HEADER[0], cause))
    elif cause := wrong_id(location, is_needed=True):
        problems.append(Problem(line, HEADER[1], cause))
    elif number and (not WHOLE.fullmatch(number) or int(number) > MAX_QUANTITY):
        cause = _("%(text)r is no whole number of 0 to %(most)s.")
        problems.append(
            Problem(line, HEADER[2], cause % {"text": number[:40], "most": MAX_QUANTITY})
        )
    elif (product, location) in found:
        cause = _("The same product and location stand in line %s already.")
        problems.append(Problem(line, HEADER[0], cause % found[(product, location)].line))
    else:
        found[(product, location)] = SafetyLine(
            line, product, location, int(number) if number else None
        )


def wrong_id(text: str, *, is_needed: bool) -> str:
    if is_needed and not text:
        return _("There is none.")
    if len(text) > 256:
        return _("It is longer than 256 characters.")
    return ""


def unguarded(text: str) -> str:
    return text[1:] if GUARDED.match(text) else text
