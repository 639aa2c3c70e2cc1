"""Facts of this room as the event stream tells them (CONTRACT §3.3). Pure: document in, payload out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, NamedTuple

from .models import Count

ITEMS_COUNTED = "inventory_count.items_counted"
REVERSAL = ("Count", "Count reversal")
LATE_MOVEMENT = ("Count", "Late movement")
TYPES = {Count.Type.CYCLE: "cycle_count", Count.Type.FULL: "full_count"}


class Item(NamedTuple):
    """`stock_on_hand` = expected + moved since; `delta` is exactly what was posted."""

    product_id: str
    stock_on_hand: int
    counted: int
    delta: int
    identifiers: Mapping[str, str]


def items_counted(count: Count, number: int, total: int, items: Sequence[Item]) -> dict[str, Any]:
    """One chunk of a completed count; the id is the count task's (CONTRACT §9)."""
    payload: dict[str, Any] = {
        "id": str(count.uuid),
        "count_type": TYPES[Count.Type(count.type)],
        "fulfillment_location_id": count.location.code,
        "associate_id": count.associate_id,
        "stock_location_name": count.stock_location.name,
        "due_date": datetime.combine(count.due_date, time(), UTC),
        "started_at": count.started_at,
        "completed_at": count.completed_at,
        "chunk_number": number,
        "total_chunks": total,
        "items": [item(line) for line in items],
    }
    if count.external_id:
        payload["external_id"] = count.external_id
    return payload


def item(line: Item) -> dict[str, Any]:
    return {
        "product_id": line.product_id,
        "stock_on_hand": line.stock_on_hand,
        "count": line.counted,
        "delta": line.delta,
        "external_identifiers": line.identifiers,
    }
