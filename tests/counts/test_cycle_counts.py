"""A cycle count: chosen products, one associate, no zones."""

import pytest
from django.db import transaction

from counts import actions
from counts.models import Count, ZoneSession
from inventory.models import AdjustmentReason, StockMovement
from omnichannel.documents import ActionError, TransitionNotAllowed


def test_it_begins_with_the_first_opening_and_posts_what_differs(floor):
    floor.post((0, 10), (1, 4))
    count = floor.create("CYCLE", 0, 1, 2)
    assert count.name == "Cycle Count 2026-03-01"
    session = floor.open(count)
    count.refresh_from_db()
    assert (count.status, count.associate_id) == ("IN_PROGRESS", "ann")
    floor.see(session, (0, 9), (1, 4), (2, 0))
    floor.done(session)
    floor.complete(count, by=floor.ann)
    assert [floor.held(n) for n in range(3)] == [9, 4, 0]
    (payload,) = floor.told()
    assert (payload["count_type"], payload["associate_id"]) == ("cycle_count", "ann")
    assert "external_id" not in payload
    assert {i["product_id"]: i["delta"] for i in payload["items"]} == {"P0": -1, "P1": 0, "P2": 0}


def test_expected_is_the_book_at_the_first_observation(floor):
    floor.post((0, 10), at=floor.ago(100))
    count = floor.create("CYCLE", 0, 1)
    session = floor.open(count, age=60)
    floor.see(session, (0, 4, 50), (0, 5, 20))
    floor.post((0, -2), at=floor.ago(55))
    floor.post((0, -1), at=floor.ago(30))
    floor.post((0, -3), at=floor.ago(5))
    floor.done(session, age=10)
    line = floor.lines(count)["P0"]
    assert (line.expected, line.moved, line.book, line.counted) == (8, -1, 7, 9)
    assert (line.low, line.high, line.proposal) == (1, 2, 1)
    assert (line.mark, line.question) == ("AMBIGUOUS", "AMBIGUOUS")


@pytest.mark.parametrize(
    ("choice", "posted"), [("PROPOSAL", 1), ("ALREADY_COUNTED", 1), ("NOT_YET_COUNTED", 2)]
)
def test_an_ambiguous_line_is_posted_as_answered(floor, choice, posted):
    floor.post((0, 8), at=floor.ago(100))
    count = floor.create("CYCLE", 0)
    session = floor.open(count, age=60)
    floor.see(session, (0, 4, 50), (0, 5, 20))
    floor.post((0, -1), at=floor.ago(30))
    floor.done(session)
    with pytest.raises(ActionError, match="1 line waits"):
        floor.complete(count)
    floor.answer(count, P0=choice)
    floor.complete(count)
    assert floor.held(0) == 7 + posted
    assert floor.results(count)["P0"].choice == choice


def test_what_is_not_on_the_list_is_kept_and_decided(floor):
    floor.post((0, 1), (4, 5))
    count = floor.create("CYCLE", 0)
    floor.zone(count, "", (0, 1), (3, 2), (4, 4))
    assert {n: x.question for n, x in floor.lines(count).items()} == {
        "P0": "", "P3": "UNLISTED", "P4": "UNLISTED",
    }  # fmt: skip
    floor.answer(count, P3="PROPOSAL", P4="LEAVE")
    floor.complete(count)
    assert (floor.held(3), floor.held(4)) == (2, 5)
    (payload,) = floor.told()
    assert {i["product_id"] for i in payload["items"]} == {"P0", "P3"}


def test_what_was_scanned_by_mistake_and_recounted_away_asks_nothing(floor):
    floor.post((0, 1), (4, 5))
    count = floor.create("CYCLE", 0)
    floor.zone(count, "", (0, 1), (4, 1))
    floor.zone(count, "", (0, 1))
    line = floor.lines(count)["P4"]
    assert (line.counted, line.question, line.delta) == (None, "", None)
    floor.complete(count)
    assert floor.held(4) == 5


def test_an_erp_mastered_store_is_counted_told_and_not_changed(floor):
    floor.post((0, 5), type="STOCK_IMPORT", where=floor.erp)
    count = floor.create("CYCLE", 0, location_ids=[floor.erp.pk])
    floor.zone(count, "", (0, 3))
    floor.complete(count)
    assert floor.held(0, floor.erp) == 5
    assert StockMovement.objects.filter(transaction=count.transaction).count() == 0
    assert count.transaction.lines.get().quantity == 2
    (payload,) = floor.told()
    assert payload["items"][0]["delta"] == -2
    with pytest.raises(ActionError, match="posted nothing"), transaction.atomic():
        actions.reverse_count(pk=count.pk, by=floor.manager)


def test_two_counts_of_one_product_do_not_post_one_difference_twice(floor):
    floor.post((0, 10), at=floor.ago(500))
    first, second = floor.create("CYCLE", 0), floor.create("CYCLE", 0)
    one, two = floor.open(first, age=400), floor.open(second, age=400)
    floor.see(one, (0, 9, 300))
    floor.see(two, (0, 9, 200))
    floor.done(one)
    floor.done(two)
    floor.complete(first)
    assert floor.lines(second)["P0"].delta == 0
    floor.complete(second)
    assert floor.held(0) == 9


def test_an_older_count_asks_before_it_contradicts_a_newer_one(floor):
    floor.post((0, 10), at=floor.ago(500))
    older, newer = floor.create("CYCLE", 0), floor.create("CYCLE", 0)
    one, two = floor.open(older, age=400), floor.open(newer, age=400)
    floor.see(one, (0, 9, 300))
    floor.see(two, (0, 9, 200))
    floor.done(one)
    floor.done(two)
    floor.complete(newer)
    line = floor.lines(older)["P0"]
    assert (line.low, line.high, line.proposal, line.question) == (-1, 0, 0, "AMBIGUOUS")


def test_somebody_who_said_it_is_missing_meanwhile_is_asked_about(floor):
    missing = AdjustmentReason.objects.create(
        type="Shrink", subtype="Missing", origin=floor.main, states_truth=True
    )
    floor.post((0, 10), at=floor.ago(500))
    count = floor.create("CYCLE", 0)
    session = floor.open(count, age=400)
    floor.see(session, (0, 9, 300))
    floor.done(session)
    floor.post((0, -1), type="ADJUSTMENT", reason_id=missing.pk)
    line = floor.lines(count)["P0"]
    assert (line.low, line.high, line.proposal, line.question) == (-1, 0, 0, "AMBIGUOUS")


def test_clocks_that_differ_make_what_is_near_ambiguous(floor, settings):
    floor.post((0, 10), at=floor.ago(500))
    count = floor.create("CYCLE", 0)
    session = floor.open(count, age=400)
    floor.see(session, (0, 10, 300))
    floor.done(session, age=100)
    floor.post((0, -1), at=floor.ago(297))
    assert floor.lines(count)["P0"].mark == "TRADED"
    settings.COUNT_CLOCK_TOLERANCE = 5
    line = floor.lines(count)["P0"]
    assert (line.low, line.high, line.proposal, line.mark) == (0, 1, 0, "AMBIGUOUS")


def test_zero_of_a_product_without_stock_is_no_difference(floor):
    count = floor.create("CYCLE", 5)
    floor.zone(count, "")
    line = floor.lines(count)["P5"]
    assert (line.expected, line.counted, line.question, line.delta) == (0, None, "", None)
    floor.complete(count)
    assert count.status == "COMPLETED"
    assert floor.told()[0]["items"] == []


def test_a_count_with_nothing_to_count_is_not_made(floor):
    with pytest.raises(actions.CountsRefused, match="needs a product"):
        floor.create("CYCLE")
    with pytest.raises(actions.CountsRefused, match="leave the products out"):
        floor.create("FULL", 1)
    with pytest.raises(actions.CountsRefused, match="needs a store"):
        floor.create("CYCLE", 0, location_ids=[])
    assert not Count.objects.exists()


def test_a_cycle_count_is_not_activated(floor):
    count = floor.create("CYCLE", 0)
    with pytest.raises(ActionError, match="cycle count"), transaction.atomic():
        actions.activate_count(pk=count.pk, by=floor.manager)


STATUSES = ("PENDING", "IN_PROGRESS", "COMPLETED", "CANCELLED")
WALK = {
    ("open", "PENDING"): True, ("open", "IN_PROGRESS"): True,
    ("request", "IN_PROGRESS"): True, ("complete", "IN_PROGRESS"): True,
    ("cancel", "PENDING"): True, ("cancel", "IN_PROGRESS"): True,
    ("reverse", "COMPLETED"): True,
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("act", ["open", "request", "answer", "complete", "cancel", "reverse"])
def test_every_act_in_every_status(floor, status, act):
    floor.post((0, 3))
    count = floor.create("CYCLE", 0)
    if status in ("IN_PROGRESS", "COMPLETED"):
        floor.zone(count, "", (0, 2))
    if status == "COMPLETED":
        floor.complete(count)
    if status == "CANCELLED":
        with transaction.atomic():
            actions.cancel_counts(pks=[count.pk], by=floor.manager)
    acts = {
        "open": lambda: actions.open_zone(pk=count.pk, zone="", by=floor.ann),
        "request": lambda: actions.request_recounts(
            pk=count.pk, by=floor.manager, product_ids=[floor.products[0].pk]
        ),
        "answer": lambda: actions.answer_lines(
            pk=count.pk, by=floor.manager, answers={floor.products[0].pk: "ZERO"}
        ),
        "complete": lambda: actions.complete_count(pk=count.pk, by=floor.manager),
        "cancel": lambda: actions.cancel_counts(pks=[count.pk], by=floor.manager),
        "reverse": lambda: actions.reverse_count(pk=count.pk, by=floor.manager),
    }
    before = (floor.held(0), ZoneSession.objects.count())
    if WALK.get((act, status)):
        with transaction.atomic():
            acts[act]()
        return
    refusal = ActionError if (act, status) == ("answer", "IN_PROGRESS") else TransitionNotAllowed
    with pytest.raises(refusal), transaction.atomic():
        acts[act]()
    count.refresh_from_db()
    assert count.status == status
    assert (floor.held(0), ZoneSession.objects.count()) == before
