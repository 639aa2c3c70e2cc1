"""ATP of what somebody asks about, what stands behind it, and how long orders keep things."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from inventory import permissions as over_stock
from inventory.models import Allocation
from omnichannel.accounts import audit, scopes
from omnichannel.api.errors import not_found
from omnichannel.api.moments import Moment, written
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Text
from omnichannel.locations import permissions as at_locations
from omnichannel.locations.models import Configuration

from .. import availability, queries
from .finding import pks_of, places_read_by, product_pks

router = Router(tags=["Availability"])
READ: dict[str, Any] = {
    "permission": (over_stock.VIEW_INVENTORY_MANAGEMENT, over_stock.VIEW_INVENTORY),
    "scope": scopes.STOCK_READ,
}
# A year: what an order keeps longer is no reservation.
LONGEST = 31_536_000
# Nobody has decided yet, and the contract wants a time.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class AtpKey(Body):
    product_id: Text(256)  # type: ignore[valid-type]
    fulfillment_node_id: Text(256)  # type: ignore[valid-type]


class AtpAsked(Body):
    atp_keys: Annotated[list[AtpKey], Field(min_length=1, max_length=2_000)]


class Atp(Body):
    product_id: str
    fulfillment_node_id: str
    atp: int


class AtpTold(Body):
    items: list[Atp]


class InsightAsked(Schema):
    product_id: Text(256)  # type: ignore[valid-type]
    fulfillment_node_id: Text(256)  # type: ignore[valid-type]


class Promise(Body):
    order_uuid: str
    item_uuid: str
    created_at: Moment


class ExpiringPromise(Promise):
    expires_at: Moment


class Insight(Body):
    product_id: str
    fulfillment_node_id: str
    allocations: list[Promise]
    reservations: list[ExpiringPromise]
    future_allocations: list[Promise]


class Timeout(Body):
    value: int
    updated_at: str


class TimeoutIn(Body):
    value: Annotated[int, Field(strict=True, ge=1, le=LONGEST)]


@router.post("/v0/availabilities", **READ, response=AtpTold, atomic=False)
def ask_availabilities(request: ApiRequest, body: AtpAsked) -> dict[str, Any]:
    """What may be promised now, in the order asked; 0 of what is unknown or not to be seen.

    Where the ERP keeps the stock and `/v0/config/availability/webhook` says whom to ask, that
    answer counts; while there is none, what was imported last.
    """
    products = product_pks(key.product_id for key in body.atp_keys)
    places = pks_of(places_read_by(request), (key.fulfillment_node_id for key in body.atp_keys))
    asked = [
        (places.get(key.fulfillment_node_id, 0), products.get(key.product_id, 0))
        for key in body.atp_keys
    ]
    free = {key: current for key, (current, _later) in availability.atp_of(set(asked)).items()}
    free.update(availability.told_outside(set(asked)))
    return {
        "items": [
            {
                "product_id": key.product_id,
                "fulfillment_node_id": key.fulfillment_node_id,
                "atp": free[pks],
            }
            for key, pks in zip(body.atp_keys, asked, strict=True)
        ]
    }


@router.get("/v0/stock/insights", **READ, response=Insight)
def get_insights(request: ApiRequest, asked: Query[InsightAsked]) -> dict[str, Any]:
    """Which orders hold units of a product in a location; at most 1,000 of each kind."""
    place = pks_of(places_read_by(request), [asked.fulfillment_node_id])
    product = product_pks([asked.product_id])
    if not place:
        raise not_found(f"There is no location {asked.fulfillment_node_id}.")
    if not product:
        raise not_found(f"There is no product {asked.product_id}.")
    found = queries.insights(place[asked.fulfillment_node_id], product[asked.product_id])
    return {
        "product_id": asked.product_id,
        "fulfillment_node_id": asked.fulfillment_node_id,
        **{kind: [promise(row) for row in rows] for kind, rows in found.items()},
    }


def promise(row: Allocation) -> dict[str, Any]:
    return {
        "order_uuid": str(row.order_uuid),
        "item_uuid": str(row.item_uuid),
        "created_at": row.created_at,
        **({"expires_at": row.expires_at} if row.expires_at else {}),
    }


@router.get(
    "/v0/config/stock/reservation_timeout_seconds",
    permission=(at_locations.VIEW_LOCATIONS, at_locations.MANAGE_LOCATIONS),
    scope=scopes.CONFIGURATION_READ,
    response=Timeout,
)
def get_reservation_timeout(request: ApiRequest) -> dict[str, Any]:
    """How long an order keeps what it reserved before it is routed."""
    return timeout(Configuration.current())


@router.post(
    "/v0/config/stock/reservation_timeout_seconds",
    permission=at_locations.MANAGE_LOCATIONS,
    scope=scopes.CONFIGURATION_WRITE,
    response=Timeout,
)
def set_reservation_timeout(request: ApiRequest, body: TimeoutIn) -> dict[str, Any]:
    """Decide it; reservations that are there keep their time."""
    configuration = Configuration.locked()
    before = configuration.reservation_timeout_seconds
    if before != body.value:
        configuration.reservation_timeout_seconds = body.value
        configuration.reservation_timeout_at = timezone.now()
        configuration.save()
        audit.record(
            request,
            audit.UPDATED,
            configuration,
            {"reservation_timeout_seconds": before},
            {"reservation_timeout_seconds": body.value},
        )
    return timeout(configuration)


def timeout(configuration: Configuration) -> dict[str, Any]:
    return {
        "value": configuration.reservation_timeout_seconds,
        "updated_at": written(configuration.reservation_timeout_at or NEVER),
    }
