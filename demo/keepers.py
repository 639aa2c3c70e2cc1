"""Two more stores beside those of the year: one whose stock the ERP keeps, one that was loaded
with 0 and waits for its first count (PRODUCT §8).

Both are simulated and say so: the notes of their documents begin with `Simulated`.
"""

import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from fulfilment.models import LocationAvailability, Takeover
from inventory import ledger
from inventory.models import InventoryTransaction
from omnichannel.catalog.models import Pricebook
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from .places import currency_of

Type = InventoryTransaction.Type


class Keeper(NamedTuple):
    """A store as it is created; every one in `one_in` of the apparel is on its list."""

    code: str
    name: str
    city: str
    country_code: str
    time_zone: str
    one_in: int


BY_THE_ERP = Keeper("IT-90", "Bologna", "Bologna", "IT", "Europe/Rome", 6)
FROM_ZERO = Keeper("ES-90", "Sevilla", "Sevilla", "ES", "Europe/Madrid", 8)
NOTE = "Simulated"


def simulate(
    pricebooks: Mapping[str, Pricebook],
    variants: Mapping[str, int],
    places: Mapping[str, int],
    now: datetime,
) -> int:
    """Number of stores; `variants` are products by code, `places` stock locations by name."""
    main = places[StockLocation.MAIN]
    by_the_erp(opened(BY_THE_ERP, pricebooks), variants, main, now)
    from_zero(opened(FROM_ZERO, pricebooks), variants, main, now)
    return 2


def opened(keeper: Keeper, pricebooks: Mapping[str, Pricebook]) -> FulfillmentLocation:
    return FulfillmentLocation.objects.create(
        code=keeper.code,
        kind=FulfillmentLocation.Kind.STORE,
        store_id=keeper.code,
        name=keeper.name,
        city=keeper.city,
        country_code=keeper.country_code,
        time_zone=keeper.time_zone,
        pricebook=pricebooks[currency_of(keeper.country_code)],
    )


def by_the_erp(
    store: FulfillmentLocation, variants: Mapping[str, int], main: int, now: datetime
) -> None:
    """The stock of last night; a receipt since then changes nothing, a shipment does at once."""
    listed = products(BY_THE_ERP, variants)
    last_night = now - timedelta(hours=8)
    imported(store, [(product, 1 + mark % 9) for product, mark in listed], main, last_night)
    receipt = [ledger.Line(product, 6, None, main) for product, _mark in listed[:12]]
    post(store, Type.RECEIVING, receipt, now - timedelta(hours=3), "delivery, not in the stock yet")
    sold = [ledger.Line(product, 1, main, None) for product, _mark in listed[12:17]]
    post(store, Type.SHIPMENT, sold, now - timedelta(hours=2), "sales, sent from the store")


def from_zero(
    store: FulfillmentLocation, variants: Mapping[str, int], main: int, now: datetime
) -> None:
    """The ERP told the range and no number; then the stock became ours."""
    loaded = now - timedelta(hours=30)
    imported(
        store, [(product, 0) for product, _mark in products(FROM_ZERO, variants)], main, loaded
    )
    Takeover.objects.create(
        location=store, taken_over_at=loaded + timedelta(hours=1), last_import_at=loaded
    )
    store.is_inventory_master = True
    store.save(update_fields=["is_inventory_master"])


def products(keeper: Keeper, variants: Mapping[str, int]) -> list[tuple[int, int]]:
    """Product and a number of its own, the same on every machine."""
    marked = [
        (product, zlib.crc32(f"{keeper.code}/{code}".encode()))
        for code, product in variants.items()
    ]
    return [(product, mark >> 8) for product, mark in marked if not mark % keeper.one_in]


def imported(
    store: FulfillmentLocation, stock: list[tuple[int, int]], main: int, at: datetime
) -> None:
    lines = [ledger.Line(product, units, None, main) for product, units in stock]
    if lines:
        post(store, Type.STOCK_IMPORT, lines, at, "stock of the ERP")
    LocationAvailability.objects.create(location=store, last_import_at=at)


def post(
    store: FulfillmentLocation, kind: str, lines: list[ledger.Line], at: datetime, label: str
) -> None:
    if not lines:
        return
    header = ledger.Header(
        operation_key=f"demo/{store.code}/{kind}",
        type=kind,
        location_id=store.pk,
        associate_id=f"stock-{store.code}",
        reference=f"SIM-{kind.replace('_', '-')}-{store.code}",
        note=f"{NOTE} {label}",
        # A load may be told that it is later than it is.
        happened_at=min(at, timezone.now()),
    )
    ledger.post(header, lines)
