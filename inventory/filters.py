"""What may be asked of the lists of this room."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from omnichannel.web.filters import (
    Choices,
    Conditions,
    DateRange,
    FilterSet,
    LocalMoment,
    NumberRange,
    OneOf,
    Search,
    Values,
    Words,
)

from .models import AdjustmentReason, CustomerReservation, InventoryTransaction
from .queries import EXPIRED

LOW = 5
LISTED_TYPES = [
    choice
    for choice in InventoryTransaction.Type.choices
    if choice[0] not in InventoryTransaction.HIDDEN_TYPES
]


def stores(request: HttpRequest) -> QuerySet:
    """The stores to choose from, by country: what the asking user may see, and no more."""
    return FulfillmentLocation.objects.visible_to(request.user).order_by(
        "country_code", "name_key", "pk"
    )


def stores_of_ours(request: HttpRequest) -> QuerySet:
    return stores(request).filter(is_inventory_master=True)


def store_filter(queryset: Callable[[HttpRequest], QuerySet] = stores) -> OneOf:
    return OneOf(queryset=queryset, field_name="location", label=_("Store"), group="country")


def stock_location_filter(field_name: str = "stock_location") -> OneOf:
    return OneOf(
        queryset=lambda request: StockLocation.objects.order_by("pk"),
        field_name=field_name,
        label=_("Stock location"),
        code="name",
        text="display_name",
    )


def product_search(through: str = "product") -> Search:
    return Search(
        through=through,
        fields=["name", "product_id", "sku"],
        exact=["product_id", "sku", "identifiers__value"],
        label=_("Product name, ID or SKU"),
    )


def size_filter(field_name: str) -> Values:
    return Values(field_name=field_name, source=lambda: product_field("size"), label=_("Size"))


def color_filter(field_name: str) -> Values:
    return Values(field_name=field_name, source=lambda: product_field("color"), label=_("Color"))


def product_field(name: str) -> Any:
    return Product._meta.get_field(name)


def level_filter() -> Conditions:
    return Conditions(
        label=_("Level"),
        conditions={
            "negative": (_("Negative"), Q(quantity__lt=0)),
            "out": (_("Out of stock"), Q(quantity=0)),
            "low": (_("Low (1 to 5)"), Q(quantity__gte=1, quantity__lte=LOW)),
            "above": (_("Above 5"), Q(quantity__gt=LOW)),
        },
    )


class StockFilters(FilterSet):
    q = product_search()
    store = store_filter(stores_of_ours)
    stock_location = stock_location_filter()
    size = size_filter("product__size")
    color = color_filter("product__color")
    product = Words(field_name="product__product_id", label=_("Product ID"), hint="85123A, 22423")
    level = level_filter()
    on_hand = NumberRange(field_name="quantity", label=_("On hand"))
    counted = DateRange(
        field_name="counted_at", zone="location__time_zone", label=_("Last counted")
    )
    counting = Conditions(
        label=_("Counting"),
        conditions={
            "never": (_("Never counted"), Q(counted_at__isnull=True)),
            "once": (_("Counted before"), Q(counted_at__isnull=False)),
        },
    )


class AsOfFilters(FilterSet):
    as_of = LocalMoment(label=_("As of"))
    q = product_search()
    store = store_filter(stores_of_ours)
    stock_location = stock_location_filter()
    size = size_filter("product__size")
    color = color_filter("product__color")
    product = Words(field_name="product__product_id", label=_("Product ID"), hint="85123A, 22423")
    level = level_filter()
    on_hand = NumberRange(field_name="quantity", label=_("On hand"))


class TransactionFilters(FilterSet):
    q = Search(
        through="",
        fields=["reference"],
        exact=["reference"],
        label=_("Reference"),
    )
    type = Choices(field_name="type", label=_("Type"), choices=LISTED_TYPES)
    store = store_filter()
    completed = DateRange(
        field_name="completed_at", zone="location__time_zone", label=_("Completed")
    )
    status = Choices(field_name="status", label=_("Status"), choices=InventoryTransaction.Status)
    reason = OneOf(
        queryset=lambda request: AdjustmentReason.objects.order_by("type", "subtype"),
        field_name="reason",
        label=_("Adjustment reason"),
        code="uuid",
        text="subtype",
        group="type",
    )
    associate = Words(field_name="associate_id", label=_("Associate"))


class ReservationFilters(FilterSet):
    q = Search(
        through="",
        fields=["external_id", "customer_profile_id"],
        exact=["external_id", "customer_profile_id"],
        label=_("Reservation or customer"),
    )
    store = store_filter()
    status = Choices(field_name="status", label=_("Status"), choices=CustomerReservation.Status)
    state = Conditions(
        label=_("Expiry"),
        conditions={"expired": (_("Expired, still set aside"), EXPIRED)},
    )
    created = DateRange(field_name="created_at", zone="location__time_zone", label=_("Created"))
    expires = DateRange(field_name="expires_at", zone="location__time_zone", label=_("Expires"))
    associate = Words(field_name="associate_id", label=_("Associate"))


class ReasonFilters(FilterSet):
    q = Search(through="", fields=["type", "subtype"], label=_("Type or reason"))
    origin = stock_location_filter("origin")
    destination = stock_location_filter("destination")


def direction_filter() -> Conditions:
    return Conditions(
        label=_("Direction"),
        conditions={
            "in": (_("In"), Q(quantity__gt=0)),
            "out": (_("Out"), Q(quantity__lt=0)),
            "right": (_("Counted and right"), Q(quantity=0)),
        },
    )


class MovementFilters(FilterSet):
    q = product_search()
    type = Choices(
        field_name="transaction__type", label=_("Type"), choices=InventoryTransaction.Type
    )
    store = store_filter()
    stock_location = stock_location_filter()
    happened = DateRange(field_name="happened_at", zone="location__time_zone", label=_("Happened"))
    product = Words(field_name="product__product_id", label=_("Product ID"), hint="85123A, 22423")
    reference = Words(field_name="transaction__reference", label=_("Reference"))
    direction = direction_filter()


class AuditFilters(FilterSet):
    type = Choices(
        field_name="transaction__type", label=_("Type"), choices=InventoryTransaction.Type
    )
    stock_location = stock_location_filter()
    happened = DateRange(field_name="happened_at", zone="location__time_zone", label=_("Happened"))
    direction = direction_filter()


class ProductFilters(FilterSet):
    q = product_search(through="")
    size = size_filter("size")
    color = color_filter("color")
    style = Words(field_name="variant_group", label=_("Style"))
    state = Conditions(
        label=_("State"),
        conditions={
            "active": (_("Active"), Q(is_active=True)),
            "inactive": (_("Inactive"), Q(is_active=False)),
        },
    )
