"""Reading one page of a list, and how many rows there are (DESIGN §7)."""

from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from . import keyset
from .source import source_of
from .tables import Row, Table, render

# Words of an address that say where a page stands, or what is asked of the list as a whole.
POSITION_WORDS = ("after", "before", "at", "from", "count", "export")
CAP = 10_000
COUNT_TIMEOUT = "1500ms"


class Page(NamedTuple):
    """Rows in display order with the positions before the first and after the last."""

    rows: list[Row]
    body: str
    previous: str
    next: str


class Position(NamedTuple):
    """Where a page begins: after or before a key, at the start, or at the end."""

    values: list[Any] | None = None
    is_backward: bool = False


def read_page(
    table: type[Table],
    rows: QuerySet,
    visible: tuple[str, ...],
    order: keyset.Order,
    position: Position,
    size: int,
    pick: str = "",
) -> Page:
    """One page of at most `size` rows: keys first by index, joined last."""
    walk = keyset.reverse(order) if position.is_backward else order
    fields, markup = render(table, visible, pick)
    fetch = tuple(dict.fromkeys((*fields, *(path for path, _ in order))))
    found = source_of(table, rows).page(fetch, walk, position.values, size + 1)
    more, found = len(found) > size, found[:size]
    if position.is_backward:
        found.reverse()
    places = [fetch.index(path) for path, _ in order]
    started = position.values is not None
    before, after = (more, started) if position.is_backward else (started, more)
    return Page(
        found,
        markup(found),
        keyset.pack(order, [found[0][i] for i in places]) if before and found else "",
        keyset.pack(order, [found[-1][i] for i in places]) if after and found else "",
    )


def count_rows(table: type[Table], rows: QuerySet) -> int | None:
    """How many rows, at most CAP + 1; None when even that takes too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{COUNT_TIMEOUT}'")
            return source_of(table, rows).count(CAP + 1)
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        return None
