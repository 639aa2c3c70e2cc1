"""Orders as far as stock needs them: what they keep, who sends it, what came of it.

Verbs of our own: the contract has the events that follow (CONTRACT §3.4), not the calls.
"""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Status

from inventory.models import Allocation
from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import REQUIRED, ApiRequest, Router
from omnichannel.locations import permissions as at_locations
from omnichannel.locations.models import FulfillmentLocation

from .. import actions, availability
from ..models import FulfillmentFact, FulfillmentRequest
from .finding import pks_of, product_pks
from .order_bodies import (
    AssignIn,
    CompleteIn,
    FactTold,
    FailIn,
    PackIn,
    Released,
    RequestTold,
    ReservationTold,
    ReserveIn,
)

router = Router(tags=["Fulfilment"])
ORDERS, REQUESTS = "/v0/fulfillment/orders", "/v0/fulfillment/requests"
WRITE: dict[str, Any] = {
    "permission": at_locations.EDIT_FULFILLMENT_AVAILABILITY,
    "scope": scopes.STOCK_WRITE,
    "ledger": True,
}
Kind = Allocation.Kind


@router.post(
    f"{ORDERS}/{{order_id}}/reservations",
    **WRITE,
    key=REQUIRED,
    response={201: ReservationTold},
)
def reserve_items(request: ApiRequest, order_id: UUID, body: ReserveIn) -> Status[dict[str, Any]]:
    """Earmark one unit for each item until the order is routed; 409 where there is none left."""
    places = places_of(request, [item.fulfillment_node_id for item in body.items])
    products = products_of([item.product_id for item in body.items])
    wanted = [
        availability.Wanted(
            item.id, places[item.fulfillment_node_id], products[item.product_id], Kind.SOFT
        )
        for item in body.items
    ]
    try:
        until = actions.reserve_for_order(
            order_uuid=order_id, items=wanted, expires_in_seconds=body.expires_in_seconds
        )
    except (availability.NotAvailable, availability.PromisedElsewhere) as error:
        raise refused(error) from error
    return Status(201, {"success": True, "order_id": order_id, "expires_at": until})


@router.delete(f"{ORDERS}/{{order_id}}/reservations", **WRITE, response=Released)
def release_items(request: ApiRequest, order_id: UUID) -> dict[str, Any]:
    """Give free whatever the order still reserves; nothing of it is no error."""
    rows = Allocation.objects.open().filter(order_uuid=order_id, kind=Kind.SOFT)
    seen = rows.filter(location__in=acted_for(request))
    if rows.count() != seen.count():
        raise not_found(f"There is no order {order_id} for you to act on.")
    return {"success": True, "released": actions.release_order(order_uuid=order_id)}


@router.post(REQUESTS, **WRITE, key=REQUIRED, response={201: RequestTold})
def assign_items(
    request: ApiRequest, body: AssignIn, response: HttpResponse
) -> Status[dict[str, Any]]:
    """Items of an order are a location's to send: allocated, and `assigned` is told."""
    place = places_of(request, [body.fulfillment_location_id])[body.fulfillment_location_id]
    products = products_of([item.product_id for item in body.items])
    if body.id and FulfillmentRequest.objects.filter(uuid=body.id).exists():
        raise ApiError(409, "conflict", f"There is a request {body.id} already.")
    try:
        made = actions.assign_items(
            order_uuid=body.order_id,
            location_id=place,
            items=[
                availability.Wanted(
                    item.id,
                    place,
                    products[item.product_id],
                    Kind.FUTURE if item.is_preorder else Kind.HARD,
                )
                for item in body.items
            ],
            told={item.id: item.model_dump(include={"carrier_service"}) for item in body.items},
            by=request.user,
            key=request.operation_key,
            request_uuid=body.id,
            service_level=body.service_level or "",
            associate_id=body.associate_id or "",
        )
    except (availability.NotAvailable, availability.PromisedElsewhere) as error:
        raise refused(error) from error
    response["Location"] = f"{REQUESTS}/{made.request.uuid}"
    return Status(201, request_body(made.request))


@router.get(
    f"{REQUESTS}/{{request_id}}",
    permission=at_locations.EDIT_FULFILLMENT_AVAILABILITY,
    scope=scopes.STOCK_READ,
    response=RequestTold,
)
def get_request(request: ApiRequest, request_id: UUID) -> dict[str, Any]:
    """A request with where each of its items stands."""
    return request_body(one(request, request_id))


@router.post(f"{REQUESTS}/{{request_id}}/items_packed", **WRITE, key=REQUIRED, response=FactTold)
def pack_items(request: ApiRequest, request_id: UUID, body: PackIn) -> dict[str, Any]:
    """Items wait to be handed over: `items_ready_for_handover` is told, stock stays."""
    fact = actions.pack_items(
        pk=one(request, request_id).pk,
        item_uuids=[item.id for item in body.items],
        by=request.user,
        key=request.operation_key,
        associate_id=body.associate_id or "",
    )
    return fact_body(fact)


@router.post(f"{REQUESTS}/{{request_id}}/items_completed", **WRITE, key=REQUIRED, response=FactTold)
def complete_items(request: ApiRequest, request_id: UUID, body: CompleteIn) -> dict[str, Any]:
    """Items left with a carrier: stock leaves now, whoever keeps it, and `items_completed` is told."""
    return completed(request, request_id, body, is_handed_over=False)


@router.post(
    f"{REQUESTS}/{{request_id}}/items_handed_over", **WRITE, key=REQUIRED, response=FactTold
)
def hand_items_over(request: ApiRequest, request_id: UUID, body: CompleteIn) -> dict[str, Any]:
    """Items left with the customer: the same in every other way."""
    return completed(request, request_id, body, is_handed_over=True)


def completed(
    request: ApiRequest, request_id: UUID, body: CompleteIn, *, is_handed_over: bool
) -> dict[str, Any]:
    refuse_twice([item.id for item in body.items])
    fact = actions.complete_items(
        pk=one(request, request_id).pk,
        items={item.id: item.model_dump(exclude={"id"}) for item in body.items},
        by=request.user,
        key=request.operation_key,
        is_handed_over=is_handed_over,
        associate_id=body.associate_id or "",
    )
    return fact_body(fact)


@router.post(f"{REQUESTS}/{{request_id}}/items_failed", **WRITE, key=REQUIRED, response=FactTold)
def fail_items(request: ApiRequest, request_id: UUID, body: FailIn) -> dict[str, Any]:
    """Items cannot be sent from here; not found is a mispick, and `items_failed` is told."""
    refuse_twice([item.id for item in body.items])
    fact = actions.fail_items(
        pk=one(request, request_id).pk,
        items={item.id: item.model_dump(exclude={"id"}) for item in body.items},
        by=request.user,
        key=request.operation_key,
        associate_id=body.associate_id or "",
    )
    return fact_body(fact)


def acted_for(request: ApiRequest) -> Any:
    return FulfillmentLocation.objects.acted_for_by(request.user)


def places_of(request: ApiRequest, ids: list[str]) -> dict[str, int]:
    found = pks_of(acted_for(request), ids)
    if unknown := [text for text in dict.fromkeys(ids) if text not in found]:
        text = f"There are no locations {', '.join(unknown)} for you to act in."
        raise not_found(text, "location_not_found")
    return found


def products_of(ids: list[str]) -> dict[str, int]:
    known = product_pks(ids)
    if missing := [text for text in dict.fromkeys(ids) if text not in known]:
        text = f"These products are unknown: {', '.join(missing)}. Nothing was written."
        raise ApiError(400, "missing_products", text, missing_products=missing)
    return known


def one(request: ApiRequest, uuid: UUID) -> FulfillmentRequest:
    rows = FulfillmentRequest.objects.visible_to(request.user).select_related("location")
    found = rows.filter(uuid=uuid).first()
    if found is None:
        raise not_found(f"There is no fulfilment request {uuid}.")
    return found


def refuse_twice(ids: list[UUID]) -> None:
    if len(set(ids)) != len(ids):
        raise ApiError(400, "invalid_data", "An item is named twice.")


def refused(error: availability.NotAvailable | availability.PromisedElsewhere) -> ApiError:
    code = "not_available" if isinstance(error, availability.NotAvailable) else "conflict"
    return ApiError(409, code, str(error))


def request_body(found: FulfillmentRequest) -> dict[str, Any]:
    rows = Allocation.objects.filter(request_uuid=found.uuid).select_related("product")
    return {
        "success": True,
        "id": found.uuid,
        "order_id": found.order_uuid,
        "fulfillment_location_id": found.location.code,
        "service_level": found.service_level or None,
        "created_at": found.created_at,
        "items": [
            {
                "id": row.item_uuid,
                "product_id": row.product.product_id,
                "is_preorder": row.kind == Kind.FUTURE,
                "status": row.state.lower(),
            }
            for row in rows.order_by("pk")
        ],
    }


def fact_body(fact: FulfillmentFact) -> dict[str, Any]:
    return {
        "success": True,
        "request_id": fact.request.uuid,
        "logical_timestamp": fact.pk,
        "items": fact.items,
    }
