"""CSV straight out of PostgreSQL: COPY, in chunks, with text made safe and numbers left alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any

from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from .columns import untranslated
from .source import source_of
from .tables import Table

CHUNK = 64 * 1024
# Lines between two words of progress.
TOLD = 1_000


def select_statement(
    table: type[Table], rows: QuerySet, visible: tuple[str, ...]
) -> tuple[str, tuple]:
    """Exactly these rows, in the order of the table's key, under the names of the header."""
    shown = [table.base_columns[name] for name in visible]
    fields = tuple(dict.fromkeys(f for c in shown for f in (c.field, *c.extra)))
    inner, params = source_of(table, rows).all(fields)
    names = {field: f"c{index}" for index, field in enumerate(fields)}
    cells = ", ".join(
        f"{column.sql(*(names[f] for f in (column.field, *column.extra)))} AS {header(column)}"
        for column in shown
    )
    columns = ", ".join(names.values())
    return f"SELECT {cells} FROM ({inner}) AS q({columns})", params


def copy_statement(
    table: type[Table], rows: QuerySet, visible: tuple[str, ...]
) -> tuple[str, tuple]:
    sql, params = select_statement(table, rows, visible)
    return copied(sql), params


def copied(sql: str) -> str:
    return f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)"


def header(column: object) -> str:
    """The untranslated label as a quoted name; % is doubled because of the parameters."""
    text = untranslated(column.verbose_name)  # type: ignore[attr-defined]
    return '"' + text.replace('"', '""').replace("%", "%%") + '"'


def chunks(sql: str, params: tuple[Any, ...] | dict[str, Any]) -> Iterator[bytes]:
    """The file in pieces of 64 KiB; PostgreSQL alone would send one message per row."""
    # psycopg's own cursor: Django's wrapper takes no parameters for COPY while it logs queries.
    with connection.cursor() as cursor, cursor.cursor.copy(sql, params) as copy:
        buffer = bytearray()
        for block in copy:
            buffer += block
            if len(buffer) >= CHUNK:
                yield bytes(buffer)
                buffer.clear()
        if buffer:
            yield bytes(buffer)


def write(sql: str, params: Any, file: IO[bytes], tell: Callable[[int], None]) -> int:
    """The rows of a SELECT as CSV into a file; how many there were.

    `tell` hears of the lines so far, which are more than the rows where a text has several.
    """
    lines = 0
    with connection.cursor() as cursor:
        with cursor.cursor.copy(copied(sql), params) as copy:
            for block in copy:
                file.write(block)
                lines += bytes(block).count(b"\n")
                if lines % TOLD == 0:
                    tell(lines)
        return cursor.cursor.rowcount


def csv_response(
    table: type[Table],
    rows: QuerySet,
    visible: tuple[str, ...],
    name: str,
    reading: Callable[[], AbstractContextManager] = nullcontext,
) -> StreamingHttpResponse:
    """`reading` is entered when the first row is asked for, and left after the last."""
    sql, params = copy_statement(table, rows, visible)

    def content() -> Iterator[bytes]:
        with reading():
            yield from chunks(sql, params)

    return StreamingHttpResponse(
        content(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def file_name(title: str, words: list[str], currencies: list[str]) -> str:
    """Page, filters, currencies and date, in letters that every file system takes."""
    parts = [slugify(title), *(slugify(word)[:40] for word in words[:4])]
    parts.append("-".join(slugify(currency) for currency in currencies))
    day = timezone.now().date().isoformat()
    return re.sub(r"-{2,}", "-", "_".join([part for part in parts if part] + [day]))
