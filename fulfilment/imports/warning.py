"""What is under way in the locations of a file, told before anything is written (PRODUCT §8)."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Count as Number
from django.utils.translation import ngettext

from counts.models import Count
from fulfilment.models import Mispick
from inventory.models import InventoryTransaction
from omnichannel.imports.staging import Problem, Staged

FIRST_ROWS = """
SELECT t.location, place.code, min(t.row), min(t.chunk)
  FROM placed t JOIN locations_fulfillmentlocation place ON place.id = t.location
 GROUP BY t.location, place.code ORDER BY min(t.row)
"""
Status = InventoryTransaction.Status


def warn(staged: Staged) -> None:
    """One warning for each location and kind, beside the first row that names the location."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_ROWS)
        rows = cursor.fetchall()
    ids = [location for location, *_rest in rows]
    counting, moving = open_counts(ids), open_movements(ids)
    for location, code, row, chunk in rows:
        for cause in causes(counting.get(location, 0), moving.get(location, 0)):
            staged.warn(Problem(row, chunk, "fulfillment_node_id", code, cause, ""))


def causes(counting: int, moving: int) -> Iterable[str]:
    if counting:
        yield (
            ngettext(
                "%d count that a mispick asked for is open there; the import answers it.",
                "%d counts that mispicks asked for are open there; the import answers them.",
                counting,
            )
            % counting
        )
    if moving:
        yield (
            ngettext(
                "%d movement of goods is under way there, which the file may not know of.",
                "%d movements of goods are under way there, which the file may not know of.",
                moving,
            )
            % moving
        )


def open_counts(locations: list[int]) -> dict[int, int]:
    asked = Mispick.objects.filter(count__isnull=False).values("count")
    found = Count.objects.filter(location__in=locations, status__in=Count.OPEN, pk__in=asked)
    return numbers(found)


def open_movements(locations: list[int]) -> dict[int, int]:
    under_way = (Status.IN_PROGRESS, Status.READY_FOR_HANDOVER)
    found = InventoryTransaction.objects.filter(location__in=locations, status__in=under_way)
    return numbers(found)


def numbers(rows: Any) -> dict[int, int]:
    counted = rows.order_by().values_list("location_id").annotate(number=Number("pk"))
    return dict(counted)
