"""`transfer_shipping_config`: service levels between places (CONTRACT §4)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from omnichannel.accounts import audit, scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.documents import ActionError
from omnichannel.locations import permissions

from .. import actions
from ..models import ShippingRoute
from .bodies import CONFIGURATION, RoutesIn, RoutesOut

router = Router(tags=["Configuration"])
PATH = "/v0/i/inventory/transfer_shipping_config"


@router.get(
    PATH,
    permission=(permissions.VIEW_LOCATIONS, permissions.MANAGE_LOCATIONS),
    scope=scopes.CONFIGURATION_READ,
    response=RoutesOut,
)
def get_transfer_shipping_config(request: ApiRequest) -> dict[str, Any]:
    """Every route with its id."""
    return told(ShippingRoute.objects.order_by("position"))


@router.post(
    PATH,
    permission=permissions.MANAGE_LOCATIONS,
    scope=scopes.CONFIGURATION_WRITE,
    response=RoutesOut,
)
def post_transfer_shipping_config(request: ApiRequest, body: RoutesIn) -> dict[str, Any]:
    """Replace the whole list, under either of its names; "*" is every location."""
    before = {row.uuid: row for row in ShippingRoute.objects.all()}
    try:
        kept = actions.replace_routes(
            [
                actions.Route(
                    route.from_location_id,
                    tuple(dict.fromkeys(route.to_location_ids)),
                    tuple(dict.fromkeys(route.service_level_ids)),
                )
                for route in body.transfer_shipping_configuration
            ]
        )
    except ActionError as refused:
        raise ApiError(400, "invalid_data", str(refused)) from refused
    note(request, before, kept)
    return told(kept)


def note(
    request: ApiRequest, before: dict[UUID, ShippingRoute], kept: Sequence[ShippingRoute]
) -> None:
    """Who changed which routes."""
    for row in kept:
        old = before.pop(row.uuid, None)
        if old is None:
            audit.record(request, audit.CREATED, row, {}, words(row))
        elif words(old) != words(row):
            audit.record(request, audit.UPDATED, row, words(old), words(row))
    for row in before.values():
        audit.record(request, audit.DELETED, row, words(row), {})


def words(row: ShippingRoute) -> dict[str, Any]:
    return {
        "from_location_id": row.from_location_id,
        "to_location_ids": row.to_location_ids,
        "service_level_ids": row.service_level_ids,
    }


def told(rows: Any) -> dict[str, Any]:
    return {CONFIGURATION: [{"id": row.uuid, **words(row)} for row in rows]}
