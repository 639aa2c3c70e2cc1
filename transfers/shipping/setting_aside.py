"""Units of an order go `main → _transfers` when it comes, and back when the rest will not ship.

Such postings appear in audit trails only (PRODUCT §4).
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from inventory import ledger
from inventory.models import InventoryTransaction

from .. import queries
from ..models import TransferOrder

Type = InventoryTransaction.Type
# Each further try follows somebody who took units between the look and the taking.
TRIES = 8


def set_aside(
    order: TransferOrder,
    wanted: Mapping[int, int],
    *,
    is_all_or_none: bool,
    happened_at: datetime | None = None,
) -> dict[int, int]:
    """Set aside what is wanted by product, or else as much of it as is there; what was taken.

    The stock is looked at without a lock and taken in the ledger's order; who finds less than he
    saw takes that. So two who set aside the same products wait for each other and never in a ring.

    Raises:
        StockTooLow: less is there than wanted, and it is all or none.
    """
    if is_all_or_none:
        post(order, wanted, happened_at)
        return dict(wanted)
    there = queries.on_hand(order.origin_id, order.from_stock_location_id, list(wanted))
    taken = {pk: min(units, there.get(pk, 0)) for pk, units in wanted.items()}
    for _try in range(TRIES):
        taken = {pk: units for pk, units in taken.items() if units > 0}
        try:
            with transaction.atomic():
                post(order, taken, happened_at)
        except ledger.StockTooLow as short:
            taken |= {pk: on_hand for pk, on_hand, _asked in short.shortages}
        else:
            return taken
    return {}


def post(order: TransferOrder, units: Mapping[int, int], happened_at: datetime | None) -> None:
    if not units:
        return
    aside = queries.shelves()[queries.SET_ASIDE]
    shelf = order.from_stock_location_id
    ledger.post(
        header(order, Type.RESERVE, f"reserve:{order.uuid}", order.created_by_id,
               order.created_associate_id, happened_at),
        [ledger.Line(pk, quantity, shelf, aside) for pk, quantity in units.items()],
        refuse_below_zero=True,
    )  # fmt: skip


def give_back(
    order: TransferOrder,
    units: Mapping[int, int],
    by_id: int | None,
    associate_id: str,
    happened_at: datetime | None = None,
) -> None:
    """What was set aside and will not ship goes to where it came from."""
    if not units:
        return
    aside = queries.shelves()[queries.SET_ASIDE]
    shelf = order.from_stock_location_id
    ledger.post(
        header(order, Type.UNRESERVE, f"unreserve:{order.uuid}", by_id, associate_id, happened_at),
        [ledger.Line(pk, quantity, aside, shelf) for pk, quantity in units.items()],
    )


def header(
    order: TransferOrder,
    type: str,
    key: str,
    by_id: int | None,
    associate_id: str,
    happened_at: datetime | None,
) -> ledger.Header:
    return ledger.Header(
        operation_key=key,
        type=type,
        location_id=order.origin_id,
        by_id=by_id,
        associate_id=associate_id,
        reference=order.external_ref,
        note=order.note,
        happened_at=happened_at,
    )
