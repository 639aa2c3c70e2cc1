"""Eight at once on one notice: no deadlock, exact sums, one close and one event; with controls."""

import os
import threading
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from asn import actions, receiving
from asn.actions.settling import close
from asn.models import Asn, AsnLine, Fate, Receipt
from omnichannel.documents import TransitionNotAllowed
from tests.inventory.test_posting_in_parallel import at_once

THREADS, TURNS = 8, 3
# The suite's few rounds; FAULTS=1 makes them fifty, with eight against eight.
ROUNDS, SIDES = (50, 8) if os.environ.get("FAULTS") == "1" else (2, 4)


@pytest.fixture
def dock(busy_dock):
    return busy_dock


def broken(results: list[object]) -> list[object]:
    """What went wrong otherwise than by a refusal."""
    return [
        one for one in results
        if isinstance(one, Exception) and not isinstance(one, actions.AsnClosed)
    ]  # fmt: skip


def test_eight_receivers_of_one_line_add_up_exactly(dock):
    asn = dock.asn((0, 10_000), (1, 10_000))

    def receiver(number: int) -> Callable[[], None]:
        def run() -> None:
            for turn in range(TURNS):
                items = [(0, number + 1), (1, turn + 1)]
                dock.receive(asn, *(items if number % 2 else reversed(items)))

        return run

    assert at_once([receiver(number) for number in range(THREADS)]) == [None] * THREADS
    asn.refresh_from_db()
    came = TURNS * sum(range(1, THREADS + 1)), THREADS * sum(range(1, TURNS + 1))
    assert (dock.held(0), dock.held(1)) == came
    assert asn.received_total == sum(came)
    assert asn.revision == 1 + TURNS * THREADS
    dock.agree()


def test_the_last_units_close_it_once(dock):
    asn = dock.asn((0, THREADS))
    results = at_once([lambda: dock.receive(asn, (0, 1))] * THREADS)
    assert all(isinstance(one, Receipt) for one in results)
    assert len(dock.told("asn_closed")) == 1
    assert Asn.objects.get().status == "CLOSED"
    dock.agree()


@pytest.mark.parametrize("is_held", [True, False], ids=["held", "outside"])
def test_receivers_against_closers_end_exact_with_one_close_and_one_event(dock, is_held):
    """As many who receive as who close, in several rounds: every unit is in one place."""
    for turn in range(ROUNDS):
        number = f"N-{turn}"
        asn = dock.shipped((0, 40), number=number) if is_held else dock.asn((0, 40), number=number)
        receivers = [lambda asn=asn: dock.receive(asn, (0, 5))] * SIDES
        closers = [lambda asn=asn: dock.close(asn, Fate.LOST)] * SIDES
        results = at_once([act for pair in zip(receivers, closers, strict=True) for act in pair])
        assert broken(results) == []
        assert sum(isinstance(one, Asn) for one in results) == 1
        losers = [str(one) for one in results if isinstance(one, actions.AsnClosed)]
        assert all("force closed" in text and "by manager" in text for text in losers)
        came = sum(isinstance(one, Receipt) for one in results)
        line = dock.line(asn)
        assert (line.received, line.lost, line.in_transit) == (5 * came, 40 - 5 * came, 0)
        closings = [told for told in dock.told("asn_closed") if told["id"] == str(asn.uuid)]
        assert len(closings) == 1
    dock.agree()


def test_a_double_click_is_one_receipt_and_one_close(dock):
    asn = dock.asn((0, 50))
    results = at_once([lambda: dock.receive(asn, (0, 5), key="click")] * THREADS)
    assert len({one.pk for one in results}) == 1
    assert dock.held(0) == 5
    results = at_once([lambda: dock.close(asn, key="close")] * THREADS)
    assert {one.pk for one in results} == {asn.pk}
    assert len(dock.told("asn_closed")) == 1
    results = at_once([lambda: dock.blind((0, 1), key="b", shipment_ref="X")] * THREADS)
    assert len({one.pk for one in results}) == 1
    assert dock.held(0) == 6
    dock.agree()


def test_one_receipt_is_corrected_once(dock):
    asn = dock.asn((0, 50))
    first = dock.receive(asn, (0, 5))
    results = at_once([lambda: dock.correct(first)] * THREADS)
    assert sum(isinstance(one, Receipt) for one in results) == 1
    assert dock.held(0) == 0
    dock.agree()


def test_one_receipt_is_claimed_by_one_notice_at_most(dock):
    blind = dock.blind((0, 5), shipment_ref="X")
    asns = [dock.asn((0, 5), number=f"A-{n}") for n in range(THREADS)]
    results = at_once(
        [lambda a=a: dock.close(a, Fate.ELSEWHERE, receipt_id=blind.pk) for a in asns]
    )
    assert sum(isinstance(one, Asn) for one in results) == 1
    assert sum(AsnLine.objects.values_list("received_elsewhere", flat=True)) == 5
    dock.agree()


def test_late_arrivals_meet_the_way_back_without_a_deadlock(dock):
    asn = dock.close(dock.shipped((0, 100), (1, 100)), Fate.RETURN)
    way = Asn.objects.get(source="RETURN")
    acts = [
        lambda: dock.receive(asn, (1, 5), (0, 5), is_late=True),
        lambda: dock.receive(way, (0, 5), (1, 5)),
    ] * 4
    assert [one for one in at_once(acts) if not isinstance(one, Receipt)] == []
    assert dock.held(0) == 20
    assert dock.held(0, where=dock.london) == 20 - 100
    assert dock.held(0, "_in_transit", dock.london) == 60
    dock.agree()


def test_control_without_the_lock_receivers_refuse_or_lose_each_other(dock, monkeypatch):
    """Proves that the tests above can fail: what was read is stale when it is written."""
    asn = dock.asn((0, THREADS))
    together = threading.Barrier(THREADS)

    def unlocked(pk: int) -> Asn:
        return Asn.objects.select_related("origin", "destination").get(pk=pk)

    def read_together(asn, products=None, read=receiving.lines_of):
        found = read(asn, products)
        together.wait()
        return found

    monkeypatch.setattr(receiving, "lock", unlocked)
    monkeypatch.setattr(receiving, "lines_of", read_together)
    results = at_once([lambda: dock.receive(asn, (0, 2))] * THREADS)
    went_wrong = [one for one in results if isinstance(one, Exception)]
    assert went_wrong
    # Even so the database lets no unit appear or vanish.
    dock.agree()


def test_of_two_who_change_one_status_one_is_told(dock):
    """The compare-and-set beneath the lock: a status that was read is the status that changes."""
    asn = dock.asn((0, 5))
    stale = Asn.objects.get(pk=asn.pk)
    dock.close(asn)
    with pytest.raises(TransitionNotAllowed), transaction.atomic():
        close(stale, dock.manager, "manager", "k", timezone.now(), is_forced=True)
    assert len(dock.told("asn_closed")) == 1
