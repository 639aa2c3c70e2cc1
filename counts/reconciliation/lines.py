"""The lines of a count, live and frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Min, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..models import Count, ZoneSession
from .rewinding import statement


class Question(TextChoices):
    """What a person must decide before a line can be posted."""

    UNCOUNTED = "UNCOUNTED", _("Never counted")
    AMBIGUOUS = "AMBIGUOUS", _("Moved while counted")
    UNLISTED = "UNLISTED", _("Not on the list")


class Line(NamedTuple):
    """One product of a count. Quantities are units; `product_id` is the primary key.

    `expected` + moved since = `book`; `counted` is None where nobody counted. `proposal` is the
    variance nearest to zero within `low`…`high`; `delta` is what completing now would post, None
    for nothing. While `question` stands without `choice`, nothing can be completed.
    """

    product_id: int
    is_listed: bool
    expected: int
    counted: int | None
    book: int
    low: int
    high: int
    wide_low: int
    wide_high: int
    proposal: int
    delta: int | None
    mark: str
    question: str
    choice: str
    first_at: datetime
    last_at: datetime
    price: Decimal | None

    @property
    def moved(self) -> int:
        return self.book - self.expected


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole count in figures; variances are those of lines that wait for no answer.

    `value` is in the store's currency, of the lines with a price.
    """

    lines: int
    counted_lines: int
    counted_units: int
    variances: int
    units_over: int
    units_under: int
    value: Decimal | None
    questions: int
    unanswered: int
    beyond_tolerance: int


COLUMNS = ", ".join(Line._fields)
LINES = " SELECT {columns} FROM decided ORDER BY product_id"
# Beyond any of the tolerances that are set.
BEYOND = """abs(delta) > %(tolerance_units)s
   OR abs(delta) * 100 > %(tolerance_percent)s * abs(book)
   OR abs(delta) * price > %(tolerance_value)s"""
SUMMARY = f"""
SELECT count(*), count(counted), coalesce(sum(counted), 0),
       count(*) FILTER (WHERE posted <> 0), coalesce(sum(greatest(posted, 0)), 0),
       coalesce(sum(least(posted, 0)), 0), sum(posted * price),
       count(*) FILTER (WHERE question <> ''),
       count(*) FILTER (WHERE question <> '' AND choice = ''),
       count(*) FILTER (WHERE {BEYOND})
  FROM (SELECT *, CASE WHEN question = '' OR choice <> '' THEN delta END AS posted
          FROM decided) AS decided
"""
FREEZE = """
INSERT INTO counts_countresult (
  count_id, product_id, expected, counted, book, low, high, wide_low, wide_high, delta, mark,
  question, choice, first_at, last_at, price)
{decided}
SELECT %(count)s, product_id, expected, counted, book, low, high, wide_low, wide_high, delta,
       mark, question, choice, first_at, last_at, price
  FROM decided ORDER BY product_id
"""
# What came into the store after the snapshot and was found in no zone.
SETTLE = """
INSERT INTO counts_countline (count_id, product_id, expected, is_listed)
SELECT %(count)s, held.product_id, 0, false
  FROM inventory_stockonhand AS held
 WHERE held.location_id = %(location)s AND held.stock_location_id = %(shelf)s
   AND NOT EXISTS (SELECT FROM counts_countline AS line
                    WHERE line.count_id = %(count)s AND line.product_id = held.product_id)
   AND (held.quantity <> 0 OR EXISTS (
         SELECT FROM inventory_stockmovement AS m
          WHERE m.location_id = held.location_id AND m.product_id = held.product_id
            AND m.stock_location_id = held.stock_location_id
            AND m.posted_at >= %(started)s))
ON CONFLICT DO NOTHING
"""
NEW_PRODUCTS = """
SELECT line.product_id FROM counts_countline AS line
 WHERE line.count_id = %(count)s AND NOT EXISTS (
   SELECT FROM inventory_stockonhand AS held
    WHERE held.location_id = %(location)s AND held.stock_location_id = %(shelf)s
      AND held.product_id = line.product_id)
"""


def lines(count: Count, products: Sequence[int] | None = None) -> list[Line]:
    """Every line, or those of `products` (primary keys), by product; one statement.

    Of a count that is open these are what completing now would post. Of a completed one they
    would be rewound anew: read its results instead.
    """
    some = products is not None
    sql = statement(some_products=some) + LINES.format(columns=COLUMNS)
    extra = {"products": list(products or ())} if some else {}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values_of(count), **extra})
        return [Line(*row) for row in cursor.fetchall()]


def summary(count: Count) -> Summary:
    """The figures of the review; reads every line once."""
    with connection.cursor() as cursor:
        cursor.execute(statement(some_products=False) + SUMMARY, values_of(count))
        return Summary(*cursor.fetchone())


def freeze(count: Count) -> int:
    """Write every line down as the count's result; how many.

    The caller holds the stock rows, so that what is read here is what he posts against.
    """
    sql = FREEZE.format(decided=statement(some_products=False))
    with connection.cursor() as cursor:
        cursor.execute(sql, values_of(count))
        return cursor.rowcount


def settle(count: Count) -> None:
    """Give a full count the lines of what arrived since its snapshot; nothing twice."""
    if not count.is_full:
        return
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, {**place_of(count), "started": count.started_at})


def new_products(count: Count) -> list[int]:
    """Products of the count that have no stock row yet, which therefore nobody can hold."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_PRODUCTS, place_of(count))
        return [row[0] for row in cursor.fetchall()]


def place_of(count: Count) -> dict[str, Any]:
    return {"count": count.pk, "location": count.location_id, "shelf": count.stock_location_id}


def values_of(count: Count) -> dict[str, Any]:
    """The placeholders of the statement; one query for the first moment of the counting."""
    now = timezone.now()
    completed = ZoneSession.objects.filter(count=count, status=ZoneSession.Status.COMPLETED)
    first = completed.aggregate(opened=Min("opened_at"), seen=Min("first_at"))
    since = min(moment for moment in (first["opened"], first["seen"], now) if moment)
    tolerance = settings.COUNT_CLOCK_TOLERANCE
    return {
        **place_of(count),
        "now": now,
        "since": since - timedelta(seconds=tolerance),
        "tolerance": tolerance,
        "asks_unlisted": not count.is_full,
        "pricebook": count.location.pricebook_id,
        "tolerance_units": count.tolerance_units,
        "tolerance_percent": count.tolerance_percent,
        "tolerance_value": count.tolerance_value,
    }
