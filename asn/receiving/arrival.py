"""What arrived, written to the lines of a locked notice."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from ..models import Asn
from .allocation import Taken
from .rows import Moves, apply

UNEXPECTED = """
INSERT INTO asn_asnline (asn_id, product_id, carton_id, raw_code, expected, received,
       over_received, received_elsewhere, in_transit, never_shipped, lost, damaged, returned)
SELECT %s, product_id, carton_id, '', 0, quantity, quantity, 0, 0, 0, 0, 0, 0
  FROM unnest(%s::int[], %s::text[], %s::int[]) AS one(product_id, carton_id, quantity)
RETURNING id, product_id, carton_id
"""


def add_unexpected(asn: Asn, arrived: Sequence[tuple[int, str, int]]) -> dict[tuple[int, str], int]:
    """Lines of what nobody announced, as (product, carton, units); their keys."""
    if not arrived:
        return {}
    products, cartons, quantities = (list(column) for column in zip(*arrived, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(UNEXPECTED, [asn.pk, products, cartons, quantities])
        return {(product, carton): pk for pk, product, carton in cursor.fetchall()}


def apply_arrival(asn: Asn, taken: Sequence[Taken]) -> dict[tuple[int, str], int]:
    """Write what arrived; keys of the unexpected lines that it made."""
    moves = Moves()
    new: dict[tuple[int, str], int] = defaultdict(int)
    for one in taken:
        if one.line is None:
            new[one.product_id, one.carton_id] += one.quantity
            continue
        moves.add(one.line.id, "received", one.quantity)
        for part in one.parts:
            place = part.fate.column if part.fate else "over_received"
            moves.add(one.line.id, place, -part.quantity if part.fate else part.quantity)
    apply(moves)
    return add_unexpected(asn, [(*key, quantity) for key, quantity in new.items()])
