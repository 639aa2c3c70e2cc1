"""Which transfers a phone may work on, and what its store is allowed to (PRODUCT §6, CONTRACT §4.6)."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.switches import Switches
from omnichannel.web.details import one

from ..models import TransferDraft


class Allowed(NamedTuple):
    """What was decided for a store's phones: ship against orders, begin its own, type quantities."""

    ships: bool
    begins: bool
    types: bool


def allowed(store: FulfillmentLocation) -> Allowed:
    at = Switches(store)
    ships = at.is_on("transfers")
    begins = ships and at.is_on("store_initiated_transfers")
    return Allowed(ships, begins, at.may_type("transfers"))


def refuse_switched_off(store: FulfillmentLocation, *, begins: bool = False) -> None:
    """What was begun may be finished, also after somebody has switched it off.

    Raises:
        ActionError
    """
    now = allowed(store)
    if not now.ships:
        raise ActionError(_("Transfers are switched off for %s (Configuration).") % store.name)
    if begins and not now.begins:
        raise ActionError(
            _(
                "%s ships against orders only; transfers of its own are switched off (Configuration)."
            )
            % store.name
        )


def draft_of(user: Any, asked: Any) -> TransferDraft:
    rows = TransferDraft.objects.acted_on_by(user)
    found: TransferDraft = one(rows.select_related("origin", "destination", "order"), uuid=asked)
    return found
