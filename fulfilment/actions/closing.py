"""A store closes: what is left is sent on, and at the end nothing of it is offered (PRODUCT §8)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.locations import actions as locations
from omnichannel.locations.models import FulfillmentLocation
from transfers import actions as transfers
from transfers.models import TransferOrder

from ..checklist import closing

# Of one order; a store with more gets several.
MOST_LINES = 2_000


class NotSettled(ActionError):
    """Something is left of the steps before; `steps` says what."""

    def __init__(self, steps: Sequence[closing.Step]) -> None:
        names = ", ".join(str(step.title) for step in steps)
        super().__init__(_("Not settled yet: %s.") % names)
        self.steps = steps


def send_remaining(
    *, location_id: int, destination_id: int, by: User, key: str
) -> list[TransferOrder]:
    """Transfer orders for all that lies on the shelves of the store, by stock location.

    Runs inside the caller's transaction and holds the location's row, so that of two people one
    is told that orders are open.

    Raises:
        ActionError: the destination is no distribution centre, orders are open already, or there
            is nothing to send.
    """
    location = FulfillmentLocation.objects.select_for_update().get(pk=location_id)
    destination = FulfillmentLocation.objects.get(pk=destination_id)
    if destination.kind != FulfillmentLocation.Kind.DC:
        raise ActionError(_("%s is no distribution centre.") % destination.code)
    if TransferOrder.objects.filter(operation_key__startswith=f"{key}/").exists():
        return list(TransferOrder.objects.filter(operation_key__startswith=f"{key}/"))
    if closing.open_orders(location).filter(origin=location).exists():
        raise ActionError(_("Transfer orders of this store are open; ship or close them first."))
    shelves = closing.on_shelves(location).order_by("stock_location_id", "product_id")
    rows: dict[int, list[transfers.Ordered]] = {}
    for shelf, product, units in shelves.values_list("stock_location_id", "product_id", "quantity"):
        rows.setdefault(shelf, []).append(transfers.Ordered(product, units))
    if not rows:
        raise ActionError(_("Nothing lies on the shelves of %s.") % location.code)
    return [
        transfers.create_transfer_order(
            origin_id=location_id,
            destination_id=destination_id,
            lines=lines,
            source=TransferOrder.Source.STORE,
            key=f"{key}/{shelf}/{number}",
            by=by,
            from_stock_location_id=shelf,
            note=_("The store closes."),
        ).order
        for shelf, asked in rows.items()
        for number, lines in enumerate(parts(asked))
    ]


def parts(lines: Sequence[transfers.Ordered]) -> list[list[transfers.Ordered]]:
    return [list(lines[start : start + MOST_LINES]) for start in range(0, len(lines), MOST_LINES)]


def close_store(request: Any, location_id: int) -> FulfillmentLocation:
    """Switch it off, once every step is settled; its documents and stock stay readable.

    Raises:
        NotSettled
    """
    location = FulfillmentLocation.objects.select_for_update().get(pk=location_id)
    if left := [step for step in closing.steps(location) if not step.is_settled]:
        raise NotSettled(left)
    return locations.set_enabled(request, location_id, False)
