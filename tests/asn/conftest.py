from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from asn.models import Asn, AsnLine
from inventory.models import AdjustmentReason, StockOnHand
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.people import person, store

SHIPPED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Dock:
    """Two stores of ours, one that the ERP masters, a supplier's DC; products; two people."""

    def __init__(self) -> None:
        for name in ("main", "damaged", "returns", "_in_transit"):
            StockLocation.objects.get_or_create(
                name=name, defaults={"display_name": name, "is_salable": name == "main"}
            )
        self.shelf = {one.name: one.pk for one in StockLocation.objects.all()}
        self.berlin, self.london = store("DE-01"), store("GB-01", "GB")
        self.erp = store("ERP-1")
        FulfillmentLocation.objects.filter(pk=self.erp.pk).update(is_inventory_master=False)
        self.dc = FulfillmentLocation.objects.create(
            code="DC-1", kind="DC", name="Supplier", country_code="DE", time_zone="Europe/Berlin"
        )
        self.products = [
            Product.objects.create(product_id=f"P{n}", sku=f"S{n}", name=f"Product {n}")
            for n in range(6)
        ]
        self.broken = AdjustmentReason.objects.create(
            type="Damage",
            subtype="Broken on arrival",
            origin_id=self.shelf["main"],
            destination_id=self.shelf["damaged"],
        )
        self.manager = person("manager", "Store Manager", stores=(self.berlin,))
        self.viewer = person("viewer", "Viewer", document_scope="ALL_STORES")

    def held(self, product: int, shelf: str = "main", where: Any = None) -> int:
        rows = StockOnHand.objects.filter(
            location=where or self.berlin,
            product=self.products[product],
            stock_location=self.shelf[shelf],
        )
        return rows.values_list("quantity", flat=True).first() or 0

    def bare_asn(self, number: str = "A-1", expected: int = 10, **fields: Any) -> Asn:
        """The rows alone, without the act."""
        now = timezone.now()
        values = {
            "source": Asn.Source.API,
            "origin": self.dc,
            "destination": self.berlin,
            "shipped_at": SHIPPED,
            "created_at": now,
            "updated_at": now,
            "product_count": 1,
            "expected_total": expected,
            "in_transit_total": expected,
            **fields,
        }
        asn = Asn.objects.create(number=number, **values)
        AsnLine.objects.create(
            asn=asn, product=self.products[0], expected=expected, in_transit=expected
        )
        return asn


@pytest.fixture
def dock(transactional_db: None) -> Dock:
    return Dock()
