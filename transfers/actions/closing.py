"""An order ends: the rest will not ship, or everything has (PRODUCT §6)."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import become
from omnichannel.eventstream import outbox

from .. import events, shipping
from ..models import TransferOrder, TransferOrderLine, TransferTransaction
from .packing import give_up
from .refusals import ParcelReady, refuse_final, refuse_stale

Status = TransferOrder.Status


class Closed(NamedTuple):
    """The order; `is_replay` when the same act closed it before."""

    order: TransferOrder
    is_replay: bool


def close_transfer_order(
    *,
    order_id: int,
    by: User,
    key: str,
    revision: int | None = None,
    associate_id: str = "",
    happened_at: datetime | None = None,
) -> Closed:
    """Close an order from Open or In Progress: no more ships, the notices of what did live on.

    Runs inside the caller's transaction. What was set aside goes back to where it came from, and
    parcels that are still being picked are given up. Of two who close at once one wins; the other
    is told who. Emits `transfer_order_closed`.

    Args:
        happened_at: when its units went back, where that was before now; aware.

    Raises:
        ParcelReady: a parcel is ready for handover; ship or unpack it first.
        OrderClosed: all of it shipped, or another act closed it.
        StaleRevision: the order is not what the person saw.
        TransferOrder.DoesNotExist
    """
    order = shipping.lock(order_id)
    if order.is_final and order.closing_key == key:
        return Closed(order, is_replay=True)
    refuse_final(order)
    refuse_stale(order, revision)
    refuse_ready(order)
    now = timezone.now()
    associate = associate_id or by.associate
    give_up_open(order, key, now)
    give_back(order, by, associate, happened_at)
    shipping.refresh(order, now)
    finish(order, Status.CLOSED, by, associate, key, now)
    return Closed(order, is_replay=False)


def refuse_ready(order: TransferOrder) -> None:
    rows = order.transactions.filter(status=TransferTransaction.Status.READY)
    if parcel := rows.order_by("sequence").first():
        raise ParcelReady(
            _("%(parcel)s is ready for handover with %(units)s units. Ship or unpack it first.")
            % {"parcel": parcel, "units": parcel.quantity_total},
            parcel,
        )


def give_up_open(order: TransferOrder, key: str, now: datetime) -> None:
    """Parcels that were begun and not closed; their units never left the shelf."""
    rows = order.transactions.filter(status=TransferTransaction.Status.PICKED)
    for parcel in rows.select_for_update(no_key=True).order_by("pk"):
        give_up(parcel, key, now)


def give_back(order: TransferOrder, by: User, associate: str, happened_at: datetime | None) -> None:
    rows = TransferOrderLine.objects.filter(order=order, reserved__gt=0)
    aside = dict(rows.order_by("product_id").values_list("product_id", "reserved"))
    shipping.give_back(order, aside, by.pk, associate, happened_at)
    rows.update(reserved=0)


def finish(
    order: TransferOrder, status: str, by: User, associate: str, key: str, now: datetime
) -> None:
    """The one way to Completed and to Closed, and its one event."""
    become(
        order,
        status,
        closed_at=now,
        closed_by=by,
        closed_associate_id=associate,
        closing_key=key,
    )
    outbox.publish(
        events.TRANSFER_ORDER_CLOSED,
        events.transfer_order_closed(order),
        entity_id=str(order.uuid),
    )
