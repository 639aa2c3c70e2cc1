from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from fulfilment import actions, availability, tasks
from fulfilment.models import Availability, FulfillmentRequest, StockLevel
from inventory import ledger
from inventory.models import Allocation, InventoryTransaction, StockOnHand
from omnichannel.catalog.models import Product
from omnichannel.jobs import actions as jobs
from omnichannel.jobs import runners
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.people import ALL, person, store

# A worker reads them all.
assert tasks.export_availability
SHELVES = (
    "main", "display", "damaged", "returns", "_customer_reservations", "_transfers", "_in_transit",
)  # fmt: skip
Kind = Allocation.Kind


class Hall:
    """A store of ours, one of the ERP's, a centre, products P0…P3, and the acts by name."""

    def __init__(self) -> None:
        self.ours, self.erp = store("DE-01"), store("ERP-1")
        FulfillmentLocation.objects.filter(pk=self.erp.pk).update(is_inventory_master=False)
        self.dc = FulfillmentLocation.objects.create(
            code="DC-1", kind="DC", name="Centre", country_code="NL", time_zone="Europe/Amsterdam"
        )
        for name in SHELVES:
            StockLocation.objects.get_or_create(
                name=name, defaults={"display_name": name, "is_salable": name == "main"}
            )
        self.shelf = {s.name: s.pk for s in StockLocation.objects.all()}
        self.products = [
            Product.objects.create(product_id=f"P{n}", name=f"Product {n}") for n in range(4)
        ]
        self.user = person("erp", is_superuser=True, stock_scope=ALL, document_scope=ALL)

    def post(
        self,
        product: int,
        change: int,
        *,
        type: str = "RECEIVING",
        where: FulfillmentLocation | None = None,
        shelf: str = "main",
        **header: Any,
    ) -> None:
        side = self.shelf[shelf]
        sides = (side, None) if change < 0 else (None, side)
        with transaction.atomic():
            ledger.post(
                ledger.Header(
                    operation_key=str(uuid4()),
                    type=InventoryTransaction.Type[type],
                    location_id=(where or self.ours).pk,
                    associate_id="test",
                    **header,
                ),
                [ledger.Line(self.products[product].pk, abs(change), *sides)],
            )

    def key(self, product: int, where: FulfillmentLocation | None = None) -> availability.Key:
        return (where or self.ours).pk, self.products[product].pk

    def atp(self, product: int, where: FulfillmentLocation | None = None) -> int:
        key = self.key(product, where)
        return availability.atp_of([key])[key][0]

    def row(self, product: int, where: FulfillmentLocation | None = None) -> Availability:
        location, item = self.key(product, where)
        return Availability.objects.get(location=location, product=item)

    def on_hand(self, product: int, where: FulfillmentLocation | None = None) -> int:
        location, item = self.key(product, where)
        held = StockOnHand.objects.get(
            location=location, product=item, stock_location=self.shelf["main"]
        )
        return held.quantity

    def level(self, product: int, where: FulfillmentLocation | None = None, **facts: Any) -> None:
        key = self.key(product, where)
        with transaction.atomic():
            availability.lock_levels([key])
            StockLevel.objects.filter(location=key[0], product=key[1]).update(**facts)

    def wanted(
        self, product: int, kind: str, where: FulfillmentLocation | None = None, item: Any = None
    ) -> availability.Wanted:
        return availability.Wanted(item or uuid4(), *self.key(product, where), kind)

    def reserve(self, product: int, order: UUID, seconds: int = 900, **more: Any) -> UUID:
        wanted = self.wanted(product, Kind.SOFT, **more)
        with transaction.atomic():
            actions.reserve_for_order(order_uuid=order, items=[wanted], expires_in_seconds=seconds)
        return wanted.item_uuid

    def assign(
        self, product: int, order: UUID | None = None, kind: str = Kind.HARD, **more: Any
    ) -> tuple[FulfillmentRequest, UUID]:
        wanted = self.wanted(product, kind, **more)
        with transaction.atomic():
            made = actions.assign_items(
                order_uuid=order or uuid4(),
                location_id=wanted.location_id,
                items=[wanted],
                told={},
                by=self.user,
                key=str(uuid4()),
            )
        return made.request, wanted.item_uuid

    def fail(self, request: FulfillmentRequest, item: UUID, reason: str) -> None:
        with transaction.atomic():
            actions.fail_items(
                pk=request.pk,
                items={item: {"rejection_reason": reason}},
                by=self.user,
                key=str(uuid4()),
            )

    def complete(self, request: FulfillmentRequest, item: UUID, **more: Any) -> None:
        with transaction.atomic():
            actions.complete_items(
                pk=request.pk, items={item: {}}, by=self.user, key=str(uuid4()), **more
            )

    def facts(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """What the facts say is promised, by key: allocated, reserved, on what comes."""
        rows = StockLevel.objects.values_list(
            "location_id", "product_id", "allocated", "soft_reserved", "future_allocated"
        )
        return {(row[0], row[1]): row[2:] for row in rows if any(row[2:])}

    def counted(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """What the facts must say: open promises by key."""
        found: dict[tuple[int, int], list[int]] = {}
        for row in Allocation.objects.open():
            numbers = found.setdefault((row.location_id, row.product_id), [0, 0, 0])
            numbers[[Kind.HARD, Kind.SOFT, Kind.FUTURE].index(row.kind)] += 1
        return {key: tuple(numbers) for key, numbers in found.items()}  # type: ignore[misc]


def work() -> None:
    runners.work()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Each in a thread and on a connection of its own, from one start; results or errors, in order."""
    results: list[Any] = [None] * len(acts)
    start = Barrier(len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture(autouse=True)
def nobody_is_nudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run the jobs themselves."""
    monkeypatch.setattr(jobs, "nudge", lambda: None)


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    return Hall()
