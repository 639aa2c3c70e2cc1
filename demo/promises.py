"""What the stores of the demo have promised: to customers who come for it, and to orders.

All of it is simulated and says so: numbers begin with `SIM-`, notes with `Simulated`. Everything is
done through the acts of the product; nothing is sent, so that the year's sales stay the year's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from fulfilment import actions, availability
from fulfilment.models import LocationAvailability, StockLevel
from inventory import actions as stock
from inventory.models import Allocation, CustomerReservation, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.locations.models import StockLocation

from .desk import Lines
from .masterdata import Store
from .notices import EVERY_SCENE, FEWEST

Kind = Allocation.Kind
NOTE = "Simulated reservation"
# Ids of orders and items are the same in every load.
NAMES = UUID("7d1f4c1e-3c0b-4a52-9c4e-51ad0a5d7c11")
CLERK = "operations"
# What a product must have so that a promise does not use it up.
ENOUGH = 8
NEEDED = 8
HELD_BACK = 2
DAYS_UNTIL_IT_COMES = 21


class Promising:
    """Who promises, in which store; `products` have ENOUGH units in `main` each."""

    def __init__(self, store: Store, products: Sequence[int], now: datetime) -> None:
        self.store, self.products, self.now = store, products, now
        self.clerk = User.objects.get(username=CLERK)

    def id(self, label: str) -> UUID:
        return uuid5(NAMES, f"{self.store.code}/{label}")

    def hold(self, label: str, *products: int, is_pending: bool = False) -> CustomerReservation:
        number = f"SIM-HOLD-{self.store.code}-{label}"
        return stock.reserve_items(
            location_id=self.store.id,
            product_ids=products,
            customer_profile_id=f"simulated-customer-{label}",
            by=self.clerk,
            key=f"demo/{number}",
            external_id=number,
            note=NOTE,
            is_pending=is_pending,
        ).reservation

    def customers(self) -> None:
        """One is awaited, one has not come, one is not answered yet."""
        self.hold("1", *self.products[:2])
        late = self.hold("2", self.products[2])
        CustomerReservation.objects.filter(pk=late.pk).update(
            created_at=self.now - timedelta(days=3), expires_at=self.now - timedelta(days=2)
        )
        self.hold("3", self.products[3], is_pending=True)

    def wanted(self, label: str, product: int, kind: str) -> availability.Wanted:
        return availability.Wanted(self.id(f"item {label}"), self.store.id, product, kind)

    def assign(self, label: str, product: int) -> int:
        """Primary key of the request."""
        return actions.assign_items(
            order_uuid=self.id(f"order {label}"),
            location_id=self.store.id,
            items=[self.wanted(label, product, Kind.HARD)],
            told={},
            by=self.clerk,
            key=f"demo/{self.id(label)}",
            request_uuid=self.id(f"request {label}"),
            service_level="simulated",
        ).request.pk

    def orders(self) -> None:
        """One is reserved for a day, one allocated, one packed, one was not found."""
        actions.reserve_for_order(
            order_uuid=self.id("order reserved"),
            items=[self.wanted("reserved", self.products[4], Kind.SOFT)],
            expires_in_seconds=24 * 60 * 60,
        )
        self.assign("allocated", self.products[5])
        actions.pack_items(
            pk=self.assign("packed", self.products[6]),
            item_uuids=[self.id("item packed")],
            by=self.clerk,
            key=f"demo/{self.id('packing')}",
        )
        actions.fail_items(
            pk=self.assign("lost", self.products[7]),
            items={self.id("item lost"): {"rejection_reason": "no_inventory"}},
            by=self.clerk,
            key=f"demo/{self.id('mispick')}",
        )

    def hold_back(self) -> None:
        LocationAvailability.objects.update_or_create(
            location_id=self.store.id, defaults={"safety_stock": 1}
        )
        availability.lock_levels([(self.store.id, self.products[0])])
        levels = StockLevel.objects.filter(location=self.store.id, product=self.products[0])
        levels.update(safety_stock=HELD_BACK)

    def announce(self) -> None:
        """Goods that the centre of the store will have, and a pre-order on one of them."""
        keys = [(self.store.centre_id, product) for product in self.products[:2]]
        availability.lock_levels(keys)
        levels = StockLevel.objects.filter(
            location=self.store.centre_id, product__in=self.products[:2]
        )
        levels.update(
            future_quantity=120,
            future_date=self.now.date() + timedelta(days=DAYS_UNTIL_IT_COMES),
        )


def simulate(
    stores: dict[str, Store],
    deliveries: dict[str, Lines],
    shelves: dict[str, int],
    now: datetime,
) -> int:
    """Make them in the managers' stores; how many customers wait. After the year was loaded."""
    for code in EVERY_SCENE:
        lines = deliveries.get(code, ())
        if len(lines) < FEWEST:
            continue
        products = plenty(stores[code], [product for product, _units in lines], shelves)
        if len(products) < NEEDED:
            continue
        desk = Promising(stores[code], products, now)
        desk.hold_back()
        desk.customers()
        desk.orders()
        desk.announce()
    return CustomerReservation.objects.count()


def plenty(store: Store, products: Sequence[int], shelves: dict[str, int]) -> list[int]:
    """Those of the last delivery that the store has enough of, the same ones in every load."""
    rows = StockOnHand.objects.filter(
        location=store.id,
        product__in=products,
        stock_location=shelves[StockLocation.MAIN],
        quantity__gte=ENOUGH,
    )
    return list(rows.order_by("product_id").values_list("product_id", flat=True)[:NEEDED])
