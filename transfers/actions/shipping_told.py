"""A shipment that a warehouse tells of: its parcel is begun, filled and shipped in one act."""

from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError

from ..models import TransferOrder, TransferTransaction
from .keys import take_key
from .leaving import ship
from .packing import Handover
from .picking import Picked, begin_transaction, set_picks


def ship_told(
    *,
    order_ref: str,
    units: list[tuple[int, int]],
    key: str,
    by: User,
    carrier: str = "",
    tracking_number: str = "",
) -> int | None:
    """Ship units by product against the order; how many rows that wrote, None where it was done.

    Runs inside the caller's transaction. With a carrier it is handed over to that one.

    Raises:
        MoreThanOrdered, StockTooLow, OrderClosed: as `ship`.
        ActionError: the same shipment was told before with other units.
        TransferOrder.DoesNotExist
    """
    take_key(key)
    wanted: dict[int, int] = {}
    for product, quantity in units:
        wanted[product] = wanted.get(product, 0) + quantity
    order = TransferOrder.objects.get(external_ref=order_ref)
    if first := TransferTransaction.objects.filter(operation_key=key).first():
        if first.order_id != order.pk or dict(contents_of(first)) != wanted:
            raise ActionError(
                _("This shipment was told before, as %s, and with other units. Ask the sender.")
                % first
            )
        return None
    parcel = begin_transaction(order_id=order.pk, by=by, key=key)
    set_picks(
        transaction_id=parcel.pk,
        lines=[Picked(product, quantity) for product, quantity in wanted.items()],
    )
    handover = Handover(bool(carrier), carrier, "", tracking_number)
    ship(transaction_id=parcel.pk, by=by, key=key, handover=handover)
    return 2 + 2 * len(wanted)


def contents_of(parcel: TransferTransaction) -> list[tuple[int, int]]:
    rows = parcel.lines.exclude(quantity=0)
    return list(rows.values_list("product_id", "quantity"))
