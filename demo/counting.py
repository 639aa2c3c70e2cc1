"""Counting for the demo: the acts of the product, with what they need."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from counts import actions, reconciliation, snapshots
from counts.actions import activating
from counts.models import Count, CountAnswer, ZoneSession
from inventory import ledger
from inventory.models import InventoryTransaction, StockMovement, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.jobs.progress import Silent
from omnichannel.locations.models import StockLocation

from .desk import Lines
from .masterdata import Store

NOTE, SOLD_NOTE, REVERSED_NOTE = "Simulated count", "Simulated sale", "Simulated reversal"
CLERK = "operations"
# So many observations fit into one call.
MOST = 1_000
# A zone takes so long, and is scanned in its first half.
PASS = timedelta(minutes=20)


class Counting:
    """Who counts, when, and what the acts need; `shelves` are stock locations by name."""

    def __init__(self, shelves: dict[str, int], now: datetime) -> None:
        self.now, self.main = now, shelves[StockLocation.MAIN]
        self.clerk = User.objects.get(username=CLERK)
        self.code_of = dict(Product.objects.values_list("pk", "product_id"))
        self.keys = count()

    # ------------------------------------------------------------ documents
    def create(
        self,
        store: Store,
        label: str,
        *,
        due: int,
        products: Iterable[int] = (),
        type: str = Count.Type.CYCLE,
    ) -> Count:
        """Due `due` days from today by the store's calendar; named and numbered by `label`."""
        number = f"SIM-COUNT-{store.code}-{label.replace(' ', '-')}"
        made = actions.create_counts(
            type=type,
            location_ids=[store.id],
            stock_location_id=self.main,
            due_date=self.now.astimezone(store.zone).date() + timedelta(due),
            by=self.clerk,
            key=f"demo/{number}",
            product_ids=[self.code_of[product] for product in products],
            name=f"Simulated {label}",
            external_id=number,
        )
        return made.batch.counts.get()

    def activate(self, counted: Count) -> None:
        """With its snapshot at once: nobody waits for a worker, as none has started yet."""
        activating.claim(counted, self.clerk)
        snapshots.take(counted.pk, Silent())
        counted.refresh_from_db()

    def complete(self, counted: Count) -> None:
        """What asks is answered by its proposal; what was not counted stays as it is."""
        asks = [line for line in reconciliation.lines(counted) if line.question]
        uncounted = reconciliation.Question.UNCOUNTED
        choice = CountAnswer.Choice
        answers: dict[int, str] = {
            line.product_id: choice.LEAVE if line.question == uncounted else choice.PROPOSAL
            for line in asks
        }
        if answers:
            actions.answer_lines(pk=counted.pk, by=self.clerk, answers=answers)
        actions.complete_count(pk=counted.pk, by=self.clerk, note=NOTE)

    def reverse(self, counted: Count) -> None:
        actions.reverse_count(pk=counted.pk, by=self.clerk, note=REVERSED_NOTE)

    def cancel(self, counted: Count) -> None:
        actions.cancel_counts(pks=[counted.pk], by=self.clerk)

    # ------------------------------------------------------------ passes
    def begin(
        self,
        counted: Count,
        associate: str,
        zone: str = "",
        *,
        by: User | None = None,
        ago: timedelta = timedelta(0),
    ) -> ZoneSession:
        """`ago` is how long before now he began, on a device that was offline."""
        return actions.open_zone(
            pk=counted.pk,
            zone=zone,
            by=by or self.clerk,
            associate_id=associate,
            age=ago.total_seconds(),
        ).session

    def see(
        self, session: ZoneSession, lines: Lines, *, code: str = "", ago: timedelta = timedelta(0)
    ) -> None:
        """Units by product; `code` is one that nobody knows."""
        age = max(ago - PASS / 2, timedelta(0)).total_seconds()
        seen = [
            actions.Seen(f"demo-{next(self.keys)}", units, age, product) for product, units in lines
        ]
        if code:
            seen.append(actions.Seen(f"demo-{next(self.keys)}", 1, age, None, code))
        for first in range(0, len(seen), MOST):
            actions.observe(pk=session.pk, seen=seen[first : first + MOST], by=session.by)

    def end(self, session: ZoneSession, *, ago: timedelta = timedelta(0)) -> None:
        age = max(ago - PASS, timedelta(0)).total_seconds()
        actions.complete_zone(pk=session.pk, by=session.by, age=age)

    # ------------------------------------------------------------ the shop around it
    def stood(self, store: Store, products: Sequence[int], ago: timedelta) -> dict[int, int]:
        """Units of these products in the store as they stood `ago` before now."""
        here: dict[str, Any] = {
            "location": store.id, "stock_location": self.main, "product__in": products
        }  # fmt: skip
        held = dict(StockOnHand.objects.filter(**here).values_list("product_id", "quantity"))
        since = timezone.now() - ago
        after = StockMovement.objects.filter(**here, happened_at__gt=since).order_by()
        # Another count found out now what was so before.
        after = after.exclude(transaction__type=InventoryTransaction.Type.COUNT_ADJUSTMENT)
        moved = dict(after.values_list("product_id").annotate(Sum("quantity")))
        return {product: held.get(product, 0) - moved.get(product, 0) for product in products}

    def sell(self, store: Store, product: int) -> None:
        """One unit, while somebody counts."""
        ledger.post(
            ledger.Header(
                operation_key=f"demo/sale/{store.code}/{product}",
                type=InventoryTransaction.Type.SHIPMENT,
                location_id=store.id,
                associate_id=f"till-{store.code}",
                by_id=self.clerk.pk,
                reference=f"SIM-SALE-{store.code}",
                note=SOLD_NOTE,
                happened_at=timezone.now(),
            ),
            [ledger.Line(product, 1, self.main, None)],
        )
