"""Movements that are recorded after a count and happened before its last observation.

A till that was offline books a sale whose unit was gone when the shelf was counted: the count
took it off already, and the sale takes it off again (PRODUCT §7a).
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from ..models import Count

# A till that is offline for longer is another matter than a late movement.
WATCHED = timedelta(days=31)


class LateMovement(NamedTuple):
    """`quantity` is signed units that the book holds twice; primary keys."""

    movement_id: int
    product_id: int
    quantity: int
    happened_at: datetime
    posted_at: datetime
    transaction_id: int


# A later count of the product that took the movement into its book has set things right.
STATEMENT = """
SELECT m.id, m.product_id, m.quantity, m.happened_at, m.posted_at, m.transaction_id
  FROM inventory_stockmovement AS m
  JOIN counts_countresult AS result ON result.product_id = m.product_id
  JOIN inventory_inventorytransaction AS t ON t.id = m.transaction_id
 WHERE result.count_id = %(count)s AND result.delta IS NOT NULL
   AND m.location_id = %(location)s AND m.stock_location_id = %(shelf)s
   AND m.posted_at > %(frozen)s AND m.posted_at <= %(until)s
   AND m.happened_at <= result.last_at AND m.quantity <> 0
   AND t.type <> 'COUNT_ADJUSTMENT'
   AND NOT EXISTS (SELECT FROM counts_latecorrection AS done WHERE done.movement_id = m.id)
   AND NOT EXISTS (
     SELECT FROM counts_count AS later
       JOIN counts_countresult AS theirs ON theirs.count_id = later.id
      WHERE later.location_id = %(location)s AND later.stock_location_id = %(shelf)s
        AND later.frozen_at > m.posted_at AND theirs.product_id = m.product_id
        AND theirs.delta IS NOT NULL AND theirs.last_at >= m.happened_at)
 ORDER BY m.id
"""


def late_movements(count: Count) -> list[LateMovement]:
    """What the books of a completed count hold twice and nobody has taken back yet."""
    if count.frozen_at is None:
        return []
    values: dict[str, Any] = {
        "count": count.pk,
        "location": count.location_id,
        "shelf": count.stock_location_id,
        "frozen": count.frozen_at,
        "until": count.frozen_at + WATCHED,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        return [LateMovement(*row) for row in cursor.fetchall()]
