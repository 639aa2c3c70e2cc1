"""Which location an address of the API means, and for whom it is there."""

from collections.abc import Sequence
from typing import Any

from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest

from .. import permissions
from ..models import FulfillmentLocation, FulfillmentLocationQuerySet

READ: dict[str, Any] = {
    "permission": (permissions.VIEW_LOCATIONS, permissions.MANAGE_LOCATIONS),
    "scope": scopes.LOCATIONS_READ,
}
WRITE: dict[str, Any] = {
    "permission": permissions.MANAGE_LOCATIONS,
    "scope": scopes.LOCATIONS_WRITE,
}


def seen_by(request: ApiRequest) -> FulfillmentLocationQuerySet:
    rows: FulfillmentLocationQuerySet = FulfillmentLocation.objects.visible_to(request.user)
    return rows.select_related("profile", "pricebook")


def one(
    rows: FulfillmentLocationQuerySet, text: str, *, status: int = 404, but: str = ""
) -> FulfillmentLocation:
    """What the text means; `but` ends the refusal.

    Raises:
        ApiError: 404 or `status`, also for what lies outside the user's reach.
    """
    location = rows.meant(text)
    if location is None:
        raise ApiError(status, "location_not_found", f"There is no location {text}{but}.")
    return location


def seen(request: ApiRequest, text: str) -> FulfillmentLocation:
    return one(seen_by(request), text)


def acted_for(request: ApiRequest, text: str) -> FulfillmentLocation:
    rows: FulfillmentLocationQuerySet = FulfillmentLocation.objects.acted_for_by(request.user)
    return one(rows.select_related("profile", "pricebook"), text)


def place_of(request: ApiRequest, text: str, status: int = 404) -> FulfillmentLocation:
    """Where something is done, which is where the user acts; elsewhere there is none."""
    rows = FulfillmentLocation.objects.acted_for_by(request.user)
    return one(rows, text, status=status, but=" for you to act in")


def other_end(text: str) -> FulfillmentLocation:
    """Whom something comes from or goes to: told by anybody, whatever he sees of it."""
    return one(FulfillmentLocation.objects.all(), text, status=400)


def keys_of(texts: Sequence[str]) -> list[int]:
    """Primary keys of those that are meant; nobody is told what else there is not."""
    return list(FulfillmentLocation.objects.named(*texts).values_list("pk", flat=True))
