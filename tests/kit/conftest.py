import json
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from inventory import ledger
from inventory.models import AdjustmentReason, InventoryTransaction
from omnichannel.catalog.models import Price, Product, ScanIdentifier
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.people import person, signed_in, store

KINDS = ("product_id", "sku", "ean", "upc")
BAD_INPUT = Path(__file__).parent.parent / "data" / "bad-input"


def naughty() -> list[str]:
    """Every string of the list that a text column can hold at all."""
    texts = json.loads((BAD_INPUT / "blns" / "blns.json").read_text())
    return [t for t in texts if t.strip() and "\0" not in t and len(t) <= 400 and storable(t)]


def payloads() -> list[str]:
    lines = (BAD_INPUT / "csv-injection" / "csv-payload.txt").read_text().splitlines()
    return [line for line in lines if line.strip()]


def storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class World:
    """Two stores in two zones, products with odd names, and a few documents about them."""

    def __init__(self) -> None:
        self.berlin, self.tokyo = store("DE-01"), store("JP-01", "JP")
        FulfillmentLocation.objects.filter(pk=self.tokyo.pk).update(time_zone="Asia/Tokyo")
        self.tokyo.refresh_from_db()
        self.shelves = {
            name: StockLocation.objects.get_or_create(
                name=name, defaults={"display_name": name.title(), "is_salable": name == "main"}
            )[0]
            for name in ("main", "damaged", "_in_transit")
        }
        self.reason = AdjustmentReason.objects.create(
            type="Shrink", subtype="Missing", origin=self.shelves["main"]
        )
        # What a migration filled is emptied between tests that commit.
        for position, kind in enumerate(KINDS, start=1):
            ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})
        self.posted = 0

    def product(self, product_id: str, name: str | None = None, **fields: object) -> Product:
        made = Product.objects.create(product_id=product_id, name=name or product_id, **fields)
        if fields.get("size") != "XL":
            Price.objects.create(pricebook=self.berlin.pricebook, product=made, value="9.90")
        return made

    def post(
        self,
        *lines: tuple[Product, int],
        where: FulfillmentLocation | None = None,
        shelf: str = "main",
        type: str = "SHIPMENT",
        **header: object,
    ) -> ledger.Posting:
        self.posted += 1
        side = self.shelves[shelf].pk
        typed = [
            ledger.Line(p.pk, abs(n), side if n < 0 else None, None if n < 0 else side)
            for p, n in lines
        ]
        with transaction.atomic():
            return ledger.post(
                ledger.Header(
                    operation_key=f"world-{self.posted}",
                    type=InventoryTransaction.Type[type],
                    location_id=(where or self.berlin).pk,
                    associate_id="till-1",
                    **header,  # type: ignore[arg-type]
                ),
                typed,
            )

    def person_of(self, location: FulfillmentLocation) -> Client:
        """Signed in: a manager who sees nothing beyond his own store."""
        scopes = {"stock_scope": "OWN_STORES", "document_scope": "OWN_STORES"}
        made = person(f"of {location.code}", "Store Manager", stores=(location,), **scopes)
        return signed_in(made)


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def client(world: World):
    """Sees all stores and all documents."""
    return signed_in(person("operations", "Corporate Operations", document_scope="ALL_STORES"))
