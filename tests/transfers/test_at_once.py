"""Many at once on one order or for one unit: no deadlock, exact sums, one winner; with controls.

FAULTS=1 makes the rounds for the last unit a thousand, with 64 clients each.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from asn.models import Asn
from inventory.ledger import StockTooLow
from inventory.models import StockOnHand
from omnichannel.documents import ActionError
from tests.inventory.test_posting_in_parallel import at_once
from transfers import actions, shipping
from transfers.models import TransferOrder, TransferTransaction

THREADS = 8
ROUNDS, CLIENTS = (1_000, 64) if os.environ.get("FAULTS") == "1" else (4, 16)


@pytest.fixture
def yard(busy_yard):
    return busy_yard


class Clients:
    """So many threads with a connection each, which begin every round together."""

    def __init__(self, number: int) -> None:
        self.number, self.start = number, threading.Barrier(number)
        self.pool = ThreadPoolExecutor(number)

    def __enter__(self) -> "Clients":
        return self

    def __exit__(self, *error: object) -> None:
        list(self.pool.map(lambda _n: self.turn(connection.close), range(self.number)))
        self.pool.shutdown()

    def all(self, acts: Sequence[Callable[[], object]]) -> list[object]:
        return list(self.pool.map(self.turn, acts))

    def turn(self, act: Callable[[], object]) -> object:
        """Each thread takes one act, because none goes on before all have begun."""
        self.start.wait()
        try:
            return act()
        except (ActionError, StockTooLow) as refused:
            return refused


def nothing_is_below_zero() -> bool:
    return not StockOnHand.objects.filter(quantity__lt=0).exists()


def test_the_last_unit_is_promised_to_one_store_order(yard):
    with Clients(CLIENTS) as clients:
        for _round in range(ROUNDS // 2):
            yard.stock((0, 1))
            results = clients.all([lambda: yard.begun((0, 1))] * CLIENTS)
            won = [one for one in results if isinstance(one, TransferOrder)]
            assert len(won) == 1
            assert sum(isinstance(one, StockTooLow) for one in results) == CLIENTS - 1
            assert yard.shelves()[:2] == (0, 1)
            assert nothing_is_below_zero()
            yard.ship(yard.parcel(won[0], (0, 1)))
    assert len(yard.told("transfer_order_created")) == ROUNDS // 2
    yard.agree()


def test_the_last_unit_leaves_in_one_parcel(yard):
    """Of as many orders that all found nothing to set aside."""
    packed = [yard.parcel(yard.order((0, 1_000)), (0, 1)) for _ in range(CLIENTS)]
    with Clients(CLIENTS) as clients:
        for turn in range(ROUNDS // 2):
            yard.stock((0, 1))
            results = clients.all([lambda p=p: yard.ship(p) for p in packed])
            won = [one.transaction for one in results if isinstance(one, actions.Shipped)]
            assert len(won) == 1
            assert sum(isinstance(one, StockTooLow) for one in results) == CLIENTS - 1
            assert yard.shelves() == (0, 0, turn + 1)
            packed[packed.index(won[0])] = yard.parcel(won[0].order, (0, 1))
    assert nothing_is_below_zero()
    assert len(yard.told("asn_created")) == ROUNDS // 2
    yard.agree()


def test_control_without_the_refusal_everybody_gets_the_last_unit(yard, monkeypatch):
    """Proves that the tests above can fail."""
    monkeypatch.setattr("inventory.ledger.posting.refuse_shortages", lambda movements: None)
    yard.stock((0, 1))
    orders = [yard.order((0, 1)) for _ in range(THREADS)]
    packed = [yard.parcel(one, (0, 1)) for one in orders]
    results = at_once([lambda p=p: yard.ship(p) for p in packed])
    assert sum(isinstance(one, actions.Shipped) for one in results) > 1
    assert not nothing_is_below_zero()


def test_orders_that_set_aside_the_same_products_in_opposite_ways_share_what_is_there(yard):
    there, each = 40, [(n, 3) for n in range(4)]
    yard.stock(*((n, there) for n in range(4)))

    def sender(number: int) -> Callable[[], None]:
        def run() -> None:
            for _turn in range(3):
                order = yard.order(*(each if number % 2 else each[::-1]), ref=f"{number}-{_turn}")
                yard.ship(yard.parcel(order, (number % 4, 1)))

        return run

    results = at_once([sender(number) for number in range(THREADS)])
    # 24 orders of 3: what is there runs out, and then nothing can ship from nothing.
    assert [one for one in results if one is not None and not isinstance(one, StockTooLow)] == []
    assert nothing_is_below_zero()
    for n in range(4):
        assert sum(yard.shelves(n)) == there
    yard.agree()


@pytest.mark.parametrize("turn", range(2))
def test_shippers_against_closers_end_with_one_close_and_every_unit_in_one_place(yard, turn):
    yard.stock((0, 40))
    order = yard.order((0, 40))
    packed = [yard.parcel(order, (0, 5)) for _ in range(4)]
    shippers = [lambda p=p: yard.ship(p) for p in packed]
    closers = [lambda: yard.close_order(order)] * 4
    results = at_once([act for pair in zip(shippers, closers, strict=True) for act in pair])
    refused = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, ActionError) for one in refused), refused
    assert sum(isinstance(one, TransferOrder) for one in results) == 1
    left = 5 * sum(isinstance(one, actions.Shipped) for one in results)
    assert yard.shelves() == (40 - left, 0, left)
    assert len(yard.told("transfer_order_closed")) == 1
    yard.agree()


def test_a_double_click_is_one_parcel_one_notice_one_close(yard):
    yard.stock((0, 10))
    order = yard.order((0, 10))
    parcels = at_once([lambda: yard.parcel(order, (0, 4), key="begin")] * THREADS)
    assert len({one.pk for one in parcels}) == 1
    shipped = at_once([lambda: yard.ship(parcels[0], key="ship")] * THREADS)
    assert len({one.asn.pk for one in shipped}) == Asn.objects.count() == 1
    closed = at_once([lambda: yard.close_order(order, key="close")] * THREADS)
    assert {one.pk for one in closed} == {order.pk}
    assert len(yard.told("transfer_order_closed")) == 1
    assert yard.shelves() == (6, 0, 4)
    yard.agree()


def test_one_reference_is_one_order_and_numbers_are_each_given_once(yard):
    yard.stock((0, 50))
    results = at_once([lambda: yard.order((0, 1), ref="ERP-1")] * THREADS)
    assert sum(isinstance(one, TransferOrder) for one in results) == 1
    assert sum(isinstance(one, actions.OrderAlreadyExists) for one in results) == THREADS - 1
    results = at_once([lambda: yard.begun((0, 1))] * THREADS)
    assert {one.external_ref for one in results} == {f"TO-GB-01-{n + 1}" for n in range(THREADS)}
    clicked = at_once([lambda: yard.begun((0, 1), key="click")] * THREADS)
    assert len({one.pk for one in clicked}) == 1
    yard.agree()


def test_scans_from_several_phones_add_up(yard):
    order = yard.order((0, 100), (1, 100))
    parcel = yard.parcel(order)
    scans = [[yard.scanned(n % 2) for n in range(6)] for _ in range(THREADS)]
    results = at_once([lambda s=s: [yard.scan(parcel, *s), yard.scan(parcel, *s)] for s in scans])
    assert results == [[6, 0]] * THREADS
    lines = parcel.lines.order_by("product_id").values_list("quantity", flat=True)
    assert list(lines) == [3 * THREADS] * 2


def test_control_without_the_lock_what_was_read_is_stale_when_it_is_written(
    yard, monkeypatch, settings
):
    """Proves that the lock matters: of an order's one unit, several are on their way out."""
    settings.TRANSFERS_RESERVE = False
    yard.stock((0, 20))
    order = yard.order((0, 1))
    packed = [yard.parcel(order, (0, 1)) for _ in range(THREADS)]
    together = threading.Barrier(THREADS)

    def unlocked(pk: int) -> TransferTransaction:
        found = TransferTransaction.objects.select_related(
            "order__origin", "order__destination", "order__from_stock_location"
        ).get(pk=pk)
        together.wait()
        return found

    monkeypatch.setattr(shipping, "lock_parcel", unlocked)
    results = at_once([lambda p=p: yard.ship(p) for p in packed])
    # The database's own constraint is the last to say no.
    assert any(isinstance(one, IntegrityError) for one in results)
    yard.agree()
