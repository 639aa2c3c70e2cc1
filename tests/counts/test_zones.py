"""Zones, who is in them, and what is written down there."""

import random

import pytest
from django.db import transaction
from django.utils import timezone

from counts import actions, queries
from counts.actions.sessions import SILENCE
from counts.models import CountZone, Observation, ZoneSession
from omnichannel.documents import ActionError, TransitionNotAllowed
from tests.inventory.test_posting_in_parallel import at_once


def sent(floor, session, seen, by=None):
    with transaction.atomic():
        return actions.observe(pk=session.pk, seen=seen, by=by or session.by)


def test_planned_by_range_in_the_order_of_numbers_and_once(floor):
    count = floor.create()
    with transaction.atomic():
        actions.plan_zones(pk=count.pk, first=8, last=11)
        zones = actions.plan_zones(pk=count.pk, first=10, last=12)
    assert [z.name for z in zones] == ["Zone 10", "Zone 11", "Zone 12"]
    assert [z.name for z in queries.zones(count)] == [f"Zone {n}" for n in range(8, 13)]
    for first, last in ((5, 4), (-1, 3), (0, 10_000)):
        with pytest.raises(ActionError, match="no range"), transaction.atomic():
            actions.plan_zones(pk=count.pk, first=first, last=last)


def test_a_zone_that_nobody_planned_is_taken_and_marked(floor):
    count = floor.active()
    with transaction.atomic():
        actions.plan_zones(pk=count.pk, first=1, last=2)
    floor.zone(count, "Zone 1", (0, 1))
    floor.zone(count, "Cellar", (0, 1))
    found = {z.name: (z.is_planned, z.status, z.units) for z in queries.zones(count)}
    assert found == {
        "Cellar": (False, "COMPLETED", 1), "Zone 1": (True, "COMPLETED", 1),
        "Zone 2": (True, "NEVER", None),
    }  # fmt: skip
    figures = queries.figures(count)
    assert (figures.planned_zones, figures.unplanned_zones, figures.completed_zones) == (2, 1, 2)


BAD = ["", " ", "=1+1", "+A", "@x", "-1", "A\nB", "A\x00", "\u200b", "x" * 65, "x" * 10**6]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_text_that_is_no_zone_is_refused(floor, text):
    count = floor.active()
    with pytest.raises(ActionError, match="begins with a letter or a digit"):
        floor.open(count, text)
    assert not CountZone.objects.exists()


@pytest.mark.parametrize("text", ["Zone 1", "Lager (links)", "棚 3", "Ünterhaus", "1", "A" * 64])
def test_text_that_is_a_zone_is_one_zone_however_it_is_composed(floor, text):
    count = floor.active()
    first = floor.open(count, text)
    again = floor.open(count, f"  {text} ")
    assert (first.pk, CountZone.objects.count()) == (again.pk, 1)


def test_typing_a_zone_is_a_setting_of_the_shop(floor, settings):
    count = floor.active()
    settings.COUNT_TYPED_ZONES = False
    with pytest.raises(ActionError, match="Scan the code"):
        floor.open(count, "Zone 1", is_typed=True)
    assert floor.open(count, "Zone 1")


def test_one_associate_per_zone_until_he_is_silent_or_somebody_may(floor):
    count = floor.active()
    session = floor.open(count, "Zone 1")
    assert floor.open(count, "Zone 1").pk == session.pk
    with pytest.raises(ActionError, match="ann is counting here"):
        floor.open(count, "Zone 1", by=floor.bob)
    with pytest.raises(ActionError, match="ann is counting"):
        floor.see(session, (0, 1), by=floor.bob)
    with transaction.atomic():
        taken = actions.open_zone(pk=count.pk, zone="Zone 1", by=floor.manager, may_take_over=True)
    assert (taken.session.pk, taken.taken_from, taken.is_resumed) == (session.pk, "ann", True)
    silent = timezone.now() - SILENCE
    ZoneSession.objects.filter(pk=session.pk).update(heartbeat_at=silent)
    assert floor.open(count, "Zone 1", by=floor.bob).associate_id == "bob"
    with pytest.raises(ActionError, match="not yours"):
        actions.keep_alive(pk=session.pk, by=floor.ann)
    actions.keep_alive(pk=session.pk, by=floor.bob)


def test_who_lost_the_zone_sends_what_he_had_scanned_and_no_more(floor):
    count = floor.active()
    session = floor.open(count, "Zone 1")
    ZoneSession.objects.filter(pk=session.pk).update(opened_at=floor.ago(100))
    type(count).objects.filter(pk=count.pk).update(started_at=floor.ago(200))
    with transaction.atomic():
        actions.open_zone(pk=count.pk, zone="Zone 1", by=floor.bob, may_take_over=True)
    assert floor.see(session, (0, 2, 60), (0, 1, 0), by=floor.ann) == (2, 1)
    with pytest.raises(ActionError, match="bob is counting here now"):
        floor.done(session, by=floor.ann)
    session.refresh_from_db()
    floor.done(session, by=floor.bob)
    assert floor.lines(count)["P0"].counted == 2


def test_the_same_observations_sent_again_are_written_once(floor):
    count = floor.active()
    session = floor.open(count)
    batch = [actions.Seen(f"key-{n}", 1, 0, floor.products[n % 3].pk) for n in range(60)]
    assert sent(floor, session, batch) == (60, 0)
    assert sent(floor, session, batch) == (0, 0)
    more = [*batch[30:], actions.Seen("key-60", 5, 0, None, "no-such-code")]
    assert sent(floor, session, more) == (1, 0)
    assert Observation.objects.count() == 61
    with pytest.raises(ActionError, match="key-3 stands for another"):
        sent(floor, session, [actions.Seen("key-3", 2, 0, floor.products[0].pk)])
    floor.done(session)
    assert floor.lines(count)["P0"].counted == 20


def test_a_batch_sent_twenty_times_at_once_is_written_once(floor):
    count = floor.active()
    session = floor.open(count)
    batch = [actions.Seen(f"key-{n}", 1, 0, floor.products[n % 6].pk) for n in range(40)]
    results = at_once([lambda: sent(floor, session, batch)] * 20)
    assert sorted(results) == [(0, 0)] * 19 + [(40, 0)]
    assert Observation.objects.count() == 40


def test_sixty_four_associates_scan_at_once_and_nothing_is_lost(floor):
    count = floor.active()
    sessions = [floor.open(count, f"Zone {n}") for n in range(64)]

    def scan(number):
        def run():
            dice = random.Random(number)
            for turn in range(5):
                batch = [
                    actions.Seen(f"{turn}-{n}", 1, 0, floor.products[dice.randrange(6)].pk)
                    for n in range(4)
                ]
                sent(floor, sessions[number], batch)
            with transaction.atomic():
                actions.complete_zone(pk=sessions[number].pk, by=floor.ann)

        return run

    # A server of the tests has 100 connections; half of the people at once, twice.
    for half in (range(32), range(32, 64)):
        assert [r for r in at_once([scan(n) for n in half]) if r is not None] == []
    assert Observation.objects.count() == 64 * 20
    assert sum(line.counted or 0 for line in floor.lines(count).values()) == 64 * 20


def test_a_zone_opened_by_eight_at_once_has_one_holder(floor):
    count = floor.active()
    people = [floor.ann, floor.bob] * 4

    def go(person):
        def run():
            with transaction.atomic():
                return actions.open_zone(pk=count.pk, zone="Zone 1", by=person).session.by_id

        return run

    results = at_once([go(person) for person in people])
    won = {r for r in results if isinstance(r, int)}
    assert len(won) == 1
    assert sum(isinstance(r, ActionError) for r in results) == 4
    assert ZoneSession.objects.count() == 1


def test_what_comes_after_the_zone_is_completed_is_kept_and_never_counted(floor):
    count = floor.active()
    session = floor.open(count)
    floor.see(session, (0, 1))
    floor.done(session)
    assert floor.see(session, (0, 5), (1, 1)) == (2, 2)
    assert {n: x.counted for n, x in floor.lines(count).items()} == {"P0": 1}
    assert queries.figures(count).late_observations == 2
    with pytest.raises(TransitionNotAllowed, match="Completed already"):
        floor.done(session)


def test_completing_a_zone_while_scans_arrive_loses_and_invents_none(floor):
    count = floor.active()
    session = floor.open(count)
    batches = [
        [actions.Seen(f"{b}-{n}", 1, 0, floor.products[0].pk) for n in range(5)] for b in range(12)
    ]

    def complete():
        with transaction.atomic():
            actions.complete_zone(pk=session.pk, by=floor.ann)
        return (0, 0)

    acts = [lambda batch=batch: sent(floor, session, batch) for batch in batches]
    results = at_once([*acts[:6], complete, *acts[6:]])
    late = sum(r[1] for r in results)
    assert Observation.objects.filter(is_late=True).count() == late
    line = floor.lines(count).get("P0")
    assert (line.counted if line else 0) == 60 - late


def test_taking_back_more_than_was_scanned_is_refused_by_name(floor):
    count = floor.active()
    session = floor.open(count)
    floor.see(session, (0, 2), (0, -3), (1, 1), (1, -1))
    with pytest.raises(ActionError, match="scanned of: P0"):
        floor.done(session)
    floor.see(session, (0, 1))
    floor.done(session)
    assert {n: x.counted for n, x in floor.lines(count).items()} == {"P0": 0, "P1": 0}


def test_an_unknown_code_is_kept_and_counts_for_nothing(floor):
    count = floor.active()
    session = floor.open(count)
    sent(floor, session, [actions.Seen("a", 3, 0, None, "=HYPERLINK(1)"),
                          actions.Seen("b", 1, 0, None, "🎈" * 200)])  # fmt: skip
    floor.done(session)
    assert floor.lines(count) == {}
    assert queries.figures(count).unknown_codes == 2


NONSENSE = [
    [],
    [actions.Seen("a", 1, 0, 1), actions.Seen("a", 1, 0, 1)],
    [actions.Seen("", 1, 0, 1)],
    [actions.Seen("x" * 65, 1, 0, 1)],
    [actions.Seen("a", 1, 0)],
    [actions.Seen("a", 10**10, 0, 1)],
    [actions.Seen("a", 1, -1, 1)],
    [actions.Seen("a", 1, float("nan"), 1)],
    [actions.Seen("a", 1, float("inf"), 1)],
    [actions.Seen("a", 1, 10**9, 1)],
    [actions.Seen(f"{n}", 1, 0, 1) for n in range(1_001)],
]


@pytest.mark.parametrize("seen", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_and_nothing_is_written(floor, seen):
    session = floor.open(floor.active())
    with pytest.raises(ActionError):
        sent(floor, session, seen)
    assert not Observation.objects.exists()


def test_an_observation_is_dated_by_its_age_and_never_before_the_count(floor):
    count = floor.active()
    type(count).objects.filter(pk=count.pk).update(started_at=floor.ago(100))
    session = floor.open(count, age=90)
    floor.see(session, (0, 1, 60), (1, 1, 5_000))
    old, older = Observation.objects.order_by("pk")
    assert abs((old.received_at - old.observed_at).total_seconds() - 60) < 0.001
    count.refresh_from_db()
    assert older.observed_at == count.started_at
