"""A store's stock becomes ours: once, and for ever (PRODUCT §8)."""

from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from omnichannel.accounts import audit
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation

from ..checklist import takeover
from ..models import Takeover


class NeverOurs(ActionError):
    """A distribution centre's stock is the ERP's."""


class OpenDocuments(ActionError):
    """Something is under way that would be cut in two; `matters` says what."""

    def __init__(self, matters: list[takeover.Matter]) -> None:
        super().__init__(takeover.told(matters))
        self.matters = matters


def take_over_stock(request: Any, location_id: int) -> FulfillmentLocation:
    """From now on every transaction changes its stock, and no import of the ERP does.

    Holds the location's row, which an import of stock holds too while it writes. A store that is
    ours already stays as it is.

    Raises:
        NeverOurs: it is no store.
        OpenDocuments
    """
    location = FulfillmentLocation.objects.select_for_update().get(pk=location_id)
    if location.kind != FulfillmentLocation.Kind.STORE:
        raise NeverOurs(
            _("%s is a distribution centre; its stock is always the ERP's.") % location.code
        )
    if location.is_inventory_master:
        return location
    if open_ := takeover.matters(location):
        raise OpenDocuments(open_)
    found = takeover.standing(location)
    FulfillmentLocation.objects.filter(pk=location_id).update(is_inventory_master=True)
    location.is_inventory_master = True
    Takeover.objects.create(
        location=location,
        taken_over_at=Now(),
        by=request.user,
        last_import_at=found.last_import_at,
        units=found.units,
    )
    switched = {"is_inventory_master": True}
    audit.record(request, audit.UPDATED, location, {"is_inventory_master": False}, switched)
    return location
