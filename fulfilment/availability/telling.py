"""All availabilities, or exactly those that a former file did not see (ADR 0030).

A delta asks PostgreSQL which rows were written by transactions that the former snapshot did not
see: a sequence or a clock cannot say that, because both are drawn before the commit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection

ROWS_AT_ONCE = 5_000


class Seen(NamedTuple):
    """What a file saw: the snapshot, what decided for whole locations, and in which installation.

    `places` is {location: [is it enabled, its safety stock]} by primary key. Ids of transactions
    begin anew in another installation, so that a snapshot of one says nothing in another.
    """

    snapshot: str
    places: dict[str, list[Any]]
    cluster: str


CLUSTER = "SELECT system_identifier::text FROM pg_control_system()"
SNAPSHOT = "SELECT pg_current_snapshot()::text"
PLACES = """
SELECT place.id::text, place.is_enabled, coalesce(whole.safety_stock, 0)
  FROM locations_fulfillmentlocation AS place
  LEFT JOIN fulfilment_locationavailability AS whole ON whole.location_id = place.id
"""
# An object per product without its braces, once for all locations that have it.
PRODUCTS = """
CREATE TEMPORARY TABLE told_product ON COMMIT DROP AS
SELECT product.id,
       '"product_id":' || to_json(product.product_id)::text
       || ',"external_identifiers":[{"identifiers":'
       || coalesce((
            SELECT json_object_agg(kind, value)::text
              FROM (SELECT DISTINCT ON (kind) kind, value
                      FROM (SELECT 'sku' AS kind, product.sku AS value, 0 AS rank
                             WHERE product.sku <> ''
                            UNION ALL
                            SELECT lower(type), value, id
                              FROM catalog_productidentifier
                             WHERE product_id = product.id) AS all_of
                     ORDER BY kind, rank) AS first), '{}')
       || '}]' AS told
  FROM catalog_product AS product
"""
OF_CHANGED = " WHERE product.id IN (SELECT product_id FROM told_key)"
UNSEEN = """
  written_in >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
  AND NOT pg_visible_in_snapshot(written_in, %(snapshot)s::pg_snapshot)
"""
# Movements of a transaction have ids above what it found when it began, so the primary key
# leads to them.
CHANGED = f"""
CREATE TEMPORARY TABLE told_key ON COMMIT DROP AS
WITH fresh AS MATERIALIZED (
  SELECT id, movements_after FROM inventory_inventorytransaction WHERE {UNSEEN}
)
SELECT location_id, product_id FROM fulfilment_stocklevel WHERE {UNSEEN}
UNION
SELECT moved.location_id, moved.product_id
  FROM inventory_stockmovement AS moved
  JOIN fresh ON fresh.id = moved.transaction_id
 WHERE moved.id > (SELECT min(movements_after) FROM fresh)
   AND moved.stock_location_id = (SELECT id FROM locations_stocklocation WHERE name = 'main')
"""
# What decides for a whole location, for all that it has.
OF_PLACES = """
UNION
SELECT location_id, product_id FROM inventory_stockonhand WHERE location_id = ANY(%(places)s)
"""
TELL = """
SELECT '{{' || told || ',"fulfillment_node_id":' || to_json(place.code)::text
       || ',"atp":' || current_atp || '}}'
  FROM fulfilment_availability AS now
  JOIN told_product ON told_product.id = now.product_id
  JOIN locations_fulfillmentlocation AS place ON place.id = now.location_id
  {only_changed}
 WHERE %(locations)s::int[] IS NULL OR now.location_id = ANY(%(locations)s::int[])
"""
ONLY_CHANGED = "JOIN told_key USING (location_id, product_id)"


class Telling:
    """Rows in one snapshot, as texts of JSON objects; `seen` is what a later delta begins from."""

    def __init__(self, cursor: Any, locations: Sequence[int] | None) -> None:
        self.cursor, self.locations = cursor, locations
        self.seen = self.look()

    def look(self) -> Seen:
        self.cursor.execute(SNAPSHOT)
        (snapshot,) = self.cursor.fetchone()
        self.cursor.execute(PLACES)
        places = {pk: [on, safe] for pk, on, safe in self.cursor.fetchall()}
        self.cursor.execute(CLUSTER)
        return Seen(snapshot, places, self.cursor.fetchone()[0])

    def rows(self, since: Seen | None) -> Iterator[list[str]]:
        """Objects {product_id, fulfillment_node_id, atp, external_identifiers}, many at a time.

        Args:
            since: tell what this did not see; None: everything.
        """
        if since:
            known = since.places
            places = [int(pk) for pk, told in self.seen.places.items() if known.get(pk) != told]
            values = {"snapshot": since.snapshot, "places": places}
            self.cursor.execute(CHANGED + (OF_PLACES if places else ""), values)
            self.cursor.execute("ANALYZE told_key")
        self.cursor.execute(PRODUCTS + (OF_CHANGED if since else ""))
        self.cursor.execute("ANALYZE told_product")
        sql = TELL.format(only_changed=ONLY_CHANGED if since else "")
        named = self.cursor.connection.cursor("telling")
        with named:
            named.execute(sql, {"locations": self.locations})
            while found := named.fetchmany(ROWS_AT_ONCE):
                yield [row[0] for row in found]


@contextmanager
def telling(locations: Sequence[int] | None) -> Iterator[Telling]:
    """A snapshot of its own, on a connection of its own: the caller's transaction writes meanwhile.

    Args:
        locations: primary keys; None: all.
    """
    beside = connection.copy()
    try:
        beside.ensure_connection()
        with beside.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL work_mem = '64MB'")
            yield Telling(cursor.cursor, locations)
    finally:
        beside.close()
