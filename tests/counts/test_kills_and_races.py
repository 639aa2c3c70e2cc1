"""Killed anywhere and run again, or done by two at once: posted once, told once, one winner."""

import threading
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.db import connection, transaction

from counts import actions
from counts.actions import completing
from counts.models import Count, CountLine, CountResult, Observation
from inventory import ledger
from inventory.models import ActiveFullCount, InventoryTransaction, StockMovement
from omnichannel.documents import ActionError
from omnichannel.eventstream.models import Event
from omnichannel.jobs import progress, runners
from omnichannel.jobs.models import Job
from tests.inventory.test_posting_in_parallel import at_once

ITEMS_COUNTED = "inventory_count.items_counted"


class Killed(BaseException):
    """What a worker that is killed leaves is what a transaction that is broken off leaves."""


def kill_at(number: int) -> Callable:
    """A wrapper of statements that ends everything before the one of this number."""
    seen = iter(range(1, 100_000))

    def wrapper(execute, sql, params, many, context):
        if next(seen) == number:
            raise Killed
        return execute(sql, params, many, context)

    return wrapper


def until_it_is_done(act: Callable[[], object]) -> int:
    """Run `act`, killed before its first statement, its second, … until it comes to its end."""
    for number in range(1, 500):
        try:
            with connection.execute_wrapper(kill_at(number)):
                act()
        except Killed:
            abandoned()
            continue
        return number - 1
    raise AssertionError("it never ended")


def abandoned() -> None:
    """As it is after a minute: the worker that was killed is missed."""
    Job.objects.filter(state="RUNNING").update(lease_until="2020-01-01T00:00Z")
    Job.objects.update(attempts=0)


def work_killed() -> int:
    return until_it_is_done(runners.work)


def counted(floor):
    floor.post((0, 10), (1, 5), (2, 3))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 9), (1, 5), (2, 4))
    return count


def assert_posted_once(floor, count) -> None:
    count.refresh_from_db()
    assert count.status == "COMPLETED"
    assert [floor.held(n) for n in range(3)] == [9, 5, 4]
    posted = InventoryTransaction.objects.filter(type="COUNT_ADJUSTMENT")
    assert posted.get() == count.transaction
    assert StockMovement.objects.filter(transaction__in=posted).count() == 3
    assert Event.objects.filter(name=ITEMS_COUNTED).count() == 1
    assert CountResult.objects.count() == 3
    assert not ActiveFullCount.objects.exists()
    assert ledger.verify().differences == 0


# ------------------------------------------------------------------ kills
def test_a_snapshot_killed_at_every_statement_is_taken_once(floor):
    floor.post((0, 10), (1, 5))
    count = floor.create()
    with transaction.atomic():
        actions.activate_count(pk=count.pk, by=floor.manager)
    assert work_killed() > 10
    count.refresh_from_db()
    assert count.status == "IN_PROGRESS"
    lines = CountLine.objects.filter(count=count)
    assert dict(lines.values_list("product__product_id", "expected")) == {"P0": 10, "P1": 5}
    assert ActiveFullCount.objects.get().count_uuid == count.uuid


def test_control_a_snapshot_without_its_transaction_is_left_in_halves(floor, monkeypatch):
    monkeypatch.setattr(progress.Telling, "transaction", lambda self: nullcontext())
    floor.post((0, 10))
    count = floor.create()
    with transaction.atomic():
        actions.activate_count(pk=count.pk, by=floor.manager)
    halves = 0
    for number in range(1, 30):
        try:
            with connection.execute_wrapper(kill_at(number)):
                runners.work()
        except Killed:
            count.refresh_from_db()
            half = count.status == "PENDING" and ActiveFullCount.objects.exists()
            halves += half
        Job.objects.update(state="QUEUED", due_at="2020-01-01T00:00Z")
    assert halves


def test_a_completion_killed_at_every_statement_posts_once(floor, monkeypatch):
    monkeypatch.setattr(completing, "AT_ONCE", 0)
    count = counted(floor)
    with transaction.atomic():
        completion = actions.complete_count(pk=count.pk, by=floor.manager)
    assert completion.job.task == "counts.complete"
    assert work_killed() > 20
    assert_posted_once(floor, count)


@pytest.mark.parametrize("name", ["activate", "observe", "zone", "complete", "cancel", "reverse"])
def test_an_act_killed_at_every_statement_is_done_once(floor, name):
    count = floor.create() if name == "activate" else counted(floor)
    session = floor.open(count, "Zone 2") if name in {"observe", "zone"} else None
    if name == "reverse":
        floor.complete(count)
    acts = {
        "activate": lambda: actions.activate_count(pk=count.pk, by=floor.manager),
        "observe": lambda: actions.observe(
            pk=session.pk, seen=[actions.Seen("k", 1, 0, floor.products[0].pk)], by=floor.ann
        ),
        "zone": lambda: actions.complete_zone(pk=session.pk, by=floor.ann),
        "complete": lambda: actions.complete_count(pk=count.pk, by=floor.manager),
        "cancel": lambda: actions.cancel_counts(pks=[count.pk], by=floor.manager),
        "reverse": lambda: actions.reverse_count(pk=count.pk, by=floor.manager),
    }

    def act():
        with transaction.atomic():
            acts[name]()

    assert until_it_is_done(act) >= 2
    count.refresh_from_db()
    expected = {"cancel": "CANCELLED", "complete": "COMPLETED", "reverse": "COMPLETED",
                "activate": "PENDING"}  # fmt: skip
    assert count.status == expected.get(name, "IN_PROGRESS")
    if name == "complete":
        assert_posted_once(floor, count)
    if name == "reverse":
        assert [floor.held(n) for n in range(3)] == [10, 5, 3]
        assert InventoryTransaction.objects.filter(corrects=count.transaction).count() == 1
    if name == "observe":
        assert Observation.objects.filter(key="k").count() == 1
    if name == "cancel":
        assert [floor.held(n) for n in range(3)] == [10, 5, 3]
    assert Job.objects.count() == 1


# ------------------------------------------------------------------ two at once
def acted(act: Callable[[], object]) -> Callable[[], object]:
    def run():
        with transaction.atomic():
            return act()

    return run


def test_eight_who_complete_at_once_post_once(floor):
    count = counted(floor)
    go = acted(lambda: actions.complete_count(pk=count.pk, by=floor.manager))
    results = at_once([go] * 8)
    assert sum(isinstance(r, ActionError) for r in results) == 7
    assert_posted_once(floor, count)


def completing_of(floor, count):
    return acted(lambda: actions.complete_count(pk=count.pk, by=floor.manager))


def cancelling_of(floor, count):
    return acted(lambda: actions.cancel_counts(pks=[count.pk], by=floor.manager))


def test_of_completing_and_cancelling_one_wins(floor):
    for _round in range(4):
        floor.post((0, 10 - floor.held(0)))
        count = floor.active()
        floor.zone(count, "Zone 1", (0, 9))
        before = Event.objects.filter(name=ITEMS_COUNTED).count()
        results = at_once([completing_of(floor, count), cancelling_of(floor, count)])
        assert sum(isinstance(r, ActionError) for r in results) == 1
        count.refresh_from_db()
        is_completed = count.status == "COMPLETED"
        assert floor.held(0) == (9 if is_completed else 10)
        told = Event.objects.filter(name=ITEMS_COUNTED).count() - before
        assert told == int(is_completed)
        assert not ActiveFullCount.objects.exists()


def test_a_count_cancelled_before_the_worker_came_is_not_posted(floor, monkeypatch):
    monkeypatch.setattr(completing, "AT_ONCE", 0)
    count = counted(floor)
    acted(lambda: actions.complete_count(pk=count.pk, by=floor.manager))()
    with pytest.raises(ActionError, match="being completed just now"):
        floor.open(count, "Zone 9")
    acted(lambda: actions.cancel_counts(pks=[count.pk], by=floor.manager))()
    runners.work()
    assert Job.objects.get(task="counts.complete").state == "FAILED"
    assert floor.held(0) == 10
    assert not Event.objects.filter(name=ITEMS_COUNTED).exists()


def test_what_moves_before_the_worker_comes_brings_a_question_back_to_review(floor, monkeypatch):
    monkeypatch.setattr(completing, "AT_ONCE", 0)
    floor.post((0, 10))
    count = floor.active()
    session = floor.open(count)
    floor.see(session, (0, 5), (0, 5))
    floor.done(session)
    acted(lambda: actions.complete_count(pk=count.pk, by=floor.manager))()
    first, last = Observation.objects.order_by("pk").values_list("observed_at", flat=True)
    assert first == last
    floor.post((1, 4))
    floor.post((1, -1), at=session.opened_at)
    runners.work()
    count.refresh_from_db()
    assert (count.status, count.completion_requested_at) == ("IN_PROGRESS", None)
    assert Job.objects.get(task="counts.complete").state == "FAILED"
    assert not CountResult.objects.exists()
    floor.answer(count, P1="LEAVE")
    floor.complete(count)
    assert count.status == "COMPLETED"


def test_of_two_full_counts_activated_at_once_one_is_active(floor):
    counts = [floor.create(name=f"Count {n}") for n in range(4)]
    results = at_once(
        [acted(lambda c=c: actions.activate_count(pk=c.pk, by=floor.manager)) for c in counts]
    )
    lost = [str(r) for r in results if isinstance(r, ActionError)]
    assert len(lost) == 3
    runners.work()
    active = Count.objects.get(status="IN_PROGRESS")
    assert all(active.name in text for text in lost)


# ------------------------------------------------------------------ a sale that is not committed
def held_open(floor, product: int, units: int, at) -> tuple[Callable[[], None], threading.Thread]:
    """A posting in a transaction of its own, open until the returned function is called."""
    posted, go = threading.Event(), threading.Event()

    def run():
        try:
            with transaction.atomic():
                floor.post((product, units), at=at)
                posted.set()
                assert go.wait(180)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert posted.wait(180)
    return go.set, thread


def completed_beside(floor, count, product: int, units: int, at) -> None:
    """Completion begins while the sale is open, and ends after it was committed."""
    commit, sale = held_open(floor, product, units, at)
    is_waiting = threading.Event()

    def complete():
        try:
            is_waiting.set()
            floor.complete(count)
        finally:
            connection.close()

    completion = threading.Thread(target=complete)
    completion.start()
    assert is_waiting.wait(180)
    wait_for_a_lock()
    commit()
    sale.join()
    completion.join()


def wait_for_a_lock() -> None:
    """Until somebody waits for a lock; a query a time, no clock."""
    for _try in range(20_000):
        with connection.cursor() as cursor:
            # Other tests share the server, and wait for locks of their own.
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("seconds", [250, 50], ids=["before the scan", "after the scan"])
def test_a_sale_open_across_the_completion_is_neither_lost_nor_doubled(floor, seconds):
    count = scanned(floor, 9 if seconds == 250 else 10)
    completed_beside(floor, count, 0, -1, floor.ago(seconds))
    assert floor.held(0) == 9
    assert ledger.verify().differences == 0


def test_control_without_holding_the_stock_a_sale_before_the_scan_is_doubled(floor, monkeypatch):
    monkeypatch.setattr(completing, "LOCK_STOCK", "SELECT 1")
    count = scanned(floor, 9)
    completed_beside(floor, count, 0, -1, floor.ago(250))
    assert floor.held(0) == 8


def scanned(floor, units: int):
    """10 in the book; `units` seen 200 seconds ago."""
    floor.post((0, 10), at=floor.ago(500))
    count = floor.active()
    Count.objects.filter(pk=count.pk).update(started_at=floor.ago(400))
    session = floor.open(count, age=300)
    floor.see(session, (0, units, 200))
    floor.done(session, age=100)
    return count


def test_a_sale_open_across_the_snapshot_changes_the_expected_and_not_the_outcome(floor):
    floor.post((0, 10), at=floor.ago(500))
    commit, sale = held_open(floor, 0, -1, floor.ago(100))
    count = floor.active()
    assert count.lines.get().expected == 10
    session = floor.open(count)
    floor.see(session, (0, 9))
    commit()
    sale.join()
    floor.done(session)
    line = floor.lines(count)["P0"]
    assert (line.expected, line.moved, line.delta, line.mark) == (10, -1, 0, "CLEAR")
    floor.complete(count)
    assert floor.held(0) == 9


def test_a_first_receipt_open_across_the_completion_is_seen(floor):
    """The product has no stock row that could be held, so the posting meets the receipt."""
    count = scanned(floor, 10)
    session = floor.open(count, "Zone 2", age=290)
    floor.see(session, (3, 4, 200))
    floor.done(session, age=95)
    completed_beside(floor, count, 3, 4, floor.ago(250))
    assert floor.held(3) == 4
    assert floor.results(count)["P3"].delta == 0


def test_control_without_looking_again_a_first_receipt_is_doubled(floor, monkeypatch):
    monkeypatch.setattr(completing, "refuse_moved", lambda count, arrived: None)
    count = scanned(floor, 10)
    session = floor.open(count, "Zone 2", age=290)
    floor.see(session, (3, 4, 200))
    floor.done(session, age=95)
    completed_beside(floor, count, 3, 4, floor.ago(250))
    assert floor.held(3) == 8
