"""A plain sum as the oracle: whatever is shipped, received, lost, sent back or closed between two
stores of ours, a DC and a store of the ERP's, no unit of ours appears or vanishes on its own.
"""

import os
from collections import Counter

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from asn.models import Asn, AsnLine, Fate
from inventory.ledger import StockTooLow
from inventory.models import StockOnHand
from omnichannel.documents import ActionError
from omnichannel.eventstream.models import Event
from transfers.models import TransferOrder, TransferTransaction

from .conftest import Yard

products = st.integers(0, 2)
units = st.integers(1, 9)
picks = st.integers(0, 10**6)
places = st.integers(0, 3)
fates = st.sampled_from(
    [Fate.DECIDE_LATER, Fate.NEVER_SHIPPED, Fate.LOST, Fate.DAMAGED, Fate.RETURN]
)
lines = st.lists(st.tuples(products, units), min_size=1, max_size=3)
GONE = (Fate.LOST, Fate.DAMAGED)
EXAMPLES, STEPS = (60, 30) if os.environ.get("FAULTS") == "1" else (3, 14)


class TransferMachine(RuleBasedStateMachine):
    """Every rule acts or is refused; every invariant is checked after each."""

    def __init__(self) -> None:
        super().__init__()
        # Undone after each example: a savepoint is quicker than emptying every table.
        self.undone = transaction.atomic()
        self.undone._from_testcase = True
        self.undone.__enter__()
        self.yard = Yard()
        self.ours = [self.yard.london, self.yard.berlin]
        self.places = [*self.ours, self.yard.erp, self.yard.dc]
        # Units in the books of our locations, on any shelf, by product; and what left the others.
        self.here: Counter = Counter()
        self.left: Counter = Counter()

    def attempt(self, act) -> object | None:
        try:
            return act()
        except (ActionError, StockTooLow):
            return None

    def pick(self, rows, number: int):
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    def number_of(self, line: AsnLine) -> int:
        return int(line.product.product_id[1:])

    @initialize(some=lines)
    def stock(self, some):
        for place in self.ours:
            self.yard.stock(*some, where=place)
            for p, n in some:
                self.here[p] += n

    @rule(origin=places, to=places, some=lines, is_begun=st.booleans())
    def order(self, origin, to, some, is_begun):
        make = self.yard.begun if is_begun else self.yard.order
        ends = {"origin": self.places[origin], "destination": self.places[to]}
        self.attempt(lambda: make(*some, **ends))

    @rule(pick=picks, product=products, n=units, is_kept=st.booleans())
    def pack(self, pick, product, n, is_kept):
        """Into a parcel that stays, or one that leaves at once."""
        order = self.pick(TransferOrder.objects.all(), pick)
        if order is None:
            return
        parcel = self.attempt(lambda: self.yard.parcel(order, (product, n)))
        if parcel and is_kept:
            self.attempt(lambda: self.yard.ready(parcel))
        elif parcel:
            self.ship(parcel)

    @rule(pick=picks, is_shipped=st.booleans())
    def decide_about_a_parcel(self, pick, is_shipped):
        parcel = self.pick(TransferTransaction.objects.all(), pick)
        if parcel and is_shipped:
            self.ship(parcel)
        elif parcel:
            self.attempt(lambda: self.yard.unpack(parcel))

    def ship(self, parcel: TransferTransaction) -> None:
        done = self.attempt(lambda: self.yard.ship(parcel))
        if done and done.asn.origin not in self.ours:
            for line in done.asn.lines.select_related("product"):
                self.left[done.asn.origin.pk, self.number_of(line)] += line.expected

    @rule(pick=picks)
    def close_order(self, pick):
        if order := self.pick(TransferOrder.objects.all(), pick):
            self.attempt(lambda: self.yard.close_order(order))

    @precondition(lambda self: Asn.objects.exists())
    @rule(pick=picks, n=units)
    def receive(self, pick, n):
        """No more than is under way; what arrives at one of ours from outside is new to the books."""
        rows = AsnLine.objects.filter(in_transit__gt=0).exclude(asn__status="CLOSED")
        line = self.pick(rows.select_related("asn", "product"), pick)
        if line is None:
            return
        came, product = min(n, line.in_transit), self.number_of(line)
        is_held, is_to_us = line.asn.holder_id is not None, line.asn.destination in self.ours
        if self.attempt(lambda: self.yard.receive(line.asn, (product, came))):
            self.here[product] += came * (is_to_us - is_held)

    @precondition(lambda self: Asn.objects.exists())
    @rule(pick=picks, fate=fates)
    def give_up(self, pick, fate):
        asn = self.pick(Asn.objects.exclude(status="CLOSED"), pick)
        if asn is None:
            return
        rest = [
            (self.number_of(line), line.in_transit) for line in asn.lines.select_related("product")
        ]
        if self.attempt(lambda: self.yard.close(asn, fate)) and asn.holder_id and fate in GONE:
            for product, n in rest:
                self.here[product] -= n

    @invariant()
    def the_books_and_every_document_agree(self):
        self.yard.agree()

    @invariant()
    def no_unit_of_ours_appears_or_vanishes(self):
        rows = StockOnHand.objects.filter(location__in=self.ours).values("product__product_id")
        found = {
            row["product__product_id"]: row["units"] for row in rows.annotate(units=Sum("quantity"))
        }
        for p in range(3):
            assert found.get(f"P{p}", 0) == self.here[p], f"P{p}"

    @invariant()
    def what_is_ours_is_never_below_zero(self):
        assert not StockOnHand.objects.filter(location__in=self.ours, quantity__lt=0).exists()

    @invariant()
    def what_the_erp_masters_falls_at_once_and_holds_nothing(self):
        for place in self.places[2:]:
            for p in range(3):
                assert self.yard.shelves(p, place) == (-self.left[place.pk, p], 0, 0)

    @invariant()
    def every_end_was_told_once(self):
        final = TransferOrder.objects.filter(status__in=TransferOrder.FINAL)
        told = Event.objects.filter(name="inventory_transaction.transfer_order_closed")
        assert sorted(told.values_list("entity_id", flat=True)) == sorted(
            str(uuid) for uuid in final.values_list("uuid", flat=True)
        )

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)


def test_no_unit_appears_or_vanishes_whatever_is_done(db):
    run_state_machine_as_test(
        TransferMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_control_a_parcel_that_leaves_without_its_stock_is_caught(db, monkeypatch):
    """Proves that the invariants can fail: a few steps of the machine, by hand."""
    machine = TransferMachine()
    machine.stock([(0, 5)])
    machine.order(0, 1, [(0, 5)], False)
    machine.the_books_and_every_document_agree()
    monkeypatch.setattr("transfers.shipping.setting_aside.ledger.post", lambda *a, **more: None)
    machine.close_order(0)
    with pytest.raises(AssertionError):
        machine.the_books_and_every_document_agree()
    machine.teardown()
