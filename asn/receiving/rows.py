"""A notice under its lock; its lines change by differences, in one statement each."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ..models import Asn, AsnLine

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

    def arrays(self) -> list[list[int]]:
        changes = list(self.lines.values())
        return [list(self.lines), *([c.get(place, 0) for c in changes] for place in PLACES)]


def lock(pk: int) -> Asn:
    """The notice, alone until the transaction ends; every act on it begins here.

    Raises:
        Asn.DoesNotExist
    """
    rows = Asn.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("origin", "destination").get(pk=pk)


def lines_of(asn: Asn, products: Iterable[int] | None = None) -> list[LineRow]:
    """In the order in which they were sent."""
    rows = AsnLine.objects.filter(asn=asn)
    if products is not None:
        rows = rows.filter(product__in=list(products))
    found = [LineRow(*row) for row in rows.values_list(*LineRow._fields)]
    return sorted(found)


APPLY = f"""
UPDATE asn_asnline AS line
   SET {", ".join(f"{place} = line.{place} + change.{place}" for place in PLACES)}
  FROM unnest(%s::bigint[], {", ".join("%s::int[]" for _place in PLACES)})
       AS change(id, {", ".join(PLACES)})
 WHERE line.id = change.id
"""


def apply(moves: Moves) -> None:
    if moves.lines:
        with connection.cursor() as cursor:
            cursor.execute(APPLY, moves.arrays())


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
