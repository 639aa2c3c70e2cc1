"""Products and their prices, to be read (CONTRACT §4.7).

Real clients send no token here, so none is asked for unless OPEN_CATALOG is off. What a product
costs is told to anybody; what a store holds of it never is.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from ninja import Query, Schema
from pydantic import Field

from omnichannel.accounts import scopes
from omnichannel.api.bearer import Rule, admit
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.paging import Page, Paging, page
from omnichannel.api.routing import OPEN, ApiRequest, Router
from omnichannel.api.throttling import Limit

from .models import Price, Pricebook, Product, ProductIdentifier

router = Router(tags=["Products"])
LIMIT = Limit("catalog", 1_200, 60)
# With OPEN_CATALOG off; by string, because the rooms that own them lie above this one.
RULE = Rule(
    (
        "inventory.view_inventory_management",
        "inventory.view_inventory",
        "catalog.view_product",
        "web.view_tools",
    ),
    scopes.CATALOG_READ,
)
SORTS = {"product_id": "product_id", "title": "name_key", "sku": "sku"}
FACETS = {
    "variation_color_value": "color",
    "variation_size_value": "size",
    "variant_group_id": "variant_group",
}
FACET = re.compile(r"facetfilter\[([a-z_]{1,64})\]")
MOST_VALUES = 100


class ProductBody(Schema):
    """`price` of the pricebook that is called like the shop, or else of the oldest one."""

    product_id: str
    variant_group_id: str
    sku: str
    title: str
    external_identifiers: dict[str, str]
    extended_attributes: list[dict[str, str]]
    price: float | None
    currency_code: str | None
    variation_color_value: str
    variation_size_value: str
    images: list[dict[str, Any]]


class Whose(Schema):
    """`locale` is read and has no effect: a product has one title here."""

    shop: str = Field("", max_length=256)
    locale: str = Field("", max_length=32)


class Asked(Paging):
    """`q` is a part of the title, the id or the SKU; `sort=title|asc`, `facetfilter[…]=a,b`."""

    shop: str = Field(max_length=256)
    locale: str = Field(max_length=32)
    q: str = Field("", max_length=256)
    sort: str = Field("", max_length=40)
    min_soh: int | None = None


def check(request: Any) -> None:
    if not settings.OPEN_CATALOG:
        admit(request, RULE)


def pricebook_of(shop: str) -> Pricebook | None:
    named = Pricebook.objects.filter(name=shop).first() if shop else None
    return named or Pricebook.objects.order_by("pk").first()


def told(rows: QuerySet[Product], pricebook: Pricebook | None) -> QuerySet[Product]:
    """With identifiers and the price, in two queries more for any number of rows."""
    return rows.prefetch_related(
        Prefetch("identifiers", ProductIdentifier.objects.order_by("pk")),
        Prefetch("prices", Price.objects.filter(pricebook=pricebook), to_attr="shown_prices"),
    )


def body(product: Any, pricebook: Pricebook | None) -> dict[str, Any]:
    identifiers = {"sku": product.sku} if product.sku else {}
    for identifier in product.identifiers.all():
        identifiers.setdefault(identifier.type.lower(), identifier.value)
    price: Decimal | None = next((row.value for row in product.shown_prices), None)
    return {
        "product_id": product.product_id,
        "variant_group_id": product.variant_group,
        "sku": product.sku,
        "title": product.name,
        "external_identifiers": identifiers,
        "extended_attributes": [],
        "price": None if price is None else float(price),
        "currency_code": pricebook.currency if pricebook and price is not None else None,
        "variation_color_value": product.color,
        "variation_size_value": product.size,
        "images": [],
    }


def facets(request: ApiRequest) -> dict[str, list[str]]:
    """
    Raises:
        ApiError: 400; a facet that products do not have here.
    """
    found = {}
    for key in request.GET:
        if match := FACET.fullmatch(key):
            if match[1] not in FACETS:
                known = ", ".join(FACETS)
                raise ApiError(400, "invalid_data", f"There is no facet {match[1]}, only {known}.")
            found[f"{FACETS[match[1]]}__in"] = request.GET[key].split(",")[:MOST_VALUES]  # type: ignore[union-attr]
    return found


def order_of(sort: str) -> list[str]:
    name, _bar, way = (sort or "product_id").partition("|")
    if name not in SORTS or way not in {"", "asc", "desc"}:
        text = f"sort is one of {', '.join(SORTS)}, with |asc or |desc behind it."
        raise ApiError(400, "invalid_data", text)
    sign = "-" if way == "desc" else ""
    return [f"{sign}{SORTS[name]}", f"{sign}pk"]


@router.get("/v0/c/products", permission=OPEN, response=Page[ProductBody], limit=LIMIT)
def list_products(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The products that are sold now; five queries."""
    check(request)
    if asked.min_soh is not None:
        text = "min_soh is not offered here. Ask GET /v0/stores/{store_id}/products for stock."
        raise ApiError(400, "invalid_data", text)
    pricebook = pricebook_of(asked.shop)
    rows = Product.objects.filter(is_active=True, **facets(request))
    if asked.q:
        fields = ("name", "product_id", "sku")
        rows = rows.filter(Q(*((f"{n}__icontains", asked.q) for n in fields), _connector=Q.OR))
    rows = told(rows.order_by(*order_of(asked.sort)), pricebook)
    return page(request, rows, asked, lambda product: body(product, pricebook))


@router.get("/v0/c/products/{path:key}", permission=OPEN, response=ProductBody, limit=LIMIT)
def get_product(request: ApiRequest, key: str, asked: Query[Whose]) -> dict[str, Any]:
    """One product by its id, or as `sku=…`, `ean=…`, … by any identifier it has."""
    return shown(request, key, asked.shop)


@router.get(
    "/api/v1/shops/{shop}/products/{path:key}", permission=OPEN, response=ProductBody, limit=LIMIT
)
def get_product_of_shop(
    request: ApiRequest, shop: str, key: str, asked: Query[Whose]
) -> dict[str, Any]:
    """The same at an older address."""
    return shown(request, key, shop)


def shown(request: ApiRequest, key: str, shop: str) -> dict[str, Any]:
    check(request)
    pricebook = pricebook_of(shop)
    for asked in known_as(key):
        # Of several with one identifier the one that is sold, and of these the oldest.
        rows = told(Product.objects.filter(**asked), pricebook).order_by("-is_active", "pk")
        if found := rows.first():
            return body(found, pricebook)
    raise not_found(f"There is no product {key}.", "product_not_found")


def known_as(key: str) -> Iterator[dict[str, Any]]:
    """What may be meant, each along its own index; an id may hold an equals sign too."""
    yield {"product_id": key}
    kind, _equals, value = key.partition("=")
    if not value:
        # Many products have no SKU: an empty one means none of them.
        return
    if kind in {"product_id", "sku"}:
        yield {kind: value}
    else:
        bearing = ProductIdentifier.objects.filter(value=value, type__iexact=kind)
        yield {"pk__in": list(bearing.values_list("product_id", flat=True)[:MOST_VALUES])}
