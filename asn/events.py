"""Facts of this room as the event stream tells them (CONTRACT §3.3). Pure: document in, payload out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from omnichannel.eventstream.outbox import chunks

from .models import Asn

ITEMS_RECEIVED = "inventory_transaction.items_received"
ASN_CREATED = "inventory_transaction.asn_created"
ASN_CLOSED = "inventory_transaction.asn_closed"
# Goods are received here, and nowhere else (CONTRACT §4.1).
RECEIVED_INTO = "main"


class Item(NamedTuple):
    """Units of a product by the contract's id, with its further names by kind."""

    product_id: str
    quantity: int
    identifiers: Mapping[str, str]


class TransferRefs(NamedTuple):
    """The transfer from which a notice comes: ids, and references where there are any."""

    order_id: UUID
    transaction_id: UUID
    order_ref: str = ""
    transaction_ref: str = ""


def told(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [
        {
            "product_id": item.product_id,
            "quantity": item.quantity,
            "external_identifiers": item.identifiers,
        }
        for item in items
    ]


def items_received(
    *,
    id: UUID,
    location: str,
    associate_id: str,
    processed_at: datetime,
    items: Sequence[Item],
    shipment_ref: str | None,
    order_ref: str | None,
    asn_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """One payload per chunk; `id` is the Receiving transaction's. References as they came."""
    shared: dict[str, Any] = {
        "id": id,
        "fulfillment_location_id": location,
        "associate_id": associate_id,
        "stock_location_name": RECEIVED_INTO,
        "processed_at": processed_at,
        "order_ref": order_ref or None,
    }
    if shipment_ref:
        shared["shipment_ref"] = shipment_ref
    if asn_id:
        shared["asn_id"] = asn_id
    return [
        {
            **shared,
            "chunk_number": chunk.number,
            "total_chunks": chunk.total,
            "items": told(chunk.items),
        }
        for chunk in chunks(items)
    ]


def asn_closed(asn: Asn) -> dict[str, Any]:
    """Received in full, or force closed: the contract tells no difference."""
    return {"id": asn.uuid}


def asn_created(asn: Asn, transfer: TransferRefs, items: Sequence[Item]) -> list[dict[str, Any]]:
    """One payload per chunk, for notices that come from a transfer and for no others."""
    shared: dict[str, Any] = {
        "id": asn.uuid,
        "origin_id": asn.origin.code,
        "destination_id": asn.destination.code,
        "shipment_date": asn.shipped_at,
        "shipment_ref": asn.number,
        "transfer_order_id": transfer.order_id,
        "transfer_transaction_id": transfer.transaction_id,
        "created_at": asn.created_at,
    }
    optional = {
        "purchase_order_number": asn.po_number,
        "transfer_order_ref": transfer.order_ref,
        "transfer_transaction_ref": transfer.transaction_ref,
    }
    shared |= {name: value for name, value in optional.items() if value}
    return [
        {
            **shared,
            "chunk_number": chunk.number,
            "total_chunks": chunk.total,
            "items": told(chunk.items),
        }
        for chunk in chunks(items)
    ]
