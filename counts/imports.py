"""Reading a file of counted products: a header, then product id and quantity (CONTRACT §4)."""

import csv
import io
import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

MOST_ROWS = 100_000
SHOWN = 20
WHOLE = re.compile(r"\d{1,10}")


class CountedLine(NamedTuple):
    """One row of the file: an id of the contract, 0 units or more."""

    product_id: str
    quantity: int


class BadCountFile(ActionError):
    """The file was not read; `rows` are its bad rows as (number, cause), the first ones."""

    def __init__(self, message: str, rows: list[tuple[int, str]]) -> None:
        super().__init__(message)
        self.rows = rows


def read(raw: bytes) -> list[CountedLine]:
    """Every row; columns are parted by comma, semicolon or tab, as the header has it.

    Raises:
        BadCountFile: not UTF-8, no header, or any bad row; all of them are named together.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCountFile(_("The file is not UTF-8. Save it as UTF-8."), []) from error
    if "\0" in text:
        raise BadCountFile(_("The file holds characters that cannot be stored."), [])
    header = text.split("\n", 1)[0]
    parted_by = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parted_by, strict=True)
    found: list[CountedLine] = []
    bad: list[tuple[int, str]] = []
    try:
        if len(next(reader, ())) < 2:
            raise BadCountFile(_("The file needs a header and two columns."), [])
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            cause = problem(row)
            if cause:
                bad.append((reader.line_num, cause))
            elif len(found) == MOST_ROWS:
                raise BadCountFile(_("The file has more than %s rows.") % MOST_ROWS, [])
            else:
                found.append(CountedLine(row[0], int(row[1].strip())))
    except csv.Error as error:
        bad.append((reader.line_num, str(error)))
    if bad:
        told = "; ".join(_("row %d: %s") % one for one in bad[:SHOWN])
        raise BadCountFile(_("Nothing was written: %s.") % told, bad[:SHOWN])
    return found


def problem(row: list[str]) -> str:
    if len(row) < 2:
        return _("there is no quantity")
    if not row[0].strip() or len(row[0]) > 256:
        return _("there is no product id")
    if not WHOLE.fullmatch(row[1].strip()):
        return _("%r is no whole number of 0 or more") % row[1][:40]
    return ""
