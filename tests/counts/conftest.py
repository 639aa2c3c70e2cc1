import datetime
import itertools
import json
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from counts import actions, reconciliation, tasks
from counts.models import Count, CountResult
from inventory import ledger
from inventory.models import InventoryTransaction, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Price, Product
from omnichannel.eventstream.models import Event
from omnichannel.jobs import actions as jobs
from omnichannel.jobs import runners
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.people import person, store

# A worker reads them all.
assert tasks.take_snapshot
numbers = itertools.count()


class Floor:
    """A store of ours that sells, an ERP's store, products P0…P5 at 9.90, and the acts by name."""

    numbers = numbers

    def __init__(self) -> None:
        self.store, self.other = store("DE-01"), store("DE-02")
        self.erp = store("ERP-1")
        FulfillmentLocation.objects.filter(pk=self.erp.pk).update(is_inventory_master=False)
        for name in ("main", "display", "damaged", "_in_transit"):
            StockLocation.objects.get_or_create(
                name=name,
                defaults={"display_name": name.strip("_").title(), "is_salable": name == "main"},
            )
        self.main = StockLocation.objects.get(name="main")
        self.products = [self.product(f"P{n}") for n in range(6)]
        self.manager = person("manager", "Store Manager", stores=(self.store, self.other))
        self.ann = person("ann", "Associate", stores=(self.store,))
        self.bob = person("bob", "Associate", stores=(self.store,))

    def product(self, name: str) -> Product:
        made = Product.objects.create(product_id=name, name=f"Product {name}")
        Price.objects.create(pricebook=self.store.pricebook, product=made, value="9.90")
        return made

    def post(
        self,
        *lines: tuple[int, int],
        type: str = "SHIPMENT",
        at: datetime.datetime | None = None,
        where: FulfillmentLocation | None = None,
        **header: Any,
    ) -> None:
        """(number of the product, signed units), happened at `at` or now."""
        main = self.main.pk
        typed = [
            ledger.Line(
                self.products[p].pk, abs(n), main if n < 0 else None, None if n < 0 else main
            )
            for p, n in lines
        ]
        with transaction.atomic():
            ledger.post(
                ledger.Header(
                    operation_key=f"floor-{next(numbers)}",
                    type=InventoryTransaction.Type[type],
                    location_id=(where or self.store).pk,
                    associate_id="till",
                    happened_at=at,
                    **header,
                ),
                typed,
            )

    def create(self, type: str = "FULL", *products: int, **more: Any) -> Count:
        values = {
            "type": type,
            "location_ids": [self.store.pk],
            "stock_location_id": self.main.pk,
            "due_date": datetime.date(2026, 3, 1),
            "product_ids": [self.products[p].product_id for p in products],
            "by": self.manager,
            "key": f"create-{next(numbers)}",
            **more,
        }
        with transaction.atomic():
            return actions.create_counts(**values).batch.counts.order_by("pk").first()

    def activate(self, count: Count) -> Count:
        with transaction.atomic():
            actions.activate_count(pk=count.pk, by=self.manager)
        runners.work()
        count.refresh_from_db()
        return count

    def active(self, **more: Any) -> Count:
        return self.activate(self.create(**more))

    def open(self, count: Count, zone: str = "Zone 1", by: User | None = None, **more: Any):
        with transaction.atomic():
            return actions.open_zone(pk=count.pk, zone=zone, by=by or self.ann, **more).session

    def see(self, session, *seen: tuple, by: User | None = None, age: float = 0):
        """(number of the product, units) or (…, …, age)."""
        typed = [
            actions.Seen(
                f"k{next(numbers)}", one[1], one[2] if len(one) > 2 else age,
                self.products[one[0]].pk,
            )
            for one in seen
        ]  # fmt: skip
        with transaction.atomic():
            return actions.observe(pk=session.pk, seen=typed, by=by or session.by)

    def done(self, session, by: User | None = None, **more: Any):
        with transaction.atomic():
            return actions.complete_zone(pk=session.pk, by=by or session.by, **more)

    def zone(self, count: Count, zone: str, *seen: tuple, by: User | None = None):
        session = self.open(count, zone, by)
        if seen:
            self.see(session, *seen)
        return self.done(session)

    def answer(self, count: Count, **choices: str) -> int:
        """P0="ZERO", …"""
        answers = {self.products[int(p[1:])].pk: choice for p, choice in choices.items()}
        with transaction.atomic():
            return actions.answer_lines(pk=count.pk, by=self.manager, answers=answers)

    def complete(self, count: Count, **more: Any) -> Count:
        with transaction.atomic():
            actions.complete_count(pk=count.pk, by=more.pop("by", self.manager), **more)
        runners.work()
        count.refresh_from_db()
        return count

    def lines(self, count: Count) -> dict[str, reconciliation.Line]:
        count.refresh_from_db()
        reconciliation.settle(count)
        names = {p.pk: p.product_id for p in Product.objects.all()}
        return {names[line.product_id]: line for line in reconciliation.lines(count)}

    def results(self, count: Count) -> dict[str, CountResult]:
        rows = CountResult.objects.filter(count=count).select_related("product")
        return {row.product.product_id: row for row in rows}

    def held(self, product: int, where: FulfillmentLocation | None = None) -> int:
        rows = StockOnHand.objects.filter(
            location=where or self.store, stock_location=self.main,
            product=self.products[product],
        )  # fmt: skip
        return rows.values_list("quantity", flat=True).first() or 0

    def stock(self):
        return StockOnHand.objects.filter(location=self.store, stock_location=self.main)

    def told(self, name: str = "inventory_count.items_counted") -> list[dict]:
        rows = Event.objects.filter(name=name).order_by("pk")
        return [json.loads(row.body)["payload"] for row in rows]

    @staticmethod
    def ago(seconds: float) -> datetime.datetime:
        return timezone.now() - datetime.timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda name, **options: sent.append(name), raising=False
    )
    return sent


@pytest.fixture(autouse=True)
def exact_clocks(settings: Any) -> None:
    """Everything happens on one machine here; what tolerance does has tests of its own."""
    settings.COUNT_CLOCK_TOLERANCE = 0


@pytest.fixture
def floor(transactional_db: None) -> Floor:
    return Floor()
