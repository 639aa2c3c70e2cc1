"""A place on the shelf for a product that was never there: what may be said of it beside stock."""

from typing import Any

from django.db import connection

OPEN = """
INSERT INTO inventory_stockonhand (location_id, product_id, stock_location_id, quantity)
SELECT location_id, product_id, (SELECT id FROM locations_stocklocation WHERE name = 'main'), 0
  FROM ({select}) AS asked(location_id, product_id)
 GROUP BY location_id, product_id
 ORDER BY location_id, product_id
ON CONFLICT DO NOTHING
"""


def open_rows(select: str, params: Any = None) -> int:
    """Rows of stock in `main` with 0 units where there are none yet; how many were made.

    The sum of no movements is 0, so nothing is posted.

    Args:
        select: SQL of ours with the columns location_id and product_id, never text from outside.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN.format(select=select), params)
        return cursor.rowcount
