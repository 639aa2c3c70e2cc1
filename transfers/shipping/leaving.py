"""A parcel leaves: its units stand in the origin's `_in_transit`, or are gone where the ERP is
master (PRODUCT §8).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from asn.queries import Names
from inventory import ledger
from inventory.models import InventoryTransaction
from omnichannel.accounts.models import User
from omnichannel.locations.models import StockLocation

from .. import queries
from ..models import TransferTransaction
from .rows import LineRow, left


def leave(
    parcel: TransferTransaction,
    units: Mapping[int, int],
    lines: Mapping[int, LineRow],
    known: Names,
    by: User,
    associate_id: str,
    happened_at: datetime | None,
) -> ledger.Posting:
    """Post units by product and write them to the order's lines; what was set aside goes first.

    Raises:
        StockTooLow: less is there, and the origin's stock is ours.
    """
    order = parcel.order
    shelf = queries.shelves()
    aside, main = shelf[queries.SET_ASIDE], order.from_stock_location_id
    is_ours = order.origin.is_inventory_master
    to = shelf[StockLocation.IN_TRANSIT] if is_ours else None
    posted = []
    for product, quantity in units.items():
        reserved = min(quantity, lines[product].reserved)
        if reserved:
            posted.append(ledger.Line(product, reserved, aside, to))
        if quantity > reserved:
            posted.append(ledger.Line(product, quantity - reserved, main, to))
    try:
        posting = ledger.post(
            ledger.Header(
                operation_key=f"ship:{parcel.uuid}",
                type=InventoryTransaction.Type.TRANSFER,
                location_id=order.origin_id,
                from_location_id=order.origin_id,
                to_location_id=order.destination_id,
                from_stock_location_id=main,
                to_stock_location_id=to,
                by_id=by.pk,
                associate_id=associate_id,
                reference=order.external_ref,
                note=order.note,
                started_at=min(parcel.created_at, happened_at or parcel.created_at),
                happened_at=happened_at,
            ),
            posted,
            refuse_below_zero=is_ours,
        )
    except ledger.StockTooLow as short:
        raise told(short, lines, known) from short
    left(order, units)
    return posting


def told(
    short: ledger.StockTooLow, lines: Mapping[int, LineRow], known: Names
) -> ledger.StockTooLow:
    """The refusal with what is set aside for this order among what is there."""
    found = [
        (pk, on_hand + lines[pk].reserved, asked + lines[pk].reserved)
        for pk, on_hand, asked in short.shortages
    ]
    return ledger.StockTooLow(
        too_few(found, {pk: name for pk, (name, _others) in known.items()}), found
    )


def too_few(shortages: Sequence[tuple[int, int, int]], names: Mapping[int, str]) -> str:
    return "; ".join(
        _("%(product)s: %(on_hand)s on hand, %(asked)s asked. Take fewer, or count it now.")
        % {"product": names.get(pk, pk), "on_hand": on_hand, "asked": asked}
        for pk, on_hand, asked in shortages
    )
