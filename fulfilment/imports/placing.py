"""From texts to keys: the rows of a file find product and place, or why they stay out.

One pass over the whole file, so that a chunk is compared by keys alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy

from omnichannel.imports.rows import BadRow
from omnichannel.imports.staging import Staged

RAW = """
CREATE TEMPORARY TABLE staged (
  row integer, chunk integer, product_id text COLLATE "C", node text COLLATE "C",
  quantity integer, future_quantity integer, future_date date)
"""
# Every location that a row may name: those that are here, and those that the file brings along.
NODES = """
CREATE TEMPORARY TABLE told_node AS
SELECT code AS node, id AS location, kind, is_inventory_master AS is_ours,
       id = ANY(%(reached)s::int[]) AS is_reached,
       (now() AT TIME ZONE time_zone)::date AS today
  FROM locations_fulfillmentlocation
 UNION ALL
SELECT node, NULL, kind, false, true, (now() AT TIME ZONE 'UTC')::date
  FROM unnest(%(new)s::text[], %(kinds)s::text[]) AS told(node, kind)
"""
# `why` is the first thing that is wrong with a row. A movement of this very import is none of
# somebody else's: a worker that goes on after a crash finds those of the chunks before.
PLACED = """
CREATE TEMPORARY TABLE placed AS
SELECT row, chunk, product, location, node, quantity, future_quantity, future_date,
       NULL::integer AS first,
       CASE WHEN why IS NOT NULL THEN why
            WHEN %(as_of)s::timestamptz IS NOT NULL AND quantity IS NOT NULL AND EXISTS (
              SELECT FROM inventory_stockmovement moved
                JOIN inventory_inventorytransaction act ON act.id = moved.transaction_id
               WHERE moved.location_id = location AND moved.product_id = product
                 AND moved.stock_location_id = %(main)s
                 AND moved.happened_at > %(as_of)s::timestamptz
                 AND NOT starts_with(act.operation_key, %(key)s)) THEN 'moved'
       END AS why
  FROM (
    SELECT s.row, s.chunk, p.id AS product, n.location,
           CASE WHEN n.location IS NULL THEN s.node END AS node, s.quantity,
           s.future_quantity, s.future_date,
           CASE WHEN n.node IS NULL THEN 'no place' WHEN NOT n.is_reached THEN 'not yours'
                WHEN n.is_ours THEN 'ours' WHEN p.id IS NULL THEN 'no product'
                WHEN s.future_quantity IS NOT NULL AND n.kind <> 'DC' THEN 'no centre'
                WHEN s.future_date <= n.today THEN 'past' END AS why
      FROM staged s LEFT JOIN told_node n ON n.node = s.node
      LEFT JOIN catalog_product p ON p.product_id = s.product_id
  ) AS found
"""
# A file where nothing stands twice is only hashed, not sorted.
TWICE = """
UPDATE placed SET why = 'twice', first = seen.first
  FROM (SELECT product, location, node, min(row) AS first FROM placed
         WHERE product IS NOT NULL AND coalesce(why, 'moved') = 'moved'
         GROUP BY product, location, node HAVING count(*) > 1) AS seen
 WHERE placed.product = seen.product AND coalesce(why, 'moved') = 'moved'
   AND placed.location IS NOT DISTINCT FROM seen.location
   AND placed.node IS NOT DISTINCT FROM seen.node AND placed.row > seen.first
"""
LEFT_OUT = """
SELECT s.row, s.chunk, s.product_id, s.node, p.why, p.first
  FROM placed p JOIN staged s ON s.row = p.row WHERE p.why IS NOT NULL ORDER BY s.row
"""
KEPT_ONLY = "DELETE FROM placed WHERE why IS NOT NULL"
# Few rows tell enough of tables that are read once; a million keys fit in so much memory.
FRUGAL = "SET LOCAL default_statistics_target = 10; SET LOCAL work_mem = '64MB'"
TEMPORARY = "DROP TABLE IF EXISTS staged, told_node, placed, diff"

NODE = "fulfillment_node_id"
REASONS: Mapping[str, tuple[str, Any, Any]] = {
    "no place": (
        NODE,
        gettext_lazy("There is no location %(node)s."),
        gettext_lazy("Declare it in head.store_mapping, or correct the ID; capitals count."),
    ),
    # In the words of "no place": what lies outside the scope is not told of.
    "not yours": (
        NODE,
        gettext_lazy("There is no location %(node)s."),
        gettext_lazy("Declare it in head.store_mapping, or correct the ID; capitals count."),
    ),
    "ours": (
        NODE,
        gettext_lazy("The stock of %(node)s is kept here, not by another system."),
        gettext_lazy("Count it, or send the count as a stock import of the store."),
    ),
    "no product": (
        "product_id",
        gettext_lazy("There is no product of this ID."),
        gettext_lazy("Import the product first, or correct the ID; capitals count."),
    ),
    "no centre": (
        "future_inventory",
        gettext_lazy("%(node)s is a store; only a distribution centre has future inventory."),
        gettext_lazy("Leave it out."),
    ),
    "past": (
        "future_inventory",
        gettext_lazy("The day of the future inventory is not in the future of %(node)s."),
        gettext_lazy("Write a day from tomorrow on, or the quantity as stock on hand."),
    ),
    "twice": (
        "product_id",
        gettext_lazy("Product and location stand twice in this file, first in row %(first)d."),
        gettext_lazy("Keep one of the two rows."),
    ),
    "moved": (
        "quantity",
        gettext_lazy("It moved in %(node)s after the time as of which the file was written."),
        gettext_lazy("Its stock was left as it is; send the row again from a newer file."),
    ),
}


def place(
    staged: Staged,
    *,
    main_id: int,
    key: str,
    as_of: datetime | None,
) -> None:
    """Fill `placed` from `staged` and `told_node`, and tell of the rows that have no place.

    Args:
        main_id: of the stock location that is filled.
        key: how operation keys of this import begin.
        as_of: when the file was written; None where it does not say.
    """
    with connection.cursor() as cursor:
        cursor.execute(FRUGAL)
        cursor.execute("ANALYZE staged, told_node")
        cursor.execute(PLACED, {"main": main_id, "key": key, "as_of": as_of})
        cursor.execute(TWICE)
        cursor.execute(LEFT_OUT)
        told = cursor.fetchall()
        if told:
            cursor.execute(KEPT_ONLY)
        cursor.execute("CREATE INDEX ON placed (chunk)")
        cursor.execute("ANALYZE placed")
    for row, chunk, name, node, why, first in told:
        column, cause, fix = REASONS[why]
        words = {"node": node, "first": first}
        staged.leave_out(row, chunk, BadRow(str(cause) % words, str(fix), column), name)
    staged.problems.sort()


def drop_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TEMPORARY)
