"""Whose things a request means; what is outside its user's scope is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from inventory.ledger import StockTooLow
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest
from omnichannel.locations.models import StockLocation

from .. import actions
from ..models import TransferOrder, TransferOrderLine, TransferTransaction


def order_of(request: ApiRequest, order_id: UUID) -> TransferOrder:
    """One that the user may see."""
    found = TransferOrder.objects.visible_to(request.user).filter(uuid=order_id).first()
    if found is None:
        raise ApiError(404, "resource_not_found", f"There is no transfer order {order_id} for you.")
    return found


def order_to_act_on(request: ApiRequest, order_id: UUID) -> TransferOrder:
    """One that the user may ship and close: the origin's affair."""
    found = order_of(request, order_id)
    if not TransferOrder.objects.acted_on_by(request.user).filter(pk=found.pk).exists():
        raise ApiError(
            403, "forbidden", f"Transfer order {order_id} is shipped and closed at its origin only."
        )
    return found


def parcel_of(request: ApiRequest, transfer_id: UUID) -> TransferTransaction:
    """One that the user may see."""
    rows = TransferTransaction.objects.visible_to(request.user).select_related("order")
    found = rows.filter(uuid=transfer_id).first()
    if found is None:
        raise ApiError(
            404, "resource_not_found", f"There is no transfer transaction {transfer_id} for you."
        )
    return found


def parcel_to_act_on(request: ApiRequest, transfer_id: UUID) -> TransferTransaction:
    """One that the user may pack, ship and unpack: the origin's affair."""
    found = parcel_of(request, transfer_id)
    if not TransferTransaction.objects.acted_on_by(request.user).filter(pk=found.pk).exists():
        raise ApiError(
            403, "forbidden", f"Transfer transaction {transfer_id} is shipped at its origin only."
        )
    return found


def shelf_of(name: str | None) -> int | None:
    if name is None:
        return None
    found = StockLocation.objects.filter(name=name).values_list("pk", flat=True).first()
    if found is None:
        raise ApiError(400, "invalid_data", f"There is no stock location {name}.")
    return found


def names_in(order: TransferOrder) -> dict[int, str]:
    """Read before an act: once stock was refused, its transaction answers no query."""
    rows = TransferOrderLine.objects.filter(order=order)
    return dict(rows.values_list("product_id", "product__product_id"))


@contextmanager
def refusals(names: dict[int, str]) -> Iterator[None]:
    """Refusals of acts under the codes that clients branch on; `names` are product ids by key."""
    try:
        yield
    except actions.OrderClosed as refused:
        raise ApiError(409, "transfer_order_closed", str(refused)) from refused
    except actions.StaleRevision as refused:
        raise ApiError(409, "stale_revision", str(refused)) from refused
    except actions.ParcelReady as refused:
        raise ApiError(
            409,
            "transfer_transaction_ready",
            str(refused),
            transfer_transaction_id=str(refused.parcel.uuid),
        ) from refused
    except actions.MoreThanOrdered as refused:
        raise ApiError(
            409,
            "more_than_ordered",
            str(refused),
            excess=[
                {"product_id": names.get(pk, str(pk)), "remaining": left, "asked": asked}
                for pk, left, asked in refused.excess
            ],
        ) from refused
    except StockTooLow as short:
        raise ApiError(
            409,
            "stock_too_low",
            str(short),
            shortages=[
                {"product_id": names.get(pk, str(pk)), "on_hand": on_hand, "asked": asked}
                for pk, on_hand, asked in short.shortages
            ],
        ) from short
