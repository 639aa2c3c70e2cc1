"""What is set aside for customers, over JSON (CONTRACT §4.5): the same acts as on the pages."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Status

from omnichannel.accounts import audit, scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import REQUIRED, ApiRequest, Router
from omnichannel.locations import permissions as at_locations
from omnichannel.locations.api.scope import place_of
from omnichannel.locations.models import Configuration

from .. import actions, ledger, permissions
from ..models import CustomerReservation, CustomerReservationQuerySet
from .adjustments import products_of, too_low
from .reservation_bodies import (
    COLUMNS,
    Asked,
    Decision,
    Detail,
    ItemDecisions,
    Listed,
    Made,
    ReservationIn,
    Settings,
    SettingsIn,
    answer_as,
    detail,
    matching,
    order_of,
    reserved_among,
    summary,
    told,
)

router = Router(tags=["Customer reservations"])
READ: dict[str, Any] = {
    "permission": (permissions.VIEW_INVENTORY_MANAGEMENT, permissions.VIEW_INVENTORY),
    "scope": scopes.RESERVATIONS_READ,
}
WRITE: dict[str, Any] = {
    "permission": permissions.ADJUST_INVENTORY,
    "scope": scopes.RESERVATIONS_WRITE,
    "ledger": True,
}


@router.post("/inventory/reservations", **WRITE, response={201: Made}, key=REQUIRED)
def create_reservation(
    request: ApiRequest, body: ReservationIn, response: HttpResponse
) -> Status[dict[str, Any]]:
    """Set one unit of each item aside for a customer; the same key answers with the same one."""
    place = place_of(request, body.location_id)
    products = products_of([item.product_id for item in body.items])
    try:
        made = actions.reserve_items(
            location_id=place.pk,
            product_ids=[products[item.product_id] for item in body.items],
            customer_profile_id=body.customer_profile_id,
            by=request.user,
            key=request.operation_key,
            associate_id=body.associate_id or "",
            expires_in_minutes=body.expires_in_min,
            is_pending=body.status == "PENDING",
        )
    except ledger.StockTooLow as short:
        raise too_low(short, products) from short
    id = made.reservation.uuid
    response["Location"] = f"/inventory/reservations/{id}"
    return Status(201, {"success": True, "id": id})


@router.get("/inventory/reservations", **READ, response=Listed, exclude_none=True)
def list_reservations(
    request: ApiRequest, asked: Query[Asked], response: HttpResponse
) -> dict[str, Any]:
    """Reservations of the user's stores, the newest first unless asked otherwise."""
    rows = matching(seen_by(request), asked)
    order = [order_of(name) for name in asked.sort] or ["-created_at"]
    shown = rows.order_by(*order, "-pk").select_related("location")
    found = list(
        shown[asked.offset : asked.offset + asked.count].prefetch_related("items__product")
    )
    version = answer_as(request, response)
    bodies = [summary(row, version) for row in found]
    return {
        "items": bodies,
        "pagination_info": {
            "total": rows.count(),
            "offset": asked.offset,
            "count": asked.count,
            "reserved_item_count": reserved_among(rows),
        },
    }


@router.get("/inventory/reservations/{reservation_id}", **READ, response=Detail, exclude_none=True)
def get_reservation(
    request: ApiRequest, reservation_id: UUID, response: HttpResponse
) -> dict[str, Any]:
    """One reservation with what became of each item."""
    version = answer_as(request, response)
    return detail(one(request, reservation_id), version)


@router.patch("/inventory/reservations/{reservation_id}", **WRITE, response={204: None})
def decide_reservation(request: ApiRequest, reservation_id: UUID, body: Decision) -> Status[None]:
    """Accept or reject a pending one."""
    found = one(request, reservation_id)
    if body.status == "REJECTED":
        actions.reject_reservation(pk=found.pk)
        return Status(204, None)
    names = names_of(found)
    try:
        actions.accept_reservation(pk=found.pk, by=request.user, key=request.operation_key)
    except ledger.StockTooLow as short:
        raise too_low(short, names) from short
    return Status(204, None)


@router.patch("/inventory/reservations/{reservation_id}/items", **WRITE, response={204: None})
def settle_reservation_items(
    request: ApiRequest,
    reservation_id: UUID,
    body: ItemDecisions,
) -> Status[None]:
    """Items were sold (CONVERTED) or are not wanted any more: they go back to `main`."""
    found = one(request, reservation_id)
    items = dict(found.items.values_list("uuid", "pk"))
    if len({decision.id for decision in body.root}) != len(body.root):
        raise ApiError(400, "invalid_data", "An item is named twice.")
    if unknown := [str(decision.id) for decision in body.root if decision.id not in items]:
        raise not_found(f"Not of this reservation: {', '.join(unknown)}.")
    actions.settle_items(
        pk=found.pk,
        outcomes={
            items[decision.id]: actions.Outcome(decision.status, decision.cart_id or "")
            for decision in body.root
        },
        by=request.user,
        key=request.operation_key,
    )
    return Status(204, None)


@router.get(
    "/inventory/config/reservations",
    permission=(at_locations.VIEW_LOCATIONS, at_locations.MANAGE_LOCATIONS),
    scope=scopes.CONFIGURATION_READ,
    response=Settings,
)
def get_reservation_settings(request: ApiRequest) -> dict[str, Any]:
    """How long goods are set aside, and what customers are told."""
    return told(Configuration.current())


@router.patch(
    "/inventory/config/reservations",
    permission=at_locations.MANAGE_LOCATIONS,
    scope=scopes.CONFIGURATION_WRITE,
    response={204: None},
)
def change_reservation_settings(request: ApiRequest, body: SettingsIn) -> Status[None]:
    """Decide what is named; reservations that are there keep their time."""
    configuration = Configuration.locked()
    before = told(configuration)
    asked = body.model_dump(exclude_none=True)
    if changed := {name: value for name, value in asked.items() if value != before[name]}:
        columns = {COLUMNS.get(name, name): value for name, value in changed.items()}
        Configuration.objects.filter(pk=configuration.pk).update(**columns)
        old = {name: before[name] for name in changed}
        audit.record(request, audit.UPDATED, configuration, old, changed)
    return Status(204, None)


def seen_by(request: ApiRequest) -> CustomerReservationQuerySet:
    rows: CustomerReservationQuerySet = CustomerReservation.objects.visible_to(request.user)
    return rows


def one(request: ApiRequest, uuid: UUID) -> CustomerReservation:
    found = seen_by(request).select_related("location").filter(uuid=uuid).first()
    if found is None:
        raise not_found(f"There is no reservation {uuid}.")
    return found


def names_of(reservation: CustomerReservation) -> dict[str, int]:
    """Primary keys by the contract's ids, of what the reservation names."""
    return dict(reservation.items.values_list("product__product_id", "product_id"))
