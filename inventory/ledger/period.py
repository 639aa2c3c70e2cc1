"""What a store had, what came, what went, and what it has: a period of the ledger (PRODUCT §9).

Opening comes from the movements before the period, closing from the stock rows less the movements
after it; that both meet over the movements between them is the proof, product by product.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from omnichannel.locations.models import FulfillmentLocation, StockLocation

# What moved, in the order of the report; the last one is 0 wherever nobody took it by hand.
KINDS = (
    "received",
    "transferred_in",
    "transferred_out",
    "sold",
    "returned",
    "adjusted",
    "counted",
    "imported",
    "set_aside",
)
# Goods from another store are transferred, whatever else arrives is received. What a store sends
# leaves it under a transfer of its own, and its shelf in transit is no part of what it has.
KIND = """
CASE made.type
  WHEN 'RECEIVING' THEN CASE WHEN other.kind = 'STORE' THEN 'transferred_in' ELSE 'received' END
  WHEN 'TRANSFER' THEN CASE WHEN made.to_location_id = %(location)s
                             AND made.from_location_id <> %(location)s
                            THEN 'transferred_in' ELSE 'transferred_out' END
  WHEN 'SHIPMENT' THEN 'sold'
  WHEN 'RETURN' THEN 'returned'
  WHEN 'ADJUSTMENT' THEN 'adjusted'
  WHEN 'COUNT_ADJUSTMENT' THEN 'counted'
  WHEN 'STOCK_IMPORT' THEN 'imported'
  ELSE 'set_aside' END
"""
PER_KIND = ",\n       ".join(
    f"coalesce(sum(quantity) FILTER (WHERE part = '{kind}'), 0)::int AS {kind}" for kind in KINDS
)
MOVED_IN_ALL = " + ".join(KINDS)
ROWS = f"""
WITH bounds AS (
  SELECT %(first)s::timestamp AT TIME ZONE %(zone)s AS start,
         %(beyond)s::timestamp AT TIME ZONE %(zone)s AS beyond
), moved AS (
  SELECT moved.product_id, moved.quantity,
         CASE WHEN moved.posted_at < start THEN 'before'
              WHEN moved.posted_at >= beyond THEN 'after'
              ELSE {KIND} END AS part
    FROM bounds, inventory_stockmovement AS moved
    LEFT JOIN inventory_inventorytransaction AS made ON made.id = moved.transaction_id
    LEFT JOIN locations_fulfillmentlocation AS other
           ON other.id = CASE WHEN made.from_location_id = %(location)s THEN made.to_location_id
                              ELSE made.from_location_id END
   WHERE moved.location_id = %(location)s AND moved.stock_location_id <> %(on_its_way)s
), summed AS (
  SELECT product_id,
       coalesce(sum(quantity) FILTER (WHERE part = 'before'), 0)::int AS opening,
       {PER_KIND},
       coalesce(sum(quantity) FILTER (WHERE part = 'after'), 0)::int AS later
    FROM moved GROUP BY product_id
), held AS (
  SELECT product_id, sum(quantity)::int AS quantity FROM inventory_stockonhand
   WHERE location_id = %(location)s AND stock_location_id <> %(on_its_way)s GROUP BY product_id
), row AS (
  SELECT product_id, {", ".join(f"coalesce({name}, 0) AS {name}" for name in ("opening", *KINDS))},
         coalesce(held.quantity, 0) - coalesce(later, 0) AS closing
    FROM summed FULL JOIN held USING (product_id)
)
SELECT row.*, opening + {MOVED_IN_ALL} - closing AS difference, price.value AS price
  FROM row
  LEFT JOIN catalog_price AS price
         ON price.product_id = row.product_id AND price.pricebook_id = %(pricebook)s
 WHERE (opening, {", ".join(KINDS)}, closing)
       IS DISTINCT FROM ({", ".join(["0"] * (len(KINDS) + 2))})
"""
COLUMNS = ("opening", *KINDS, "closing")
SUMS = ",\n".join(
    f"coalesce(sum({name}), 0)::bigint, coalesce(sum({name} * price), 0)" for name in COLUMNS
)
SUMMARY = f"""
SELECT {SUMS}, count(*), count(*) FILTER (WHERE price IS NULL),
       count(*) FILTER (WHERE difference <> 0)
  FROM ({ROWS}) AS report
"""


class Period(NamedTuple):
    """Days of the store's calendar, both included."""

    store: FulfillmentLocation
    first: date
    last: date

    def values(self) -> dict[str, Any]:
        """What the statements of this module are asked with."""
        on_its_way = StockLocation.objects.filter(name=StockLocation.IN_TRANSIT)
        return {
            "location": self.store.pk,
            "first": self.first,
            "beyond": self.last + timedelta(days=1),
            "zone": self.store.time_zone,
            "on_its_way": on_its_way.values_list("pk", flat=True).first() or 0,
            "pricebook": self.store.pricebook_id,
        }


class Sum(NamedTuple):
    """Units, and what they are worth at today's prices of the store."""

    units: int
    value: Decimal


class Summary(NamedTuple):
    """`differences` counts products whose books do not meet; it is 0, or the ledger is wrong."""

    sums: dict[str, Sum]
    products: int
    without_price: int
    differences: int


def summed_up(period: Period) -> Summary:
    """The report of a store in one line for each kind of movement."""
    with connection.cursor() as cursor:
        cursor.execute(SUMMARY, period.values())
        *sums, products, without_price, differences = cursor.fetchone()
    pairs = zip(sums[::2], sums[1::2], strict=True)
    named = {name: Sum(*pair) for name, pair in zip(COLUMNS, pairs, strict=True)}
    return Summary(named, products, without_price, differences)
