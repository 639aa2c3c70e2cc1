"""Transfer orders: injected, begun by a store, listed, read, closed (CONTRACT §4)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Status

from inventory.api.adjustments import products_of
from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.paging import Page, Paging, page
from omnichannel.api.routing import REQUIRED, ApiRequest, Router
from omnichannel.locations.api.scope import other_end, place_of

from .. import actions, permissions
from ..models import TransferOrder
from . import answers
from .bodies import CloseIn, CreatedOrder, OrderedItem, OrderIn, OrderInList, OrderOut, StoreOrderIn
from .finding import order_of, order_to_act_on, refusals, shelf_of
from .narrowing import OrderFilters, in_order, narrowed, with_ends

router = Router(tags=["Transfer orders"])
ORDERS = "/v0/i/inventory/transfer_orders"
READ: dict[str, Any] = {
    "permission": (VIEW_INVENTORY_MANAGEMENT, permissions.TRANSFER_INVENTORY),
    "scope": scopes.TRANSACTIONS_READ,
}
WRITE: dict[str, Any] = {
    "permission": permissions.TRANSFER_INVENTORY,
    "scope": scopes.TRANSACTIONS_WRITE,
    "ledger": True,
}


@router.post(ORDERS, **WRITE, response={201: CreatedOrder})
def create_transfer_order(request: ApiRequest, body: OrderIn, response: HttpResponse) -> Status:
    """Ask for a transfer. It is never refused for stock: what is there is set aside for it."""
    origin = place_of(request, body.from_location_id, status=400)
    destination = other_end(body.to_location_id)
    products = products_of([item.product_id for item in body.items])
    try:
        order = actions.create_transfer_order(
            origin_id=origin.pk,
            destination_id=destination.pk,
            lines=ordered(body.items, products),
            source=TransferOrder.Source.API,
            key=request.operation_key,
            by=request.user,
            external_ref=body.external_ref,
            ordered_at=body.order_date,
            due_date=body.due_date.date() if body.due_date else None,
            from_stock_location_id=shelf_of(body.from_stock_location),
            note=body.note or "",
        ).order
    except actions.OrderAlreadyExists as known:
        raise ApiError(
            409,
            "order_already_exists",
            f"order_already_exists: the external reference {body.external_ref} is taken.",
        ) from known
    return created(order, response)


@router.post(
    "/v0/i/inventory/stores/{store_id}/transfer_orders",
    **WRITE,
    key=REQUIRED,
    response={201: CreatedOrder},
)
def begin_transfer_order(
    request: ApiRequest, store_id: str, body: StoreOrderIn, response: HttpResponse
) -> Status:
    """A store sends of its own accord; the reference is ours, and its stock must suffice."""
    origin = place_of(request, store_id)
    destination = other_end(body.to_location_id)
    products = products_of([item.product_id for item in body.items])
    with refusals({pk: name for name, pk in products.items()}):
        order = actions.create_transfer_order(
            origin_id=origin.pk,
            destination_id=destination.pk,
            lines=ordered(body.items, products),
            source=TransferOrder.Source.STORE,
            key=request.operation_key,
            by=request.user,
            due_date=body.due_date.date() if body.due_date else None,
            from_stock_location_id=shelf_of(body.from_stock_location),
            note=body.note or "",
            associate_id=body.associate_id or "",
        ).order
    return created(order, response)


@router.get(ORDERS, **READ, response=Page[OrderInList])
def list_transfer_orders(
    request: ApiRequest, paging: Query[Paging], filters: Query[OrderFilters]
) -> dict[str, Any]:
    """Orders that come from or lead to the user's locations, the newest first."""
    rows = narrowed(TransferOrder.objects.visible_to(request.user), filters)
    return page(request, in_order(rows, filters.sort), paging, answers.with_lines)


@router.get(f"{ORDERS}/{{transfer_order_id}}", **READ, response=OrderOut)
def get_transfer_order(request: ApiRequest, transfer_order_id: UUID) -> dict[str, Any]:
    """One order: what has shipped, what is set aside, and what arrived at the other end."""
    return told(order_of(request, transfer_order_id))


@router.post(
    f"{ORDERS}/{{transfer_order_id}}/close",
    **{
        **WRITE,
        "permission": (permissions.CLOSE_TRANSFER_ORDERS, VIEW_INVENTORY_MANAGEMENT),
    },
    key=REQUIRED,
    response=OrderOut,
)
def close_transfer_order(
    request: ApiRequest, transfer_order_id: UUID, body: CloseIn
) -> dict[str, Any]:
    """No more ships; what was set aside goes back, and what is under way is received as ever."""
    if not any(request.user.has_perm(name) for name in permissions.closing()):
        raise ApiError(403, "forbidden", "This needs the permission Close transfer orders.")
    order = order_to_act_on(request, transfer_order_id)
    with refusals({}):
        actions.close_transfer_order(
            order_id=order.pk,
            by=request.user,
            key=request.operation_key,
            revision=body.revision,
            associate_id=body.associate_id or "",
        )
    return told(order)


def ordered(items: Sequence[OrderedItem], products: dict[str, int]) -> list[actions.Ordered]:
    return [actions.Ordered(products[item.product_id], item.ordered_quantity) for item in items]


def created(order: TransferOrder, response: HttpResponse) -> Status:
    response["Location"] = f"{ORDERS}/{order.uuid}"
    return Status(201, {"success": True, "id": order.uuid, "external_ref": order.external_ref})


def told(order: TransferOrder) -> dict[str, Any]:
    return answers.whole(with_ends(TransferOrder.objects.all()).get(pk=order.pk))
