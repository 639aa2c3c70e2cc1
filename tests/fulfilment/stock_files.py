"""Files of stock, and what came of them."""

import json
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from inventory import ledger
from inventory.models import InventoryTransaction, StockMovement, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.imports.models import Import
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.imports.files import imported, zipped

ERP, OURS, CENTRE = "ERP-1", "OUR-1", "DC-1"
MAPPING = {ERP: ERP, CENTRE: None}
TOMORROW = date.today() + timedelta(days=2)


def location(code: str, kind: str = "STORE", *, is_ours: bool = False) -> FulfillmentLocation:
    return FulfillmentLocation.objects.create(
        code=code,
        kind=kind,
        store_id=code if kind == "STORE" else None,
        name=code,
        country_code="DE",
        time_zone="Europe/Berlin",
        is_inventory_master=is_ours,
    )


def product(product_id: str) -> Product:
    return Product.objects.create(product_id=product_id, name=product_id, name_key=product_id)


def shop() -> User:
    """A store of the ERP, one of ours and a centre; products P-0 to P-9; whoever may everything."""
    location(ERP)
    location(OURS, is_ours=True)
    location(CENTRE, "DC")
    for number in range(10):
        product(f"P-{number}")
    StockLocation.objects.get_or_create(
        name="main", defaults={"display_name": "Main", "is_salable": True}
    )
    return User.objects.create(username="erp", is_superuser=True)


def row(product_id: str, quantity: Any = None, node: str = ERP, **fields: Any) -> dict[str, Any]:
    told = {"product_id": product_id, "fulfillment_node_id": node, **fields}
    return told if quantity is None else {**told, "quantity": quantity}


def stock_file(*items: Any, mapping: dict[str, Any] | None = None, **head: Any) -> bytes:
    told = MAPPING if mapping is None else mapping
    nodes = [{"fulfillment_node_id": code, "store_id": store} for code, store in told.items()]
    head = {"store_mapping": nodes, **head}
    return json.dumps({"head": head, "items": items}).encode()


def brought(owner: User | None, *items: Any, full: bool = False, **head: Any) -> Import:
    """Over the API, run to its end."""
    file = zipped(availabilities=stock_file(*items, **head))
    return imported(file, "availabilities", owner=owner, full=full)


def on_hand(code: str = ERP) -> dict[str, int]:
    rows = StockOnHand.objects.filter(location__code=code, stock_location__name="main")
    return dict(rows.order_by("product_id").values_list("product__product_id", "quantity"))


def movements() -> int:
    return StockMovement.objects.count()


def told(import_: Import) -> tuple[Any, ...]:
    return import_.state, import_.rows, import_.created, import_.updated, import_.errors


def problems(import_: Import) -> list[tuple[int, str, str, str]]:
    """Row, column, ID and cause of what was wrong, in order."""
    return list(import_.wrong().values_list("row", "column", "entity_id", "cause"))


def post(
    product_id: str, change: int, type_: str = "ADJUSTMENT", code: str = ERP, **more: Any
) -> Any:
    """What somebody did at a store: units in, or out where `change` is below 0."""
    place = FulfillmentLocation.objects.get(code=code)
    main = StockLocation.objects.get(name="main").pk
    header = ledger.Header(
        operation_key=f"test/{InventoryTransaction.objects.count()}",
        type=type_,
        location_id=place.pk,
        associate_id="a",
        **more,
    )
    product_pk = Product.objects.get(product_id=product_id).pk
    line = ledger.Line(product_pk, abs(change), *((main, None) if change < 0 else (None, main)))
    with transaction.atomic():
        return ledger.post(header, [line])
