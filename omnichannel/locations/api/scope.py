"""Which location an address of the API means, and for whom it is there."""

from typing import Any

from django.db.models import Q

from omnichannel.accounts import scopes
from omnichannel.api.errors import not_found
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


def one(rows: Any, text: str) -> FulfillmentLocation:
    """By location id, or else by store id; a location id wins.

    Raises:
        ApiError: 404, also for what lies outside the user's reach.
    """
    found = {row.code == text: row for row in rows.filter(Q(code=text) | Q(store_id=text))}
    location = found.get(True) or found.get(False)
    if location is None:
        raise not_found(f"There is no location {text}.", "location_not_found")
    return location


def seen(request: ApiRequest, text: str) -> FulfillmentLocation:
    return one(seen_by(request), text)


def acted_for(request: ApiRequest, text: str) -> FulfillmentLocation:
    rows: FulfillmentLocationQuerySet = FulfillmentLocation.objects.acted_for_by(request.user)
    return one(rows.select_related("profile", "pricebook"), text)
