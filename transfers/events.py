"""Facts of this room as the event stream tells them (CONTRACT §3.3). Pure: document in, payload out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from asn.events import Item, told
from omnichannel.eventstream.outbox import chunks

from .models import TransferOrder, TransferTransaction

TRANSFER_ORDER_CREATED = "inventory_transaction.transfer_order_created"
TRANSFER_ORDER_CLOSED = "inventory_transaction.transfer_order_closed"
ITEMS_READY_FOR_HANDOVER = "inventory_transaction.items_ready_for_handover"


def transfer_order_created(order: TransferOrder, items: Sequence[Item]) -> list[dict[str, Any]]:
    """One payload per chunk, for orders that a store of ours began and for no others."""
    shared = {
        "id": order.uuid,
        "origin_id": order.origin.code,
        "destination_id": order.destination.code,
        "external_ref": order.external_ref,
        "origin_stock_location": order.from_stock_location.name,
        "created_at": order.created_at,
    }
    return in_chunks(shared, items)


def transfer_order_closed(order: TransferOrder) -> dict[str, Any]:
    """Shipped in full, or closed by hand: the contract tells no difference."""
    return {"id": order.uuid, "external_ref": order.external_ref}


def items_ready_for_handover(
    parcel: TransferTransaction, associate_id: str, processed_at: datetime, items: Sequence[Item]
) -> list[dict[str, Any]]:
    """One payload per chunk, for parcels that a carrier takes; `id` is the transaction's."""
    order = parcel.order
    shared = {
        "id": parcel.uuid,
        "order_id": order.uuid,
        "order_ref": order.external_ref,
        "origin_id": order.origin.code,
        "destination_id": order.destination.code,
        "stock_location_name": order.from_stock_location.name,
        "associate_id": associate_id,
        "processed_at": processed_at,
    }
    return in_chunks(shared, items)


def in_chunks(shared: Mapping[str, Any], items: Sequence[Item]) -> list[dict[str, Any]]:
    return [
        {
            **shared,
            "chunk_number": chunk.number,
            "total_chunks": chunk.total,
            "items": told(chunk.items),
        }
        for chunk in chunks(items)
    ]
