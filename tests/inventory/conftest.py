from collections.abc import Callable

import pytest

from inventory import ledger
from inventory.models import InventoryTransaction
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.kit.conftest import World


class Shop:
    """Two stores of ours, one ERP-mastered DC, six products, and the shortest way to post."""

    def __init__(self) -> None:
        self.keys = 0
        for name in ("main", "display", "damaged", "_in_transit"):
            StockLocation.objects.get_or_create(
                name=name, defaults={"display_name": name, "is_salable": name == "main"}
            )
        self.shelf = {s.name: s.pk for s in StockLocation.objects.all()}
        self.stores = [self.location(f"ST-{n}", "STORE") for n in (1, 2)]
        self.dc = self.location("DC-1", "DC")
        self.products = [
            Product.objects.create(product_id=f"P{n}", name=f"Product {n}").pk for n in range(6)
        ]

    def location(self, code: str, kind: str) -> int:
        is_store = kind == "STORE"
        return FulfillmentLocation.objects.create(
            code=code,
            kind=kind,
            store_id=code if is_store else None,
            name=code,
            country_code="DE",
            time_zone="Europe/Berlin",
            is_inventory_master=is_store,
        ).pk

    def header(self, type: str = "ADJUSTMENT", store: int = 0, **more: object) -> ledger.Header:
        self.keys += 1
        values = {
            "operation_key": f"key-{self.keys}",
            "type": InventoryTransaction.Type[type],
            "location_id": self.stores[store],
            "associate_id": "test",
            **more,
        }
        return ledger.Header(**values)  # type: ignore[arg-type]

    def line(self, product: int, change: int, shelf: str = "main") -> ledger.Line:
        side = self.shelf[shelf]
        return ledger.Line(
            self.products[product],
            abs(change),
            side if change < 0 else None,
            None if change < 0 else side,
        )

    def move(self, product: int, quantity: int, source: str, target: str) -> ledger.Line:
        return ledger.Line(self.products[product], quantity, self.shelf[source], self.shelf[target])


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


@pytest.fixture
def make_shop(transactional_db: None) -> Callable[[], Shop]:
    return Shop


@pytest.fixture
def world(db: None) -> World:
    """The small shop of the page kit, where a test is about pages and people."""
    return World()
