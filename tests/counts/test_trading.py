"""PRODUCT §7a, to the unit: a simulator knows the shelves, and the books must come to them.

Clear lines are exact; of every other line the truth lies in the band shown. The controls are the
three usual ways, and each of them is wrong where nothing was marked.
"""

import random
from collections import Counter

import pytest
from django.db import transaction
from django.db.models import Max
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counts import actions
from counts.models import CountResult, Observation
from inventory import ledger
from inventory.models import StockMovement
from omnichannel.documents import ActionError
from tests.people import store

from .trading import Trading


def verdicts(trading: Trading, count) -> Counter:
    """After completion: clear lines equal the shelves, the others lie in their bands."""
    results = {r.product_id: r for r in CountResult.objects.filter(count=count)}
    found: Counter = Counter()
    for product, shelf, book in zip(
        trading.floor.products, trading.shelves, trading.books(), strict=True
    ):
        result = results.get(product.pk)
        told = (product.product_id, shelf.truth, book, result)
        if result is None:
            assert book == shelf.truth == 0, told
            continue
        assert result.counted == shelf.counted, told
        delta = shelf.truth - (book - (result.delta or 0))
        assert result.wide_low <= result.low <= result.high <= result.wide_high, told
        assert result.wide_low <= delta <= result.wide_high, told
        found[result.mark] += 1
        if result.mark == "CLEAR":
            assert book == shelf.truth, told
        else:
            found["wrong"] += book != shelf.truth
            found["made worse"] += abs(delta - (result.delta or 0)) > abs(delta)
        if result.question:
            assert result.choice, told
    assert ledger.verify().differences == 0
    return found


def test_five_thousand_movements_while_the_shop_is_counted(floor):
    trading = Trading(floor, random.Random(7), products=400, trades=5_000)
    assert sum(len(shelf.movements) for shelf in trading.shelves) > 3_000
    count = trading.run()
    with pytest.raises(ActionError, match=r"waits? for an answer"):
        floor.complete(count)
    assert not CountResult.objects.exists()
    assert trading.answer(count) > 5
    floor.complete(count)
    found = verdicts(trading, count)
    assert found["CLEAR"] > 100
    assert found["TRADED"] > 10
    assert found["AMBIGUOUS"] > 5


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(dice=st.randoms(use_true_random=False), trades=st.integers(0, 60))
def test_any_shop_any_trade_any_order_of_booking(floor, dice, trades):
    floor.store = store(f"T-{next(floor.numbers)}")
    trading = Trading(floor, dice, products=12, trades=trades)
    count = trading.run()
    trading.answer(count)
    floor.complete(count)
    verdicts(trading, count)


def test_without_trade_every_line_is_clear_and_exact(floor):
    trading = Trading(floor, random.Random(3), products=60, trades=0)
    count = trading.run()
    trading.answer(count)
    floor.complete(count)
    assert verdicts(trading, count)["CLEAR"] > 40


@pytest.mark.parametrize("rule", ["overwrite", "classic", "watermark"])
def test_control_the_usual_rules_are_wrong_where_nothing_is_marked(floor, rule):
    trading = Trading(floor, random.Random(11), products=120, trades=600)
    count = trading.run()
    lines = {line.product_id: line for line in floor.lines(count).values()}
    before = trading.books()
    wrong = spoilt = 0
    for product, shelf, book in zip(floor.products, trading.shelves, before, strict=True):
        line = lines.get(product.pk)
        if line is None or line.mark != "CLEAR" or line.counted is None:
            continue
        delta = by_rule(rule, count, line, book)
        wrong += book + delta != shelf.truth
        spoilt += book == shelf.truth and delta != 0
        assert book + line.proposal == shelf.truth
    assert wrong
    assert spoilt


def by_rule(rule: str, count, line, book: int) -> int:
    """What others post: the count instead of the book; count less snapshot; and the snapshot
    brought forward by what got a higher id than the last movement before it."""
    if rule == "overwrite":
        return line.counted - book
    if rule == "classic":
        return line.counted - line.expected
    opening = StockMovement.objects.filter(transaction__type="STOCK_IMPORT").order_by("-pk").first()
    since = StockMovement.objects.filter(product=line.product_id, pk__gt=opening.pk)
    arrived = Observation.objects.filter(product=line.product_id).aggregate(at=Max("received_at"))
    until = since.filter(posted_at__lte=arrived["at"])
    return line.counted - line.expected - sum(until.values_list("quantity", flat=True))


def test_late_movements_are_named_and_taken_back_once(floor):
    floor.post((0, 10), (1, 5), at=floor.ago(500))
    count = floor.active()
    type(count).objects.filter(pk=count.pk).update(started_at=floor.ago(400))
    session = floor.open(count, age=300)
    floor.see(session, (0, 8, 200), (1, 5, 200))
    floor.done(session, age=100)
    floor.complete(count)
    assert floor.held(0) == 8
    # A till was offline: two were sold before the scan, one after it.
    floor.post((0, -2), at=floor.ago(250))
    floor.post((0, -1), (1, -1), at=floor.ago(50))
    assert floor.held(0) == 5
    with transaction.atomic():
        document = actions.correct_late_movements(pk=count.pk, by=floor.manager)
    assert (floor.held(0), floor.held(1)) == (7, 4)
    assert document.corrects == count.transaction
    (payload,) = floor.told("inventory_transaction.adjustment_created")
    assert payload["adjustment_reason"] == "Late movement"
    with pytest.raises(ActionError, match="no such late movement"), transaction.atomic():
        actions.correct_late_movements(pk=count.pk, by=floor.manager)
    assert floor.held(0) == 7


def test_a_late_movement_that_a_newer_count_saw_is_none_any_more(floor):
    floor.post((0, 10), at=floor.ago(500))
    first = floor.create("CYCLE", 0)
    session = floor.open(first, age=300)
    floor.see(session, (0, 8, 200))
    floor.done(session)
    floor.complete(first)
    floor.post((0, -2), at=floor.ago(250))
    second = floor.create("CYCLE", 0)
    floor.zone(second, "", (0, 8))
    floor.complete(second)
    assert floor.held(0) == 8
    with pytest.raises(ActionError, match="no such late movement"), transaction.atomic():
        actions.correct_late_movements(pk=first.pk, by=floor.manager)


def test_a_left_line_has_no_late_movements(floor):
    floor.post((0, 10), (1, 1), at=floor.ago(500))
    count = floor.active()
    type(count).objects.filter(pk=count.pk).update(started_at=floor.ago(400))
    session = floor.open(count, age=300)
    floor.see(session, (1, 1, 200))
    floor.done(session, age=100)
    floor.answer(count, P0="LEAVE")
    floor.complete(count)
    floor.post((0, -2), at=floor.ago(250))
    with pytest.raises(ActionError, match="no such late movement"), transaction.atomic():
        actions.correct_late_movements(pk=count.pk, by=floor.manager)
