"""Facts of this room as the event stream tells them (CONTRACT §3.4). Pure: document in, payload out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .models import FulfillmentFact, FulfillmentRequest

ASSIGNED = "fulfillment_request.assigned"
ITEMS_COMPLETED = "fulfillment_request.items_completed"
ITEMS_FAILED = "fulfillment_request.items_failed"
READY_FOR_HANDOVER = "fulfillment_request.items_ready_for_handover"

Item = Mapping[str, Any]


def payload(
    request: FulfillmentRequest, fact: FulfillmentFact, items: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What all four have; `logical_timestamp` rises with every fact."""
    return {
        "id": str(request.uuid),
        "order_id": str(request.order_uuid),
        "logical_timestamp": fact.pk,
        "fulfillment_location_id": request.location.code,
        "service_level": request.service_level or None,
        "associate_id": fact.associate_id,
        "items": items,
    }


def assigned(
    request: FulfillmentRequest, fact: FulfillmentFact, items: Iterable[Item]
) -> dict[str, Any]:
    told = [
        {
            "id": item["id"],
            "product_id": item["product_id"],
            "carrier_service": item.get("carrier_service"),
        }
        for item in items
    ]
    return {**payload(request, fact, told), "created_at": request.created_at}


def ready_for_handover(
    request: FulfillmentRequest, fact: FulfillmentFact, items: Iterable[Item]
) -> dict[str, Any]:
    told = [{"id": item["id"], "product_id": item["product_id"]} for item in items]
    return payload(request, fact, told)


def items_completed(
    request: FulfillmentRequest,
    fact: FulfillmentFact,
    items: Iterable[Item],
    happened_at: datetime,
) -> dict[str, Any]:
    """`happened_at` is when items left that say no time of their own."""
    told = [
        {
            "id": item["id"],
            "product_id": item["product_id"],
            "tracking_code": item.get("tracking_code"),
            "carrier": item.get("carrier"),
            "shipped_at": item.get("shipped_at") or happened_at,
            "carrier_service": item.get("carrier_service"),
        }
        for item in items
    ]
    return payload(request, fact, told)


def items_failed(
    request: FulfillmentRequest, fact: FulfillmentFact, items: Iterable[Item]
) -> dict[str, Any]:
    told = [
        {
            "id": item["id"],
            "product_id": item["product_id"],
            "rejection_reason": item["rejection_reason"],
            "fulfillment_rejection_reason": item.get("fulfillment_rejection_reason"),
        }
        for item in items
    ]
    return payload(request, fact, told)
