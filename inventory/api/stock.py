"""`/v0/stores/{store_id}/products`: stock on hand of a store (CONTRACT §4.1)."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Query, Schema
from pydantic import Field

from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.catalog.models import Product
from omnichannel.locations.api.scope import one
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from .. import permissions
from ..models import StockMovement, StockOnHand

router = Router(tags=["Stock on hand"])
READ: dict[str, Any] = {
    "permission": (permissions.VIEW_INVENTORY_MANAGEMENT, permissions.VIEW_INVENTORY),
    "scope": scopes.STOCK_READ,
    "openapi_extra": {"refusals": (421,)},
}
# The year 9999: what a moment of the database can be.
LATEST = 253_402_300_799


class Asked(Schema):
    """`from` is seconds since 1970: only products that moved since then."""

    since: float | None = Field(None, alias="from", ge=0, le=LATEST, allow_inf_nan=False)
    sellable: bool | None = None


class Shelf(Schema):
    """`stock` is units by product id; what is on its way to another store is in none."""

    location_name: str
    location_label: str
    location_sellable: bool
    stock: dict[str, int]


@router.get("/v0/stores/{store_id}/products", **READ, response=list[Shelf])
def list_stock(request: ApiRequest, store_id: str, asked: Query[Asked]) -> list[dict[str, Any]]:
    """What every stock location of a store holds; three queries, however much it is."""
    store = mastered(request, store_id)
    rows = StockOnHand.objects.filter(location=store)
    if asked.since is not None:
        moved = StockMovement.objects.filter(
            location=store, posted_at__gte=datetime.fromtimestamp(asked.since, UTC)
        )
        rows = rows.filter(product__in=moved.values("product"))
    return shelves(rows, asked.sellable)


@router.get("/v0/stores/{store_id}/products/{path:product_id}", **READ, response=list[Shelf])
def list_stock_of_product(
    request: ApiRequest, store_id: str, product_id: str, asked: Query[Asked]
) -> list[dict[str, Any]]:
    """The same of one product; a stock location that never had it is left out, `main` is not."""
    store = mastered(request, store_id)
    product = Product.objects.filter(product_id=product_id).first()
    if product is None:
        raise not_found(f"There is no product {product_id}.", "product_not_found")
    found = shelves(StockOnHand.objects.filter(location=store, product=product), asked.sellable)
    for shelf in found:
        if shelf["location_name"] == StockLocation.MAIN:
            shelf["stock"].setdefault(product_id, 0)
    return found


def mastered(request: ApiRequest, store_id: str) -> FulfillmentLocation:
    """The store, if its stock on hand is kept here.

    Raises:
        ApiError: 404, 421.
    """
    stores = FulfillmentLocation.objects.visible_to(request.user)
    store = one(stores.filter(kind=FulfillmentLocation.Kind.STORE), store_id)
    if not store.is_inventory_master:
        text = f"The stock on hand of {store_id} is kept by another system. Ask there."
        raise ApiError(421, "misdirected_request", text)
    return store


def shelves(rows: QuerySet, is_sellable: bool | None) -> list[dict[str, Any]]:
    """`main` first, then by name; one without a row is left out, but `main` never is."""
    places = StockLocation.objects.exclude(name=StockLocation.IN_TRANSIT)
    if is_sellable is not None:
        places = places.filter(is_salable=is_sellable)
    named: dict[int, dict[str, Any]] = {
        place.pk: {
            "location_name": place.name,
            "location_label": place.display_name,
            "location_sellable": place.is_salable,
            "stock": {},
        }
        for place in sorted(places, key=lambda place: (not place.is_salable, place.name))
    }
    held = rows.filter(stock_location__in=list(named)).order_by("product__product_id")
    for key, product_id, quantity in held.values_list(
        "stock_location_id", "product__product_id", "quantity"
    ):
        named[key]["stock"][product_id] = quantity
    return [
        shelf
        for shelf in named.values()
        if shelf["stock"] or shelf["location_name"] == StockLocation.MAIN
    ]
