"""What may be promised now, for the products and locations that somebody asks about."""

from collections.abc import Collection

from django.db import connection

from .facts import Key, as_arrays

ATP = """
SELECT location_id, product_id, current_atp, future_atp
  FROM unnest(%(locations)s::int[], %(products)s::int[]) AS asked(location_id, product_id)
  JOIN fulfilment_availability USING (location_id, product_id)
"""


def atp_of(keys: Collection[Key]) -> dict[Key, tuple[int, int]]:
    """Current and future ATP in units by (location, product); of what was never there, 0.

    One statement by index, whatever the number of keys.
    """
    found = dict.fromkeys(keys, (0, 0))
    with connection.cursor() as cursor:
        cursor.execute(ATP, as_arrays(keys))
        found.update({(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()})
    return found
