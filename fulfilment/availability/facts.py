"""Rows of facts: made before something is said in them, and taken in one order."""

from collections.abc import Collection
from typing import Any

from django.db import connection

from inventory import ledger

Key = tuple[int, int]

KEYS = "SELECT * FROM unnest(%(locations)s::int[], %(products)s::int[])"
OPEN = """
INSERT INTO fulfilment_stocklevel (location_id, product_id)
SELECT location_id, product_id FROM ({select}) AS asked(location_id, product_id)
 GROUP BY location_id, product_id
 ORDER BY location_id, product_id
ON CONFLICT DO NOTHING
"""
LOCK = """
SELECT FROM fulfilment_stocklevel AS level
  JOIN ({keys}) AS asked(location_id, product_id) USING (location_id, product_id)
 ORDER BY level.location_id, level.product_id FOR UPDATE OF level
"""


def open_levels(select: str, params: Any = None) -> int:
    """Rows of facts, and of stock with 0 units, where there are none; how many facts were made.

    Args:
        select: SQL of ours with the columns location_id and product_id.
    """
    ledger.open_rows(select, params)
    with connection.cursor() as cursor:
        cursor.execute(OPEN.format(select=select), params)
        return cursor.rowcount


def lock_levels(keys: Collection[Key]) -> None:
    """Make and lock the facts of (location, product): whoever promises more of them waits.

    What is read of them and of their stock in later statements is what was committed before.
    """
    params = as_arrays(keys)
    open_levels(KEYS, params)
    with connection.cursor() as cursor:
        cursor.execute(LOCK.format(keys=KEYS), params)


def as_arrays(keys: Collection[Key]) -> dict[str, list[int]]:
    ordered = sorted(set(keys))
    return {
        "locations": [location for location, _product in ordered],
        "products": [product for _location, product in ordered],
    }
