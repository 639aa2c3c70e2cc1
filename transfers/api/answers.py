"""Orders and parcels as CONTRACT §4 writes them."""

from collections.abc import Sequence
from typing import Any

from .. import queries
from ..models import TransferOrder, TransferOrderLine, TransferTransaction
from ..queries import Arrival
from .bodies import PARCEL_STATUSES, STATUSES


def summary(order: TransferOrder) -> dict[str, Any]:
    return {
        "id": order.uuid,
        "external_ref": order.external_ref,
        "status": STATUSES[TransferOrder.Status(order.status)],
        "revision": order.revision,
        "from_location_id": order.origin.code,
        "to_location_id": order.destination.code,
        "from_stock_location": order.from_stock_location.name,
        "order_date": order.ordered_at,
        "due_date": order.due_date,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "completed_at": order.closed_at,
        "closed_by": order.closed_associate_id or None,
        "is_store_initiated": order.source == TransferOrder.Source.STORE,
        "note": order.note,
        "ordered_item_total": order.ordered_total,
        "transferred_item_total": order.transferred_total,
        "set_aside_item_total": order.reserved_total,
    }


def line_item(line: TransferOrderLine) -> dict[str, Any]:
    return {
        "product_id": line.product.product_id,
        "ordered_quantity": line.ordered,
        "transferred_quantity": line.transferred,
        "variance": line.variance,
        "remaining_quantity": line.remaining,
        "set_aside_quantity": line.reserved,
    }


def with_lines(order: TransferOrder) -> dict[str, Any]:
    """Of a list."""
    return {**summary(order), "line_items": [line_item(line) for line in in_order(order)]}


def whole(order: TransferOrder) -> dict[str, Any]:
    """One order, with what became of its units at the other end."""
    came, none = queries.arrivals(order), Arrival(0, 0)
    lines = []
    for line in in_order(order):
        received, in_transit = came.get(line.product_id, none)
        there = {"received_quantity": received, "in_transit_quantity": in_transit}
        lines.append({**line_item(line), **there})
    return {**summary(order), "line_items": lines}


def in_order(order: TransferOrder) -> Sequence[TransferOrderLine]:
    return sorted(order.lines.all(), key=lambda line: line.pk)


def parcel(found: TransferTransaction) -> dict[str, Any]:
    """Every line of the order, so that a client sees what is left, and what else is in it."""
    order = found.order
    packed = {line.product_id: line for line in found.lines.all()}
    lines = [
        parcel_line(
            line.product.product_id,
            packed[line.product_id].quantity if line.product_id in packed else 0,
            line.ordered,
            line.remaining,
        )
        for line in in_order(order)
    ]
    known = {line.product_id for line in order.lines.all()}
    lines += [
        parcel_line(line.product.product_id, line.quantity, 0, 0)
        for pk, line in sorted(packed.items())
        if pk not in known
    ]
    return {
        "id": found.uuid,
        "number": found.number,
        "status": PARCEL_STATUSES[TransferTransaction.Status(found.status)],
        "revision": found.revision,
        "shipment_requested": found.with_carrier,
        "carrier": found.carrier or None,
        "service_level": found.service_level or None,
        "tracking_number": found.tracking_number or None,
        "associate_id": found.associate_id,
        "created_at": found.created_at,
        "ready_at": found.ready_at,
        "shipped_at": found.shipped_at,
        "unpacked_at": found.unpacked_at,
        "asn_id": found.asn.uuid if found.asn else None,
        "line_items": lines,
        "transfer_order": {
            "id": order.uuid,
            "external_ref": order.external_ref,
            "from_location_id": order.origin.code,
            "to_location_id": order.destination.code,
            "origin_stock_location": order.from_stock_location.name,
        },
    }


def parcel_line(product_id: str, packed: int, ordered: int, remaining: int) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "ordered_quantity": ordered,
        "picked_quantity": packed,
        "quantity": packed,
        "remaining_quantity": remaining,
    }
