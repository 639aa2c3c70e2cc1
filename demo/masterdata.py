"""Stores, distribution centres, products and prices out of the data files."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from omnichannel.catalog.models import Price, Pricebook, Product
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.sorting import sort_key

from . import parsing, places, prices
from .source import Source

STORES = ("store_id", "name", "city", "country_code", "timezone", "currency")
PRODUCTS = ("sku", "name", "price_gbp", "style", "variant")
APPAREL = (
    "sku",
    "product_id",
    "product_name",
    "size",
    "color",
    "price_usd",
    "material",
    "style_general",
    "style_bottom",
    "category",
    "weight",
    "stock_qty",
)
BATCH = 2_000


class Store(NamedTuple):
    """What the history needs to know of a store; ids are primary keys."""

    id: int
    code: str
    zone: ZoneInfo
    centre_id: int


class Listed(NamedTuple):
    """A product as a file lists it, with the currency that its price is in there."""

    product: Product
    price: Decimal | None
    currency: str


class Catalogue(NamedTuple):
    """Primary keys by product id: what the history may name, and the apparel."""

    history: dict[str, int]
    apparel: dict[str, int]


class Unique:
    """Refuses a text that its column has shown before."""

    def __init__(self, source: Source, column: str) -> None:
        self.source, self.column, self.seen = source, column, set[object]()

    def check(self, value: object, text: str) -> None:
        if value in self.seen:
            raise self.source.bad(self.column, _("%r stands here a second time.") % text)
        self.seen.add(value)


def load_pricebooks() -> dict[str, Pricebook]:
    """One per currency."""
    return {
        currency: Pricebook.objects.create(
            name=f"{name} ({currency})", currency=currency, note=prices.note(currency)
        )
        for currency, name in prices.PRICEBOOK_NAMES.items()
    }


def load_centres() -> dict[str, int]:
    """Primary keys by region."""
    return {
        region: FulfillmentLocation.objects.create(
            kind=FulfillmentLocation.Kind.DC, **centre._asdict()
        ).pk
        for region, centre in places.CENTRES.items()
    }


def load_stores(
    folder: Path, pricebooks: dict[str, Pricebook], centres: dict[str, int]
) -> dict[str, Store]:
    """Stores by code; a store shows the prices of its country, the file's currency is not used."""
    source = Source(folder / "retail-history", "stores.csv", STORES)
    unique = Unique(source, "store_id")
    codes = source.column("store_id", parsing.text_up_to(256))
    names = source.column("name", parsing.text_up_to(256))
    cities = source.column("city", parsing.text_up_to(128))
    zones = source.column("timezone", parsing.time_zone)
    countries = source.column("country_code", country_of_a_region)
    stores = {}
    for code, name, city, country, zone, _currency in source:
        unique.check(codes[code], code)
        region = countries[country]
        location = FulfillmentLocation.objects.create(
            code=code,
            kind=FulfillmentLocation.Kind.STORE,
            store_id=code,
            name=names[name],
            city=cities[city],
            country_code=country,
            time_zone=zones[zone].key,
            pricebook=pricebooks[places.currency_of(country)],
            is_inventory_master=True,
        )
        stores[code] = Store(location.pk, code, zones[zone], centres[region])
    return stores


def country_of_a_region(text: str) -> str:
    """The region whose centre delivers to the country."""
    return parsing.one_of(
        places.REGION_OF, _("no distribution centre of demo/places.py delivers to %r.")
    )(parsing.country(text))


def load_catalogue(folder: Path, pricebooks: dict[str, Pricebook]) -> Catalogue:
    shop = [*read_products(folder), *read_unlisted(folder)]
    apparel = list(read_apparel(folder))
    listed = shop + apparel
    Product.objects.bulk_create((entry.product for entry in listed), batch_size=BATCH)
    Price.objects.bulk_create(all_prices(listed, pricebooks), batch_size=2 * BATCH)
    return Catalogue(by_product_id(shop), by_product_id(apparel))


def by_product_id(listed: Iterable[Listed]) -> dict[str, int]:
    return {entry.product.product_id: entry.product.pk for entry in listed}


def read_products(folder: Path) -> Iterable[Listed]:
    source = Source(folder / "retail-history", "products.csv", PRODUCTS)
    unique = Unique(source, "sku")
    codes = source.column("sku", parsing.text_up_to(256))
    names = source.column("name", parsing.text_up_to(512))
    amounts = source.column("price_gbp", parsing.amount)
    styles = source.column("style", parsing.text_up_to(256))
    for code, name, price, style, _variant in source:
        unique.check(codes[code], code)
        # The variant letter of the shop means neither size nor colour; the style groups.
        yield Listed(product(code, names[name], variant_group=styles[style]), amounts[price], "GBP")


def read_unlisted(folder: Path) -> Iterable[Listed]:
    """Codes that the history names and the product list does not: no name, price, or sale."""
    source = Source(folder / "retail-history", "unlisted_products.csv", ("sku",))
    unique = Unique(source, "sku")
    codes = source.column("sku", parsing.text_up_to(256))
    for (code,) in source:
        unique.check(codes[code], code)
        yield Listed(product(code, code, is_active=False), None, "GBP")


def read_apparel(folder: Path) -> Iterable[Listed]:
    source = Source(folder, "apparel-catalogue.csv", APPAREL)
    unique = Unique(source, "sku")
    codes = source.column("sku", parsing.text_up_to(256))
    styles = source.column("product_id", parsing.text_up_to(256))
    names = source.column("product_name", parsing.text_up_to(512))
    sizes = source.column("size", parsing.text_up_to(64))
    colors = source.column("color", parsing.text_up_to(64))
    amounts = source.column("price_usd", parsing.amount)
    for code, style, name, size, color, price, *_rest in source:
        unique.check(codes[code], code)
        variant = product(
            code,
            names[name],
            variant_group=styles[style],
            size=sizes[size],
            color=colors[color],
        )
        yield Listed(variant, amounts[price], "USD")


def product(code: str, name: str, **fields: object) -> Product:
    # bulk_create calls no save(), which would write the key.
    return Product(product_id=code, sku=code, name=name, name_key=sort_key(name), **fields)


def all_prices(listed: Iterable[Listed], pricebooks: dict[str, Pricebook]) -> Iterable[Price]:
    for entry in listed:
        for currency, pricebook in pricebooks.items():
            value = entry.price and prices.converted(entry.price, entry.currency, currency)
            if value:
                yield Price(pricebook=pricebook, product=entry.product, value=value)
