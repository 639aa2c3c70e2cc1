"""Many at once on real PostgreSQL: exact sums, no deadlock, one winner; each with its control."""

import random
import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from inventory import ledger
from inventory.ledger import posting
from inventory.models import InventoryTransaction, StockMovement, StockOnHand

THREADS = 8


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Run all acts in threads of their own, started together; results or exceptions in order."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int) -> None:
        try:
            barrier.wait()
            results[index] = acts[index]()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def worker(shop, number: int, rounds: int) -> Callable[[], dict[int, int]]:
    """Posts documents with duplicate products in random order; returns what it moved."""

    def run() -> dict[int, int]:
        dice, moved = random.Random(number), {}
        for round_ in range(rounds):
            lines = [shop.line(dice.randrange(6), dice.randint(-3, 9)) for _ in range(12)]
            lines += random.Random(number + round_).sample(lines, 6)
            header = shop.header(operation_key=f"worker-{number}-{round_}")
            with transaction.atomic(durable=True):
                ledger.post(header, lines)
            for line in lines:
                change = line.quantity if line.to_stock_location_id else -line.quantity
                moved[line.product_id] = moved.get(line.product_id, 0) + change
        return moved

    return run


def test_opposite_orders_and_duplicates_from_eight_threads_end_exact(shop):
    results = at_once([worker(shop, number, 25) for number in range(THREADS)])
    assert [r for r in results if isinstance(r, Exception)] == []
    expected = {p: sum(r.get(p, 0) for r in results) for p in shop.products}
    assert dict(StockOnHand.objects.values_list("product", "quantity")) == expected
    assert ledger.verify().differences == 0


def opposite(shop, products: list[int]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(60):
            with transaction.atomic(durable=True):
                ledger.post(
                    shop.header(operation_key=f"{random.random()}"),
                    [shop.line(product, 1) for product in products],
                )

    return run


def test_control_without_the_order_of_locks_postings_deadlock(shop, monkeypatch):
    """Proves that the test above can fail: rows taken in the order of typing do deadlock."""
    monkeypatch.setattr(
        posting,
        "IN_LOCK_ORDER",
        "ORDER BY (SELECT position FROM typed WHERE typed.product_id = delta.product_id)",
    )
    acts = [opposite(shop, [0, 1, 2, 3, 4, 5]), opposite(shop, [5, 4, 3, 2, 1, 0])] * 4
    errors = [r for r in at_once(acts) if isinstance(r, OperationalError)]
    assert any("deadlock" in str(error) for error in errors)


def test_the_same_opposite_orders_do_not_deadlock_in_lock_order(shop):
    acts = [opposite(shop, [0, 1, 2, 3, 4, 5]), opposite(shop, [5, 4, 3, 2, 1, 0])] * 4
    assert [r for r in at_once(acts) if isinstance(r, Exception)] == []
    assert set(StockOnHand.objects.values_list("quantity", flat=True)) == {8 * 60}


def test_one_key_posted_fifty_times_in_parallel_moves_once(shop):
    header = shop.header()

    def act() -> ledger.Posting:
        with transaction.atomic(durable=True):
            return ledger.post(header, [shop.line(0, 7)])

    results = at_once([act] * 50)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert sum(not r.is_replay for r in results) == 1
    assert len({r.transaction_id for r in results}) == 1
    assert StockMovement.objects.count() == InventoryTransaction.objects.count() == 1
    assert StockOnHand.objects.get().quantity == 7


def test_control_with_keys_of_their_own_fifty_posts_move_fifty_times(shop):
    def act(number: int) -> Callable[[], None]:
        def run() -> None:
            with transaction.atomic(durable=True):
                ledger.post(shop.header(operation_key=f"own-{number}"), [shop.line(0, 7)])

        return run

    at_once([act(number) for number in range(50)])
    assert StockOnHand.objects.get().quantity == 50 * 7


def test_the_last_unit_is_taken_by_one(shop):
    with transaction.atomic(durable=True):
        ledger.post(shop.header(), [shop.line(0, 5)])

    def act(number: int) -> Callable[[], None]:
        def run() -> None:
            with transaction.atomic(durable=True):
                header = shop.header(operation_key=f"taker-{number}")
                ledger.post(header, [shop.line(0, -1)], refuse_below_zero=True)

        return run

    results = at_once([act(number) for number in range(20)])
    assert sum(r is None for r in results) == 5
    assert sum(isinstance(r, ledger.StockTooLow) for r in results) == 15
    assert StockOnHand.objects.get().quantity == 0


def test_time_of_posting_never_runs_backwards_along_a_row(shop):
    at_once([worker(shop, number, 10) for number in range(THREADS)])
    for product in shop.products:
        times = list(
            StockMovement.objects.filter(product=product)
            .order_by("pk")
            .values_list("posted_at", flat=True)
        )
        balances = list(
            StockMovement.objects.filter(product=product)
            .order_by("pk")
            .values_list("balance", "quantity")
        )
        assert times == sorted(times)
        assert all(b == a + q for (a, _), (b, q) in zip(balances, balances[1:], strict=False))


def test_a_rolled_back_act_leaves_no_trace(shop):
    with pytest.raises(ZeroDivisionError), transaction.atomic(durable=True):
        ledger.post(shop.header(), [shop.line(0, 5)])
        raise ZeroDivisionError
    assert not StockOnHand.objects.exists()
    assert not InventoryTransaction.objects.exists()


def test_the_isolation_level_is_the_one_we_rely_on(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)
