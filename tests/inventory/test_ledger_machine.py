"""A plain dictionary as the oracle: whatever is posted, in whatever order, the books agree."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from inventory import ledger
from inventory.models import InventoryTransaction, StockMovement, StockOnHand
from tests.emptying import empty

from .conftest import Shop

SHELVES = ["main", "display", "damaged", "_in_transit"]
products = st.integers(0, 5)
shelves = st.sampled_from(SHELVES)
stores = st.integers(0, 1)
changes = st.tuples(products, shelves, st.integers(-20, 20))


class InventoryMachine(RuleBasedStateMachine):
    """Every rule posts, refuses, repeats or crashes; every invariant is checked after each."""

    def __init__(self) -> None:
        super().__init__()
        empty()
        self.shop = Shop()
        self.expected: Counter = Counter()
        self.done: list[tuple] = []
        self.documents = 0

    def key(self, store: int, product: int, shelf: str) -> tuple[int, int, int]:
        return self.shop.stores[store], self.shop.products[product], self.shop.shelf[shelf]

    def post(self, header, lines, effect: Counter, **options) -> None:
        with transaction.atomic(durable=True):
            ledger.post(header, lines, **options)
        for key, change in effect.items():
            self.expected[key] += change
        self.documents += 1
        self.done.append((header, lines))

    @rule(store=stores, typed=st.lists(changes, min_size=1, max_size=12))
    def sell_return_or_import(self, store, typed):
        effect: Counter = Counter()
        for product, shelf, change in typed:
            effect[self.key(store, product, shelf)] += change
        self.post(
            self.shop.header("SHIPMENT", store),
            [self.shop.line(*t[::2], t[1]) for t in typed],
            effect,
        )

    @rule(store=stores, typed=st.lists(changes, min_size=1, max_size=6))
    def adjust(self, store, typed):
        effect: Counter = Counter()
        for product, shelf, change in typed:
            effect[self.key(store, product, shelf)] += change
        lines = [self.shop.line(*t[::2], t[1]) for t in typed]
        short = [k for k, change in effect.items() if change < 0 and self.expected[k] + change < 0]
        if short:
            with pytest.raises(ledger.StockTooLow), transaction.atomic(durable=True):
                ledger.post(self.shop.header(store=store), lines, refuse_below_zero=True)
        else:
            self.post(self.shop.header(store=store), lines, effect, refuse_below_zero=True)

    @rule(store=stores, product=products, source=shelves, goal=shelves, quantity=st.integers(0, 9))
    def move_inside(self, store, product, source, goal, quantity):
        effect: Counter = Counter()
        effect[self.key(store, product, source)] -= quantity
        effect[self.key(store, product, goal)] += quantity
        line = self.shop.move(product, quantity, source, goal)
        self.post(self.shop.header("TRANSFER", store), [line], effect)

    @rule(origin=stores, product=products, quantity=st.integers(1, 9))
    def ship_and_receive(self, origin, product, quantity):
        effect: Counter = Counter()
        effect[self.key(origin, product, "main")] -= quantity
        effect[self.key(1 - origin, product, "main")] += quantity
        header = self.shop.header(
            "RECEIVING",
            1 - origin,
            from_location_id=self.shop.stores[origin],
            to_location_id=self.shop.stores[1 - origin],
        )
        self.post(header, [self.shop.move(product, quantity, "main", "main")], effect)

    @precondition(lambda self: self.done)
    @rule(choice=st.randoms(use_true_random=False))
    def repeat_an_act(self, choice):
        header, lines = choice.choice(self.done)
        with transaction.atomic(durable=True):
            assert ledger.post(header, lines).is_replay

    @precondition(lambda self: self.done)
    @rule(product=products)
    def borrow_a_key(self, product):
        header, lines = self.done[-1]
        with pytest.raises(ledger.OperationKeyReused), transaction.atomic(durable=True):
            ledger.post(header, [*lines, self.shop.line(product, 1)])

    @rule(product=products, change=st.integers(-9, 9))
    def crash_before_commit(self, product, change):
        with pytest.raises(ZeroDivisionError), transaction.atomic(durable=True):
            ledger.post(self.shop.header(), [self.shop.line(product, change)])
            raise ZeroDivisionError

    @rule(product=products, change=st.integers(0, 9))
    def record_at_an_erp_mastered_place(self, product, change):
        header = self.shop.header(location_id=self.shop.dc)
        self.post(header, [self.shop.line(product, change)], Counter())

    @invariant()
    def stock_is_what_the_oracle_says(self):
        held = {
            tuple(k): q
            for *k, q in StockOnHand.objects.values_list(
                "location_id", "product_id", "stock_location_id", "quantity"
            )
        }
        assert {k: q for k, q in held.items() if q} == {k: q for k, q in self.expected.items() if q}

    @invariant()
    def the_books_prove_themselves(self):
        assert ledger.verify().differences == 0

    @invariant()
    def every_act_is_one_document_and_names_its_actor(self):
        assert InventoryTransaction.objects.count() == self.documents
        assert not StockMovement.objects.filter(transaction__associate_id="").exists()

    def teardown(self) -> None:
        empty()


def test_the_ledger_agrees_with_a_dictionary(transactional_db):
    run_state_machine_as_test(
        InventoryMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_control_a_ledger_that_forgets_a_line_is_caught(transactional_db, monkeypatch):
    honest = ledger.post
    monkeypatch.setattr(
        ledger, "post", lambda header, lines, **o: honest(header, list(lines)[:1], **o)
    )
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run_state_machine_as_test(
            InventoryMachine,
            settings=settings(
                max_examples=10,
                stateful_step_count=10,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
                report_multiple_bugs=False,
            ),
        )
