"""The same rows as an export, as a workbook: for whoever opens files by a click (UI §7.8)."""

import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import IO, Any

from django.db import connection
from django.http import FileResponse
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What one sheet of the format holds, the header included.
MOST_ROWS = 1_048_576
# So many rows are written while somebody waits; more are made in the background.
MOST_AT_ONCE = 20_000
# A workbook below this stays in memory: bytes.
SPOOLED = 8 << 20
FETCHED = 2_000


class TooManyRows(Exception):
    """More rows than a sheet holds; the words say what to do."""


def workbook_response(sql: str, params: Any, name: str) -> FileResponse:
    """`sql` is one SELECT whose columns bear the names of the header.

    Raises:
        TooManyRows: before anything is sent.
    """
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115  (the response closes it)
    write(sql, params, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=TYPE)


def write(
    sql: str, params: Any, file: IO[bytes], tell: Callable[[int], None] = lambda done: None
) -> int:
    """Row by row: neither the rows nor the sheet are in memory as a whole; how many there were.

    Raises:
        TooManyRows
    """
    # No link, no formula and no number is made out of a text.
    options = {"constant_memory": True, "strings_to_urls": False}
    number = 0
    # A cursor of the server's: the usual one brings all rows over before the first is read.
    with (
        Workbook(file, {**options, "in_memory": False}) as book,
        connection.chunked_cursor() as cursor,
    ):
        sheet = book.add_worksheet()
        # psycopg's own cursor, as for the CSV: a % in a name needs the same doubling.
        asked = cursor.cursor.execute(sql, params)
        sheet.write_row(0, 0, [column.name for column in asked.description])
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(fetched(asked, tell), start=1):
            if number == MOST_ROWS:
                raise TooManyRows(_("A workbook holds 1,048,575 rows. Export as CSV instead."))
            for column, value in enumerate(row):
                put(sheet, number, column, value)
    return number


def fetched(asked: Any, tell: Callable[[int], None]) -> Iterator[tuple]:
    done = 0
    while block := asked.fetchmany(FETCHED):
        tell(done)
        yield from block
        done += len(block)


def put(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, value)
