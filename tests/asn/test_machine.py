"""A plain dictionary as the oracle: whatever is received, closed, corrected or decided, the line
equation, the totals and the ledger agree after every step."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from asn import actions
from asn.models import Asn, AsnLine, Fate, Receipt
from inventory import ledger
from omnichannel.documents import ActionError
from omnichannel.eventstream.models import Event

from .conftest import Dock

products = st.integers(0, 3)
units = st.integers(1, 9)
cartons = st.sampled_from(["", "C1", "C2"])
fates = st.sampled_from(list(Fate))
picks = st.integers(0, 10**6)


class AsnMachine(RuleBasedStateMachine):
    """Every rule acts or is refused; every invariant is checked after each."""

    def __init__(self) -> None:
        super().__init__()
        # Undone after each example: a savepoint is quicker than emptying every table.
        self.undone = transaction.atomic()
        self.undone._from_testcase = True
        self.undone.__enter__()
        self.dock = Dock()
        self.numbers = 0
        # Units that came into Berlin's main, by product; corrections and damage taken off.
        self.came: Counter = Counter()
        self.broken: Counter = Counter()

    def attempt(self, act) -> object | None:
        try:
            return act()
        except (ActionError, ledger.StockTooLow):
            return None

    def pick(self, rows, number: int):
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    @rule(
        lines=st.lists(st.tuples(products, st.integers(0, 9), cartons), min_size=1, max_size=5),
        is_held=st.booleans(),
    )
    def inject_or_ship(self, lines, is_held):
        self.numbers += 1
        make = self.dock.shipped if is_held else self.dock.asn
        make(*lines, number=f"N-{self.numbers}")

    @precondition(lambda self: self.numbers)
    @rule(
        pick=picks,
        items=st.lists(st.tuples(products, units, st.booleans()), min_size=1, max_size=4),
        is_late=st.booleans(),
    )
    def receive(self, pick, items, is_late):
        asn = self.pick(Asn.objects.filter(destination=self.dock.berlin), pick)
        reason = self.dock.broken.pk
        arrived = [
            self.dock.arrived(
                p, n, damaged=n // 2 if d else 0, reason_id=reason if d and n > 1 else None
            )
            for p, n, d in items
        ]
        if self.attempt(lambda: self.dock.receive(asn, *arrived, is_late=is_late)):
            for p, n, is_damaged in items:
                self.came[p] += n
                self.broken[p] += n // 2 if is_damaged else 0

    @precondition(lambda self: self.numbers)
    @rule(pick=picks, carton=cartons)
    def receive_carton(self, pick, carton):
        asn = self.pick(Asn.objects.filter(destination=self.dock.berlin), pick)
        found = self.attempt(lambda: self.dock.carton(asn, carton))
        if isinstance(found, Receipt):
            for line in found.lines.select_related("product"):
                self.came[int(line.product.product_id[1:])] += line.quantity

    @rule(product=products, n=units)
    def receive_blind(self, product, n):
        self.dock.blind((product, n), shipment_ref="X")
        self.came[product] += n

    @precondition(lambda self: self.numbers)
    @rule(pick=picks, fate=fates, receipt=picks)
    def force_close(self, pick, fate, receipt):
        asn = self.pick(Asn.objects.all(), pick)
        blind = self.pick(Receipt.objects.filter(kind="BLIND"), receipt)
        self.attempt(lambda: self.dock.close(asn, fate, receipt_id=blind.pk if blind else None))

    @precondition(lambda self: self.numbers)
    @rule(pick=picks, before=fates, after=fates, n=units, receipt=picks)
    def decide_again(self, pick, before, after, n, receipt):
        line = self.pick(
            AsnLine.objects.filter(asn__status="CLOSED", **{f"{before.column}__gt": 0}), pick
        )
        blind = self.pick(Receipt.objects.filter(kind="BLIND"), receipt)
        if line:
            move = actions.Move(line.pk, before, after, n, blind.pk if blind else None)
            self.attempt(lambda: self.dock.change(line.asn, move))

    @rule(pick=picks, n=units)
    def receive_the_way_back(self, pick, n):
        way = self.pick(Asn.objects.filter(source="RETURN").exclude(status="CLOSED"), pick)
        if way:
            line = way.lines.select_related("product").first()
            self.attempt(lambda: self.dock.receive(way, (int(line.product.product_id[1:]), n)))

    @rule(pick=picks, n=units, is_all=st.booleans())
    def correct(self, pick, n, is_all):
        rows = Receipt.objects.filter(location=self.dock.berlin).exclude(kind="CORRECTION")
        first = self.pick(rows, pick)
        if not first:
            return
        line = first.lines.first()
        one = actions.TakenBack(line.product_id, n, line.line_id)
        fixed = self.attempt(lambda: self.dock.correct(first, *(() if is_all else [one])))
        if isinstance(fixed, Receipt):
            for taken in fixed.lines.select_related("product"):
                self.came[int(taken.product.product_id[1:])] += taken.quantity

    @precondition(lambda self: self.numbers)
    @rule(pick=picks, product=products, n=units)
    def repeat_an_act(self, pick, product, n):
        asn = self.pick(Asn.objects.filter(destination=self.dock.berlin), pick)
        key = f"again-{pick}-{product}-{n}-{asn.pk}-{asn.revision}"
        first = self.attempt(lambda: self.dock.receive(asn, (product, n), key=key))
        if first:
            self.came[product] += n
            assert self.dock.receive(asn, (product, n), key=key) == first

    @invariant()
    def every_unit_is_in_one_place_and_the_books_prove_it(self):
        self.dock.agree()

    @invariant()
    def berlin_holds_what_came(self):
        for p in range(4):
            assert self.dock.held(p) == self.came[p] - self.broken[p]
            assert self.dock.held(p, "damaged") == self.broken[p]

    @invariant()
    def every_close_was_told_once(self):
        closed = sorted(
            str(uuid) for uuid in Asn.objects.filter(status="CLOSED").values_list("uuid", flat=True)
        )
        told = Event.objects.filter(name="inventory_transaction.asn_closed")
        assert sorted(told.values_list("entity_id", flat=True)) == closed

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)


def test_every_unit_is_in_one_place_whatever_is_done(db):
    run_state_machine_as_test(
        AsnMachine,
        settings=settings(
            max_examples=6,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_control_a_fate_that_moves_no_stock_is_caught(db, monkeypatch):
    """Proves that the invariants can fail: two steps of the machine, by hand."""
    machine = AsnMachine()
    machine.inject_or_ship(lines=[(0, 5, "")], is_held=True)
    machine.every_unit_is_in_one_place_and_the_books_prove_it()
    monkeypatch.setattr("asn.actions.fates.post_fates", lambda *args: {})
    machine.force_close(pick=0, fate=Fate.LOST, receipt=0)
    with pytest.raises(AssertionError):
        machine.every_unit_is_in_one_place_and_the_books_prove_it()
    machine.teardown()
