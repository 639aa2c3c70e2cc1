"""Facts of this room as the event stream tells them (CONTRACT §3.3). Pure: document in, payload out."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from omnichannel.eventstream.outbox import CHUNK

from .models import InventoryTransaction

ADJUSTMENT_CREATED = "inventory_transaction.adjustment_created"


class Item(NamedTuple):
    """One line as an event tells it; stock locations by name, None for the world outside."""

    product_id: str
    quantity: int
    identifiers: Mapping[str, str]
    origin: str | None
    destination: str | None


def item(line: Item) -> dict[str, Any]:
    return {
        "product_id": line.product_id,
        "quantity": line.quantity,
        "external_identifiers": dict(line.identifiers),
    }


def chunked(lines: Sequence[Item]) -> list[tuple[str | None, str | None, list[Item]]]:
    """Lines by the way they went, at most CHUNK each: one way in one event."""
    ordered = sorted(lines, key=lambda line: (line.origin or "", line.destination or ""))
    found = []
    for way, group in groupby(ordered, key=lambda line: (line.origin, line.destination)):
        members = list(group)
        for start in range(0, len(members), CHUNK):
            found.append((*way, members[start : start + CHUNK]))
    return found


def adjustment_created(
    document: InventoryTransaction, adjustment_type: str, reason: str, lines: Iterable[Item]
) -> list[dict[str, Any]]:
    """One payload per chunk; quantities are positive, the direction is origin and destination.

    A swap or a correction of one goes both ways: each way is a chunk of its own, so that `id`
    with `chunk_number` stays the key.
    """
    chunks = chunked(list(lines))
    payloads = []
    for number, (origin, destination, members) in enumerate(chunks, start=1):
        payload: dict[str, Any] = {
            "id": str(document.uuid),
            "fulfillment_node_id": document.location.code,
            "adjustment_type": adjustment_type,
            "adjustment_reason": reason,
            "associate_id": document.associate_id,
            "processed_at": document.completed_at or document.started_at,
            "note": document.note,
            "chunk_number": number,
            "total_chunks": len(chunks),
            "items": [item(line) for line in members],
        }
        if origin:
            payload["origin_stock_location_name"] = origin
        if destination:
            payload["destination_stock_location_name"] = destination
        payloads.append(payload)
    return payloads
