"""What an import of stock says beside the stock: what is to come, when it was, what is found again.

Taken before the stock, and in the order of the key, as whoever promises units takes them.
"""

from django.db import connection

from fulfilment import availability

# Only facts that are there: a row of the file alone makes none, and the location says when.
LOCK = """
SELECT FROM fulfilment_stocklevel AS level
  JOIN placed ON placed.location = level.location_id AND placed.product = level.product_id
 WHERE placed.chunk = %s ORDER BY level.location_id, level.product_id FOR UPDATE OF level
"""
NOTE_PLACES = """
INSERT INTO fulfilment_locationavailability AS whole (location_id, last_import_at)
SELECT location, now() FROM placed WHERE chunk = %s AND quantity IS NOT NULL
 GROUP BY location ORDER BY location
ON CONFLICT (location_id) DO UPDATE SET last_import_at = excluded.last_import_at
"""
NOTE_ROWS = """
UPDATE fulfilment_stocklevel AS level SET last_import_at = now(), mispicked_at = NULL
  FROM placed
 WHERE placed.chunk = %s AND placed.quantity IS NOT NULL
   AND placed.location = level.location_id AND placed.product = level.product_id
"""
COMES = "SELECT location AS location_id, product AS product_id FROM diff WHERE comes"
WRITE = """
UPDATE fulfilment_stocklevel AS level
   SET future_quantity = diff.future_quantity, future_date = diff.future_date
  FROM diff
 WHERE diff.comes AND diff.location = level.location_id AND diff.product = level.product_id
"""


def lock(chunk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [chunk])


def note(chunk: int) -> None:
    """Locations and products were told of anew, changed or not; a mispick is over (PRODUCT §1)."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE_PLACES, [chunk])
        cursor.execute(NOTE_ROWS, [chunk])


def write() -> int:
    """What is to come, out of the table `diff`; how many rows of facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM diff WHERE comes)")
        if not cursor.fetchone()[0]:
            return 0
        availability.open_levels(COMES)
        cursor.execute(WRITE)
        return cursor.rowcount
