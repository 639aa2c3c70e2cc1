"""Which products of a store are to be counted next (PRODUCT §7: ABC by value of movement)."""

from datetime import datetime, timedelta

from django.db import connection

from .models import CountPlan

PERIOD = timedelta(days=90)
# Those that make up the first 80 % of the value that moved are A, up to 95 % B, the rest C.
CHOSEN = """
WITH moved AS (
  SELECT m.product_id, sum(abs(m.quantity)) AS units
    FROM inventory_stockmovement AS m
    JOIN inventory_inventorytransaction AS t ON t.id = m.transaction_id
   WHERE m.location_id = %(location)s AND m.stock_location_id = %(shelf)s
     AND m.happened_at >= %(since)s AND t.type NOT IN ('STOCK_IMPORT', 'COUNT_ADJUSTMENT')
   GROUP BY m.product_id
), valued AS (
  SELECT held.product_id, held.quantity, held.counted_at,
         coalesce(moved.units * price.value, 0) AS value
    FROM inventory_stockonhand AS held
    JOIN locations_fulfillmentlocation AS place ON place.id = held.location_id
    LEFT JOIN moved ON moved.product_id = held.product_id
    LEFT JOIN catalog_price AS price
      ON price.pricebook_id = place.pricebook_id AND price.product_id = held.product_id
   WHERE held.location_id = %(location)s AND held.stock_location_id = %(shelf)s
), ranked AS (
  SELECT valued.*, sum(value) OVER () AS total,
         sum(value) OVER (ORDER BY value DESC, product_id) - value AS before
    FROM valued
), classed AS (
  SELECT ranked.*,
         CASE WHEN value = 0 THEN 'C' WHEN before < 0.80 * total THEN 'A'
              WHEN before < 0.95 * total THEN 'B' ELSE 'C' END AS class
    FROM ranked
)
SELECT product_id FROM classed
 WHERE (%(choice)s = 'LONGEST' OR (%(choice)s = 'NEGATIVE' AND quantity < 0) OR class = %(choice)s)
   AND NOT EXISTS (
     SELECT FROM counts_countline AS line JOIN counts_count AS c ON c.id = line.count_id
      WHERE line.product_id = classed.product_id AND c.location_id = %(location)s
        AND c.stock_location_id = %(shelf)s AND c.type = 'CYCLE'
        AND c.status IN ('PENDING', 'IN_PROGRESS'))
 ORDER BY counted_at NULLS FIRST, value DESC, product_id
 LIMIT %(most)s
"""


def products(plan: CountPlan, since: datetime) -> list[int]:
    """Primary keys, those counted longest ago first; `since` begins the movements that count."""
    with connection.cursor() as cursor:
        cursor.execute(
            CHOSEN,
            {
                "location": plan.location_id,
                "shelf": plan.stock_location_id,
                "choice": plan.choice,
                "since": since,
                "most": plan.most_products,
            },
        )
        return [row[0] for row in cursor.fetchall()]
