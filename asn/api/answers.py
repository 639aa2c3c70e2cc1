"""Notices as CONTRACT §4 writes them."""

from collections.abc import Sequence
from typing import Any

from ..models import Asn, AsnLine
from .bodies import STATUSES


def summary(asn: Asn) -> dict[str, Any]:
    return {
        "id": asn.uuid,
        "status": STATUSES[Asn.Status(asn.status)],
        "revision": asn.revision,
        "created_at": asn.created_at,
        "updated_at": asn.updated_at,
        "fulfillment_node_id": asn.destination.code,
        "from_location": asn.origin.code,
        "to_location_label": asn.destination.name,
        "references": {"shipment_ref": asn.shipment_ref, "po_number": asn.po_number or None},
        "order_ids": asn.order_ids,
        "shipment_date": asn.shipped_at,
        "expected_arrival": asn.expected_date,
        "completion_date": asn.closed_at,
        "force_closed_by": asn.closed_associate_id if asn.is_force_closed else None,
        "item_total": asn.expected_total,
        "received_item_total": asn.received_total,
        "received_product_total": asn.received_products,
        "in_transit_item_total": asn.in_transit_total,
    }


def line_item(line: AsnLine) -> dict[str, Any]:
    return {
        "product_id": line.product.product_id,
        "expected_quantity": line.expected,
        "quantity": line.expected,
        "received_quantity": line.received,
        "carton_id": line.carton_id or None,
        "over_received_quantity": line.over_received,
        "in_transit_quantity": line.in_transit,
        "written_off_quantity": line.written_off,
        "returned_quantity": line.returned,
        "received_elsewhere_quantity": line.received_elsewhere,
        "never_shipped_quantity": line.never_shipped,
    }


def with_lines(asn: Asn) -> dict[str, Any]:
    """Of a list: lines without the catalogue."""
    return {**summary(asn), "line_items": [line_item(line) for line in in_order(asn)]}


def whole(asn: Asn) -> dict[str, Any]:
    lines = in_order(asn)
    return {
        **summary(asn),
        "line_items": [{**line_item(line), "product": product(line)} for line in lines],
    }


def in_order(asn: Asn) -> Sequence[AsnLine]:
    return sorted(asn.lines.all(), key=lambda line: line.pk)


def product(line: AsnLine) -> dict[str, Any]:
    found = line.product
    identifiers = {"sku": found.sku} if found.sku else {}
    for identifier in sorted(found.identifiers.all(), key=lambda one: one.pk):
        identifiers.setdefault(identifier.type.lower(), identifier.value)
    return {
        "product_id": found.product_id,
        "sku": found.sku,
        "title": found.name,
        "variation_size_value": found.size,
        "variation_color_value": found.color,
        "external_identifiers": identifiers,
    }
