"""What a list reads its rows from: a page of them, their number, all of them as a file (DESIGN §7).

Every list reads a queryset: keys first by index, names joined to one page of keys last. A table
whose page needs other SQL names its own class in `Table.source`; filters, scope, columns, positions
and the order of the address stay what they are.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from django.db import connection
from django.db.models import Func, IntegerField, Q, QuerySet, Value

from . import keyset
from .keyset import Order
from .tables import Row, Table

Statement = tuple[str, tuple[Any, ...]]
# The keys of at most so many rows.
Keys = Callable[[int], Statement]


class Source(Protocol):
    """Rows of one request: `rows` are narrowed to its scope and its filters already."""

    def __init__(self, table: type[Table], rows: QuerySet) -> None: ...

    def page(
        self, fetch: tuple[str, ...], order: Order, after: Sequence[Any] | None, limit: int
    ) -> list[Row]:
        """The first `limit` rows after the position, as tuples of the paths in `fetch`."""

    def count(self, most: int) -> int:
        """How many rows; whoever counts up to `most` may stop."""

    def all(self, fields: tuple[str, ...]) -> Statement:
        """A SELECT of these paths of all rows, in the order of the table's key, that begins to
        answer at once."""


def source_of(table: type[Table], rows: QuerySet) -> Source:
    return (table.source or QuerySetSource)(table, rows)


class QuerySetSource:
    """An ordinary queryset."""

    def __init__(self, table: type[Table], rows: QuerySet) -> None:
        self.table, self.rows = table, rows

    def page(
        self, fetch: tuple[str, ...], order: Order, after: Sequence[Any] | None, limit: int
    ) -> list[Row]:
        head, head_params, tail, tail_params = keyset.display_sql(self.table, fetch, order)  # type: ignore[arg-type]
        found: list[Row] = []
        for keys in self.keys(order, after):
            sql, params = keys(limit - len(found))
            with connection.cursor() as cursor:
                cursor.execute(head + sql + tail, (*head_params, *params, *tail_params))
                found += cursor.fetchall()
            if len(found) >= limit:
                break
        return found

    def keys(self, order: Order, after: Sequence[Any] | None) -> Iterator[Keys]:
        """The list in pieces, one behind the other, each along an index."""
        places = [Q()] if after is None else keyset.after(self.table.model, order, after)
        for place in places:
            piece = self.rows.filter(place) if place else self.rows
            yield first(piece.order_by(*keyset.by(order)))

    def count(self, most: int) -> int:
        return self.rows.order_by().values_list(Value(1))[:most].count()

    def all(self, fields: tuple[str, ...]) -> Statement:
        by_key = keyset.by(tuple((path, False) for path in self.table.key))
        rows = self.table.annotate(self.rows).order_by(*by_key).values_list(*fields)
        sql, params = rows.query.sql_with_params()
        return f"{sql} {AT_ONCE}", params


# Every row, and yet a plan that starts at once: before a limit that it cannot know the planner
# expects that a tenth of the rows is wanted, and walks the index where it would have sorted.
AT_ONCE = "LIMIT (SELECT 9223372036854775807)"


def first(rows: QuerySet) -> Keys:
    return lambda limit: rows[:limit].query.sql_with_params()


class LedSource(QuerySetSource):
    """A table whose key begins with a foreign key, sorted by a field of what that key leads to.

    Stock by the name of the store: PostgreSQL does not see that the rows of one store follow each
    other in the order of the key, and sorts all of them. So the stores are walked one by one, and
    of each no more rows are read than a page has.
    """

    def keys(self, order: Order, after: Sequence[Any] | None) -> Iterator[Keys]:
        if not self.is_led(order):
            yield from super().keys(order, after)
            return
        lead, rest = order[:2], order[2:]
        if after is not None:
            # What is left of the place where the last page ended.
            here = self.rows.filter(**{lead[1][0]: after[1]})
            yield from QuerySetSource(self.table, here).keys(rest, after[2:])
        yield lambda limit: self.walked(lead, rest, None if after is None else after[:2], limit)

    def is_led(self, order: Order) -> bool:
        path = order[0][0]
        return (
            path.count("__") == 1
            and order[1][0] == self.table.key[0]
            and not keyset.is_nullable(self.table.model, path)
        )

    def walked(
        self, lead: Order, rest: Order, after: Sequence[Any] | None, limit: int
    ) -> Statement:
        """Place by place, of each the first `limit` rows."""
        quote, model = connection.ops.quote_name, self.table.model
        relation, name = lead[0][0].split("__")
        places: Any = model._meta.get_field(relation).related_model
        own = ((name, lead[0][1]), (places._meta.pk.attname, lead[1][1]))
        bound = [Q()] if after is None else keyset.after(places, own, after)
        led = places._base_manager.filter(*bound).values_list(*(path for path, _ in own))
        led_sql, led_params = led.query.sql_with_params()
        this = Func(template='"led"."key"', output_field=IntegerField())
        rows = self.rows.filter(**{lead[1][0]: this}).order_by(*keyset.by(rest))[:limit]
        rows_sql, rows_params = rows.query.sql_with_params()
        table = quote(model._meta.db_table)
        order = [('"led"."name"', lead[0][1]), ('"led"."key"', lead[1][1])]
        order += [(f"{table}.{quote(column(model, path))}", down) for path, down in rest]
        words = ", ".join(f"{field} {'DESC' if down else 'ASC'}" for field, down in order)
        return (
            f'SELECT {table}.* FROM ({led_sql}) AS "led"("name", "key")'
            f" CROSS JOIN LATERAL ({rows_sql}) AS {table} ORDER BY {words} LIMIT {limit}",
            (*led_params, *rows_params),
        )


def column(model: Any, path: str) -> str:
    return keyset.field_of(model, path).column
