"""Some of a count's lines, in an order, without reading more of them than that needs."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from ..models import Count, CountLine, CountResult
from .lines import COLUMNS, SUMMARY, Line, Summary, values_of
from .rewinding import statement

# What is written down of a completed count, in the shape of what is derived of an open one.
FROZEN = """
WITH decided AS (
  SELECT result.*, coalesce(line.is_listed, true) AS is_listed,
         least(greatest(0, result.low), result.high) AS proposal
    FROM counts_countresult AS result
    LEFT JOIN counts_countline AS line
      ON line.count_id = result.count_id AND line.product_id = result.product_id
   WHERE result.count_id = %(count)s AND {only}
)
"""
SHOWS = {
    "": "true",
    "differing": "delta <> 0",
    # Nothing is said of what nobody has decided yet.
    "settled": "delta <> 0 AND (question = '' OR choice <> '')",
    "ambiguous": "mark = 'AMBIGUOUS'",
    "traded": "mark = 'TRADED'",
    "uncounted": "counted IS NULL",
    "unlisted": "NOT is_listed",
    "asked": "question <> ''",
    "open": "question <> '' AND choice = ''",
}
# Ascending numbers: the largest variance of either sign first, what has no price last.
SORTS = {
    "": "0",
    "units": "-abs(coalesce(delta, proposal))",
    "money": "-coalesce(abs(coalesce(delta, proposal) * price), -1)",
}
PAGE = """
SELECT {columns}, place FROM (SELECT *, ({sort})::numeric AS place FROM decided WHERE {show}) AS d
 WHERE {position} ORDER BY place {way}, product_id {way} LIMIT %(limit)s
"""


class Place(NamedTuple):
    """Where a line stands in its order; `product_id` is the primary key."""

    value: Decimal
    product_id: int


class LinePage(NamedTuple):
    lines: list[Line]
    first: Place | None
    last: Place | None
    has_previous: bool
    has_next: bool


def page_of_lines(
    count: Count,
    *,
    show: str = "",
    sort: str = "",
    products: Sequence[int] | None = None,
    at: Place | None = None,
    is_backward: bool = False,
    limit: int = 50,
) -> LinePage:
    """The lines after `at`, or before it; `show` and `sort` are keys of SHOWS and SORTS.

    In the usual order and without a filter only the lines of the page are derived; otherwise all
    of the count's are, once.
    """
    if not show and not sort and products is None:
        products = next_products(count, at, is_backward, limit + 1)
    position = "true"
    values: dict[str, Any] = {"limit": limit + 1, "products": list(products or ())}
    if at is not None:
        position = f"(place, product_id) {'<' if is_backward else '>'} (%(value)s, %(product)s)"
        values |= {"value": at.value, "product": at.product_id}
    sql = lines_as_sql(count, some_products=products is not None) + PAGE.format(
        columns=COLUMNS,
        sort=SORTS[sort],
        show=SHOWS[show],
        position=position,
        way="DESC" if is_backward else "ASC",
    )
    found = fetch(count, sql, values)
    has_more, found = len(found) > limit, found[:limit]
    if is_backward:
        found.reverse()
    places = [Place(row[-1], row[0]) for row in found]
    before, after = (has_more, True) if is_backward else (at is not None, has_more)
    return LinePage(
        [Line(*row[:-1]) for row in found],
        places[0] if places else None,
        places[-1] if places else None,
        before and bool(found),
        after and bool(found),
    )


def figures_of(count: Count) -> Summary:
    """The count in figures: derived as it stands now, or of what was written down."""
    return Summary(*fetch(count, lines_as_sql(count) + SUMMARY, {})[0])


def next_products(count: Count, at: Place | None, is_backward: bool, limit: int) -> list[int]:
    """The primary keys of the next lines in the order of the key."""
    rows: Any = CountResult if count.status == Count.Status.COMPLETED else CountLine
    keys = rows.objects.filter(count=count)
    if at is not None:
        keys = keys.filter(**{f"product_id__{'lt' if is_backward else 'gt'}": at.product_id})
    order = "-product_id" if is_backward else "product_id"
    return list(keys.order_by(order).values_list("product_id", flat=True)[:limit])


def lines_as_sql(count: Count, *, some_products: bool = False) -> str:
    """The statement up to `decided`, written down or derived as it stands now.

    Its placeholders are those of `values_of`, and `products` (primary keys) if asked.
    """
    if count.status == Count.Status.COMPLETED:
        only = "result.product_id = ANY(%(products)s)" if some_products else "true"
        return FROZEN.format(only=only)
    return statement(some_products=some_products)


def fetch(count: Count, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values_of(count), **values})
        return cursor.fetchall()
