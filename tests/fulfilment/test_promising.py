"""Promises: counted exactly, never twice, and the last unit goes to one (RELIABILITY F6)."""

import os
from datetime import timedelta
from itertools import repeat
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from fulfilment import actions, availability, tasks
from fulfilment.availability import promising
from inventory import actions as stock
from inventory import ledger
from inventory.models import Allocation, CustomerReservation
from omnichannel.locations.models import Configuration
from tests.emptying import empty

from .conftest import Hall, at_once

Kind, State = Allocation.Kind, Allocation.State
# `make faults ARGS=promising` makes it long.
CLIENTS, ROUNDS = (64, 1_000) if os.environ.get("FAULTS") else (6, 2)
FEW = 2


def hold(hall: Hall, product: int, key: str | None = None, units: int = 1) -> CustomerReservation:
    with transaction.atomic():
        return stock.reserve_items(
            location_id=hall.ours.pk,
            product_ids=[hall.products[product].pk] * units,
            customer_profile_id="C-1",
            by=hall.user,
            key=key or str(uuid4()),
        ).reservation


def test_numbers_follow_the_promises_through_their_whole_life(hall):
    hall.post(0, 9)
    hall.post(0, 9, where=hall.erp, type="STOCK_IMPORT")
    order = uuid4()
    kept, moved, left = (hall.reserve(0, order) for _number in range(3))
    assert hall.facts() == hall.counted() == {hall.key(0): (0, 3, 0)}
    request, _item = hall.assign(0, order, item=kept)
    hall.assign(0, order, where=hall.erp, item=moved)
    assert (
        hall.facts() == hall.counted() == {hall.key(0): (1, 1, 0), hall.key(0, hall.erp): (1, 0, 0)}
    )
    hall.complete(request, kept)
    with transaction.atomic():
        assert actions.release_order(order_uuid=order) == 1
    assert hall.facts() == hall.counted() == {hall.key(0, hall.erp): (1, 0, 0)}
    assert Allocation.objects.get(item_uuid=left).state == State.RELEASED
    assert (hall.on_hand(0), hall.atp(0)) == (8, 8)


def test_what_is_short_is_named_and_nothing_of_it_is_written(hall):
    hall.post(0, 1)
    order = uuid4()
    wanted = [hall.wanted(0, Kind.SOFT), hall.wanted(0, Kind.SOFT), hall.wanted(1, Kind.SOFT)]
    with pytest.raises(availability.NotAvailable) as refusal, transaction.atomic():
        actions.reserve_for_order(order_uuid=order, items=wanted)
    assert refusal.value.shortages == [(*hall.key(0), 1, 2), (*hall.key(1), 0, 1)]
    assert "P0 in DE-01: 1 available, 2 asked" in str(refusal.value)
    assert hall.facts() == hall.counted() == {}


def test_what_was_reserved_is_allocated_even_when_more_is_held_back_since(hall):
    hall.post(0, 1)
    order = uuid4()
    item = hall.reserve(0, order)
    hall.level(0, safety_stock=5)
    hall.assign(0, order, item=item)
    assert hall.facts() == {hall.key(0): (1, 0, 0)}


def test_an_item_is_allocated_once(hall):
    hall.post(0, 5)
    order = uuid4()
    _request, item = hall.assign(0, order)
    with pytest.raises(availability.PromisedElsewhere):
        hall.assign(0, order, item=item)
    assert hall.facts() == {hall.key(0): (1, 0, 0)}


def test_a_reservation_ends_by_itself_and_is_given_free(hall):
    hall.post(0, 2)
    expired, kept = uuid4(), uuid4()
    hall.reserve(0, expired)
    hall.reserve(0, kept)
    Allocation.objects.filter(order_uuid=expired).update(expires_at=timezone.now())
    assert tasks.expire() == 1
    assert tasks.expire() == 0
    assert hall.facts() == hall.counted() == {hall.key(0): (0, 1, 0)}
    assert Allocation.objects.get(order_uuid=expired).state == State.EXPIRED


def test_an_order_keeps_its_items_as_long_as_it_is_configured(hall):
    hall.post(0, 1)
    Configuration.objects.create(reservation_timeout_seconds=60)
    before = timezone.now()
    with transaction.atomic():
        until = actions.reserve_for_order(order_uuid=uuid4(), items=[hall.wanted(0, Kind.SOFT)])
    assert timedelta(0) <= until - before - timedelta(seconds=60) < timedelta(seconds=60)


def race(hall: Hall, rounds: int) -> list[int]:
    """How many of the clients got the last unit, by round."""
    winners = []
    for _round in range(rounds):
        hall.post(0, 1 - hall.on_hand(0) if winners else 1)
        orders = [uuid4() for _client in range(CLIENTS)]
        results = at_once(*(lambda order=order: hall.reserve(0, order) for order in orders))
        refused = [r for r in results if isinstance(r, availability.NotAvailable)]
        won = [r for r in results if not isinstance(r, Exception)]
        assert len(refused) + len(won) == CLIENTS, results
        winners.append(len(won))
        for order in orders:
            with transaction.atomic():
                actions.release_order(order_uuid=order)
    return winners


def test_the_last_unit_goes_to_one_of_many(hall):
    assert race(hall, ROUNDS) == list(repeat(1, ROUNDS))
    assert hall.facts() == hall.counted() == {}


def test_control_without_the_lock_it_goes_to_several(hall, monkeypatch):
    monkeypatch.setattr(promising, "lock", lambda keys: availability.lock_levels([]))
    monkeypatch.setattr(promising, "count", lambda changes: None)
    slow = promising.atp_of

    def seen_by_all(keys):
        found = slow(keys)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1)")
        return found

    monkeypatch.setattr(promising, "atp_of", seen_by_all)
    assert sum(race(hall, FEW)) > FEW


def test_an_order_and_a_customer_do_not_get_the_same_unit(hall):
    for _round in range(FEW):
        hall.post(0, 1)
        results = at_once(lambda: hall.reserve(0, uuid4()), lambda: hold(hall, 0))
        failures = [r for r in results if isinstance(r, Exception)]
        assert len(failures) == 1, results
        assert isinstance(failures[0], availability.NotAvailable | ledger.StockTooLow)
        empty()
        hall.__init__()


def test_a_customer_takes_nothing_that_orders_were_promised(hall):
    hall.post(0, 2)
    hall.assign(0)
    with pytest.raises(ledger.StockTooLow, match="P0: 1 not promised to orders, 2 asked"):
        hold(hall, 0, units=2)
    hold(hall, 0)
    assert (hall.on_hand(0), hall.atp(0), CustomerReservation.objects.count()) == (1, 0, 1)
