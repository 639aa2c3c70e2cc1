"""A notice under its lock; its lines change by differences, in one statement each."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ..models import Asn

PLACES = (
    "received",
    "over_received",
    "received_elsewhere",
    "in_transit",
    "never_shipped",
    "lost",
    "damaged",
    "returned",
)


class LineRow(NamedTuple):
    """A line as it stands under the lock of its notice."""

    id: int
    product_id: int
    carton_id: str
    expected: int
    received: int
    over_received: int
    received_elsewhere: int
    in_transit: int
    never_shipped: int
    lost: int
    damaged: int
    returned: int

    def at(self, place: str) -> int:
        return getattr(self, place)


class Totals(NamedTuple):
    """Of a notice after its lines changed; `is_complete` when nothing is expected any more."""

    received: int
    in_transit: int
    is_complete: bool


class Moves:
    """Differences of lines, by line and place."""

    def __init__(self) -> None:
        self.lines: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, line_id: int, place: str, quantity: int) -> None:
        self.lines[line_id][place] += quantity

    def places(self) -> list[str]:
        """Those of PLACES that anything leaves or enters."""
        touched = {place for change in self.lines.values() for place in change}
        return [place for place in PLACES if place in touched]


def integers(values: Iterable[int | None]) -> str:
    """An array as PostgreSQL reads it: written element by element it took a receipt's fifth."""
    return f"{{{','.join('NULL' if value is None else str(value) for value in values)}}}"


def lock(pk: int) -> Asn:
    """The notice, alone until the transaction ends; every act on it begins here.

    Raises:
        Asn.DoesNotExist
    """
    rows = Asn.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("origin", "destination").get(pk=pk)


LINES = f"""
SELECT {", ".join(LineRow._fields)} FROM asn_asnline WHERE asn_id = %s {{of_products}} ORDER BY id
"""
# Hundreds of keys as one array: text that is put together once, and a plan that is one probe.
OF_PRODUCTS = "AND product_id = ANY(%s::int[])"


def lines_of(asn: Asn, products: Iterable[int] | None = None) -> list[LineRow]:
    """In the order in which they were sent."""
    wanted = [] if products is None else [integers(products)]
    sql = LINES.format(of_products=OF_PRODUCTS if wanted else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [asn.pk, *wanted])
        return [LineRow(*row) for row in cursor.fetchall()]


APPLY = """
UPDATE asn_asnline AS line SET {changes}
  FROM unnest(%s::bigint[], {arrays}) AS change(id, {places})
 WHERE line.id = change.id
"""


def apply(moves: Moves) -> None:
    """Only the columns that change are sent."""
    places = moves.places()
    if not places:
        return
    sql = APPLY.format(
        changes=", ".join(f"{place} = line.{place} + change.{place}" for place in places),
        arrays=", ".join("%s::int[]" for _place in places),
        places=", ".join(places),
    )
    changes = moves.lines.values()
    arrays = [integers(change.get(place, 0) for change in changes) for place in places]
    with connection.cursor() as cursor:
        cursor.execute(sql, [integers(moves.lines), *arrays])


REFRESH = """
WITH summed AS (
  SELECT sum(received) AS received, sum(in_transit) AS in_transit,
         count(DISTINCT product_id) FILTER (WHERE received > 0) AS products,
         bool_and(in_transit = 0) AS is_complete
    FROM asn_asnline WHERE asn_id = %(pk)s)
UPDATE asn_asn
   SET received_total = summed.received, in_transit_total = summed.in_transit,
       received_products = summed.products, revision = revision + 1, updated_at = %(now)s
  FROM summed
 WHERE asn_asn.id = %(pk)s
RETURNING summed.received, summed.in_transit, summed.is_complete, revision
"""


def refresh(asn: Asn, now: datetime) -> Totals:
    """Bring the notice's totals and revision to what its lines say now."""
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"pk": asn.pk, "now": now})
        row: Any = cursor.fetchone()
    asn.received_total, asn.in_transit_total, is_complete, asn.revision = row
    asn.updated_at = now
    return Totals(asn.received_total, asn.in_transit_total, is_complete)
