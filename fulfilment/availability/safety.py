"""The table of safety stock in SQL: told, staged, and written as a difference."""

from collections.abc import Sequence
from typing import Any

from .facts import open_levels

Row = tuple[int, str, str, int | None]

# Whole locations first, as the page of a person reads them.
TOLD = """
SELECT '', place.code, whole.safety_stock
  FROM fulfilment_locationavailability AS whole
  JOIN locations_fulfillmentlocation AS place ON place.id = whole.location_id
 WHERE place.id = ANY(%(locations)s) AND whole.safety_stock > 0
UNION ALL
SELECT product.product_id, place.code, level.safety_stock
  FROM fulfilment_stocklevel AS level
  JOIN locations_fulfillmentlocation AS place ON place.id = level.location_id
  JOIN catalog_product AS product ON product.id = level.product_id
 WHERE place.id = ANY(%(locations)s) AND level.safety_stock IS NOT NULL
 ORDER BY 2, 1
"""
READ = """
CREATE TEMPORARY TABLE told_safety (
  line int, product text COLLATE "C", location text COLLATE "C", safety_stock int
) ON COMMIT DROP
"""
UNKNOWN = """
SELECT told.line, told.product, told.location, product.id IS NULL AND told.product <> '',
       place.id IS NULL
  FROM told_safety AS told
  LEFT JOIN catalog_product AS product ON product.product_id = told.product
  LEFT JOIN locations_fulfillmentlocation AS place
         ON place.code = told.location AND place.id = ANY(%(locations)s)
 WHERE (product.id IS NULL AND told.product <> '') OR place.id IS NULL
 ORDER BY told.line LIMIT %(most)s
"""
WHOLE = """
INSERT INTO fulfilment_locationavailability AS whole (location_id, safety_stock)
SELECT place.id, coalesce(told.safety_stock, 0)
  FROM told_safety AS told JOIN locations_fulfillmentlocation AS place ON place.code = told.location
 WHERE told.product = ''
 ORDER BY place.id
ON CONFLICT (location_id) DO UPDATE SET safety_stock = excluded.safety_stock
  WHERE whole.safety_stock <> excluded.safety_stock
"""
RESOLVED = """
SELECT place.id AS location_id, product.id AS product_id, told.safety_stock
  FROM told_safety AS told
  JOIN locations_fulfillmentlocation AS place ON place.code = told.location
  JOIN catalog_product AS product ON product.product_id = told.product
"""
SINGLE = f"""
WITH wanted AS MATERIALIZED (
  SELECT level.location_id, level.product_id, told.safety_stock
    FROM fulfilment_stocklevel AS level
    JOIN ({RESOLVED}) AS told USING (location_id, product_id)
   WHERE level.safety_stock IS DISTINCT FROM told.safety_stock
   ORDER BY level.location_id, level.product_id FOR UPDATE OF level)
UPDATE fulfilment_stocklevel AS level SET safety_stock = wanted.safety_stock
  FROM wanted
 WHERE (level.location_id, level.product_id) = (wanted.location_id, wanted.product_id)
"""
KEYS = f"SELECT location_id, product_id FROM ({RESOLVED}) AS told WHERE safety_stock IS NOT NULL"


def told(cursor: Any, locations: Sequence[int]) -> list[tuple[str, str, int]]:
    """(product id, location, units) of these locations; a blank product is the whole location."""
    cursor.execute(TOLD, {"locations": list(locations)})
    return cursor.fetchall()


def stage(cursor: Any, rows: Sequence[Row]) -> None:
    """(line, product id, location, units) into a table that is gone with the transaction."""
    cursor.execute("DROP TABLE IF EXISTS told_safety")
    cursor.execute(READ)
    with cursor.copy("COPY told_safety FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute("ANALYZE told_safety")


def unknown(cursor: Any, locations: Sequence[int], most: int) -> list[tuple]:
    """(line, product, location, no such product?, no such location?) of staged rows."""
    cursor.execute(UNKNOWN, {"locations": list(locations), "most": most})
    return cursor.fetchall()


def write(cursor: Any) -> int:
    """The staged rows into the facts; how many differed."""
    cursor.execute(WHOLE)
    changed = cursor.rowcount
    open_levels(KEYS)
    cursor.execute(SINGLE)
    return changed + cursor.rowcount
