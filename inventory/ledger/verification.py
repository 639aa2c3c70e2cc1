"""The proof that the books are right; it reads, reports, and never repairs (RELIABILITY 11)."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection, transaction

SHOWN = 20


class Difference(NamedTuple):
    """`found` is what the books say, `expected` what they must say."""

    rule: str
    where: str
    expected: int | None
    found: int | None


class Verification(NamedTuple):
    movements: int
    stock_rows: int
    differences: int
    examples: list[Difference]


KEY = "location_id, product_id, stock_location_id"
WHERE = "concat_ws(' ', 'location', location_id, 'product', product_id, 'stock location', stock_location_id)"

# Each rule selects (where, expected, found) of the rows that break it.
RULES = {
    "on hand is the sum of movements": f"""
      SELECT {WHERE}, coalesce(summed.quantity, 0), held.quantity
        FROM inventory_stockonhand AS held
        FULL JOIN (SELECT {KEY}, sum(quantity) AS quantity
                     FROM inventory_stockmovement GROUP BY {KEY}) AS summed USING ({KEY})
       WHERE held.quantity IS DISTINCT FROM coalesce(summed.quantity, 0)""",
    "each balance continues the one before": f"""
      SELECT concat_ws(' ', 'movement', id, {WHERE}), running, balance
        FROM (SELECT *, sum(quantity) OVER (PARTITION BY {KEY} ORDER BY id) AS running
                FROM inventory_stockmovement) AS row
       WHERE running <> balance""",
    "time of posting never runs backwards along a row": f"""
      SELECT concat_ws(' ', 'movement', id, {WHERE}), NULL, NULL
        FROM (SELECT *, lag(posted_at) OVER (PARTITION BY {KEY} ORDER BY id) AS before
                FROM inventory_stockmovement) AS row
       WHERE posted_at < before OR happened_at > posted_at""",
    "every movement belongs to a completed transaction": """
      SELECT concat_ws(' ', 'movement', moved.id), moved.transaction_id, NULL
        FROM inventory_stockmovement AS moved
        LEFT JOIN inventory_inventorytransaction AS header
               ON header.id = moved.transaction_id AND header.status = 'COMPLETED'
       WHERE header.id IS NULL""",
    "every transaction finds all its movements": """
      SELECT concat_ws(' ', 'transaction', header.id), header.movement_count, found
        FROM inventory_inventorytransaction AS header
        LEFT JOIN (SELECT transaction_id, count(*) AS found, min(id) AS first
                     FROM inventory_stockmovement GROUP BY transaction_id) AS moved
               ON moved.transaction_id = header.id
       WHERE coalesce(found, 0) <> header.movement_count OR first <= header.movements_after""",
    "movements are what was typed": """
      SELECT concat_ws(' ', 'transaction', transaction_id, 'location', location_id,
                       'product', product_id, 'stock location', stock_location_id),
             typed.quantity, moved.quantity
        FROM inventory_stockmovement AS moved
        LEFT JOIN (
          SELECT transaction_id, location_id, product_id, stock_location_id,
                 sum(quantity) AS quantity
            FROM (
              SELECT line.transaction_id, product_id, -quantity AS quantity,
                     coalesce(header.from_location_id, header.location_id) AS location_id,
                     line.from_stock_location_id AS stock_location_id
                FROM inventory_inventorytransactionline AS line
                JOIN inventory_inventorytransaction AS header ON header.id = line.transaction_id
               WHERE line.from_stock_location_id IS NOT NULL
              UNION ALL
              SELECT line.transaction_id, product_id, quantity,
                     CASE WHEN header.type = 'TRANSFER' THEN header.location_id
                          ELSE coalesce(header.to_location_id, header.location_id) END,
                     line.to_stock_location_id
                FROM inventory_inventorytransactionline AS line
                JOIN inventory_inventorytransaction AS header ON header.id = line.transaction_id
               WHERE line.to_stock_location_id IS NOT NULL
            ) AS side
           GROUP BY transaction_id, location_id, product_id, stock_location_id
        ) AS typed USING (transaction_id, location_id, product_id, stock_location_id)
       WHERE typed.quantity IS DISTINCT FROM moved.quantity""",
    "lines name what exists": """
      SELECT concat_ws(' ', 'transaction', transaction_id, 'line', position), NULL, NULL
        FROM inventory_inventorytransactionline AS line
       WHERE NOT EXISTS (SELECT FROM inventory_inventorytransaction WHERE id = transaction_id)
          OR NOT EXISTS (SELECT FROM catalog_product WHERE id = line.product_id)
          OR (from_stock_location_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM locations_stocklocation WHERE id = from_stock_location_id))
          OR (to_stock_location_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM locations_stocklocation WHERE id = to_stock_location_id))""",
    "movements name what exists": f"""
      SELECT concat_ws(' ', 'movement', id, {WHERE}), NULL, NULL
        FROM inventory_stockmovement AS moved
       WHERE NOT EXISTS (SELECT FROM locations_fulfillmentlocation WHERE id = moved.location_id)
          OR NOT EXISTS (SELECT FROM catalog_product WHERE id = moved.product_id)
          OR NOT EXISTS (SELECT FROM locations_stocklocation
                          WHERE id = moved.stock_location_id)""",
}


def verify(more: Mapping[str, str] | None = None) -> Verification:
    """Check every rule over the whole ledger, in one snapshot of the database.

    Reads everything: seconds per million movements. Runs in a transaction of its own.

    Args:
        more: rules of the rooms above, each a SELECT of (where, expected, found).
    """
    differences, examples = 0, []
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(
            "SELECT (SELECT count(*) FROM inventory_stockmovement),"
            " (SELECT count(*) FROM inventory_stockonhand)"
        )
        movements, stock_rows = cursor.fetchone()
        for rule, select in {**RULES, **(more or {})}.items():
            cursor.execute(f"SELECT *, count(*) OVER () FROM ({select}) AS broken LIMIT {SHOWN}")
            rows = cursor.fetchall()
            differences += rows[0][-1] if rows else 0
            examples += [Difference(rule, *row[:-1]) for row in rows]
    return Verification(movements, stock_rows, differences, examples)
