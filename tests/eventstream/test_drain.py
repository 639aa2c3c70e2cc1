import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from omnichannel.documents import TransitionNotAllowed
from omnichannel.eventstream import clock, integrations
from omnichannel.eventstream.claiming import claim
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Attempt, Delivery, Event, Integration, LogEntry
from omnichannel.eventstream.outbox import publish
from omnichannel.eventstream.parcels import Outcome
from omnichannel.eventstream.schedule import DELAYS, TRIES
from omnichannel.eventstream.settling import settle

from .receiver import OK, Server, answer

pytestmark = pytest.mark.django_db(transaction=True)
CLOSED = "inventory_transaction.asn_closed"


@pytest.fixture
def sink(settings):
    with Server() as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        yield server


def register(name: str, url: str, **fields: object) -> Integration:
    with transaction.atomic():
        made, _secret = integrations.register(name, callback_url=url, **fields)
    return made


def tell(*ids: object) -> None:
    with transaction.atomic():
        for number in ids:
            publish(CLOSED, {"id": str(number)}, entity_id=str(number))


def told(server: Server, path: str = "/") -> list[str]:
    return [json.loads(call.body)["payload"]["id"] for call in server.calls if call.path == path]


def states(integration: Integration) -> list[str]:
    rows = Delivery.objects.filter(integration=integration).order_by("id")
    return list(rows.values_list("state", flat=True))


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = timezone.now()

    def now(self):
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def frozen(monkeypatch):
    standing = Clock()
    monkeypatch.setattr(clock, "now", standing.now)
    return standing


def test_every_event_is_delivered_once_as_it_was_written(sink):
    erp = register("erp", sink.url(), api_key="key of the ERP")
    tell(*range(50))
    assert drain() == 50
    assert sorted(told(sink), key=int) == [str(n) for n in range(50)]
    assert {call.body.decode() for call in sink.calls} == set(
        Event.objects.values_list("body", flat=True)
    )
    first = sink.calls[0].headers
    assert first["authorization"] == "Bearer key of the ERP"
    assert first["content-type"] == "application/json"
    assert set(states(erp)) == {"DELIVERED"}
    tries = Attempt.objects.all()
    assert {(t.status, t.code, t.retries_remaining) for t in tries} == {("SUCCESS", 200, 10)}
    erp.refresh_from_db()
    assert erp.last_success_at is not None
    assert erp.last_failure_at is None
    assert drain() == 0


def test_without_a_key_nothing_says_who_we_are(sink):
    register("erp", sink.url())
    tell(1)
    drain()
    assert "authorization" not in sink.calls[0].headers


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(sink, code):
    sink.script["/"] = [answer(code)]
    erp = register("erp", sink.url())
    tell(1)
    drain()
    assert states(erp) == ["DELIVERED"]


@pytest.mark.parametrize("code", [301, 302, 307, 401, 404, 408, 410, 422, 500, 503])
def test_anything_else_keeps_the_event_and_waits(sink, frozen, code):
    sink.script["/"] = [answer(code, f"Location: {sink.url('/elsewhere')}")]
    erp = register("erp", sink.url())
    tell(1)
    drain()
    assert states(erp) == ["PENDING"]
    erp.refresh_from_db()
    assert (erp.status, erp.failures) == ("RUNNING", 1)
    assert erp.resume_at == frozen.moment + timedelta(seconds=1)
    assert told(sink, "/elsewhere") == []
    tried = Attempt.objects.get()
    assert (tried.status, tried.code, tried.retries_remaining) == ("FAILURE", code, 10)


def test_the_whole_schedule_then_a_stop_then_all_of_the_backlog(sink, frozen):
    sink.script["/"] = [answer(503)]
    erp = register("erp", sink.url())
    tell("head", "second", "third")
    waits = []
    while erp.status == "RUNNING":
        drain()
        erp.refresh_from_db()
        if erp.resume_at:
            waits.append((erp.resume_at - frozen.moment).total_seconds())
            # One moment early: nobody calls.
            frozen.move(waits[-1] - 0.001)
            calls = len(sink.calls)
            drain()
            assert len(sink.calls) == calls
            frozen.move(0.001)
    assert waits == list(DELAYS)
    assert 19 * 60 <= sum(waits) <= 21 * 60
    tries = Attempt.objects.filter(event__entity_id="head").order_by("id")
    assert [t.retries_remaining for t in tries] == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    heads = [c for c in sink.calls if json.loads(c.body)["payload"]["id"] == "head"]
    assert len(heads) == TRIES
    assert len({call.headers["webhook-id"] for call in heads}) == 1
    assert len({call.body for call in heads}) == 1
    # The others were tried at most once, beside the head; nothing passed it while it failed.
    assert len(sink.calls) <= TRIES + 2
    log = list(LogEntry.objects.order_by("id").values_list("action", "reason"))
    assert [action for action, _reason in log].count("retry_triggered") == 10
    assert log[-1][0] == "integration_stopped"
    assert "failed 11 times" in log[-1][1]
    frozen.move(5 * 24 * 3_600)
    tell("fourth")
    assert drain() == 0
    sink.script["/"] = [OK]
    sink.calls.clear()
    with transaction.atomic():
        integrations.start(pk=erp.pk)
    drain()
    assert told(sink)[0] == "head"
    assert sorted(told(sink)) == ["fourth", "head", "second", "third"]
    assert set(states(erp)) == {"DELIVERED"}
    assert Attempt.objects.filter(event__entity_id="head").last().retries_remaining == 10


def test_after_a_failure_the_head_goes_alone_and_then_all_others(sink, frozen):
    sink.script["/"] = [answer(500)]
    erp = register("erp", sink.url())
    tell("a")
    drain()
    tell(*"bcdef")
    sink.calls.clear()
    frozen.move(1)
    drain()
    assert told(sink) == ["a"]
    sink.script["/"] = [OK]
    sink.calls.clear()
    frozen.move(2)
    drain()
    assert told(sink)[0] == "a"
    assert sorted(told(sink)) == list("abcdef")
    erp.refresh_from_db()
    assert (erp.failures, erp.resume_at) == (0, None)


def test_a_success_that_was_already_under_way_ends_no_pause(sink, frozen):
    """Of sixteen at once one fails: the others' 200 are older than the failure."""
    erp = register("erp", sink.url())
    tell(*range(4))
    parcels = claim({}, 16)
    assert len(parcels) == 4
    settle([Outcome(parcels[1], 500)])
    settle([Outcome(parcels[0], 200), Outcome(parcels[2], 200), Outcome(parcels[3], 200)])
    erp.refresh_from_db()
    assert erp.failures == 1
    assert claim({}, 16) == []
    frozen.move(1)
    (probe,) = claim({}, 16)
    assert probe.deliveries[0].id == parcels[1].deliveries[0].id


@pytest.mark.parametrize(
    ("asked", "wait"), [("7", 7), ("0", 1), ("1", 1), ("99999", 3_600), ("soon", 1)]
)
def test_429_waits_as_long_as_it_is_asked_to(sink, frozen, asked, wait):
    sink.script["/"] = [answer(429, f"Retry-After: {asked}"), OK]
    erp = register("erp", sink.url())
    tell(1, 2)
    drain()
    erp.refresh_from_db()
    assert (erp.resume_at - frozen.moment).total_seconds() == wait
    frozen.move(wait)
    drain()
    assert set(states(erp)) == {"DELIVERED"}


def test_403_stops_at_once_and_keeps_the_event(sink):
    sink.script["/"] = [answer(403)]
    erp = register("erp", sink.url())
    tell(1)
    drain()
    erp.refresh_from_db()
    assert erp.status == "STOPPED"
    assert states(erp) == ["PENDING"]
    assert "403" in LogEntry.objects.last().reason
    tell(2)
    assert drain() == 0
    assert states(erp) == ["PENDING", "PENDING"]


def test_400_is_set_aside_until_thirty_then_the_stream_stops(sink, settings):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "CONCURRENCY": 1}
    sink.script["/"] = [answer(400)]
    erp = register("erp", sink.url())
    tell(*range(30))
    drain()
    erp.refresh_from_db()
    assert erp.status == "RUNNING"
    assert states(erp) == ["REJECTED"] * 30
    tell("last")
    drain()
    erp.refresh_from_db()
    assert erp.status == "STOPPED"
    assert states(erp) == ["REJECTED"] * 30 + ["PENDING"]
    assert "list of 30" in LogEntry.objects.last().reason


def test_thirty_one_rejections_at_once_fill_the_list_and_no_more(sink):
    sink.script["/"] = [answer(400)]
    erp = register("erp", sink.url())
    tell(*range(40))
    drain()
    assert states(erp).count("REJECTED") == 30
    assert states(erp).count("PENDING") == 10
    erp.refresh_from_db()
    assert erp.status == "STOPPED"


def test_a_rejected_event_holds_up_nobody(sink):
    sink.script["/"] = [answer(400), OK]
    erp = register("erp", sink.url())
    tell(*range(5))
    drain()
    assert sorted(states(erp)) == ["DELIVERED"] * 4 + ["REJECTED"]


def test_two_workers_claim_no_delivery_twice(sink):
    register("erp", sink.url())
    tell(*range(40))
    found, ready = [], threading.Barrier(4)

    def rival() -> None:
        ready.wait()
        for _round in range(5):
            found.extend(claim({}, 4))
        connection.close()

    threads = [threading.Thread(target=rival) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    claimed = [parcel.deliveries[0].id for parcel in found]
    assert len(claimed) == len(set(claimed)) > 0


def test_who_lost_the_lease_changes_nothing(sink, frozen):
    erp = register("erp", sink.url())
    tell(1)
    (slow,) = claim({}, 16)
    frozen.move(61)
    (quick,) = claim({}, 16)
    assert quick.deliveries[0].lease == slow.deliveries[0].lease + 1
    settle([Outcome(slow, 403, "late")])
    erp.refresh_from_db()
    assert erp.status == "RUNNING"
    assert not Attempt.objects.exists()
    settle([Outcome(quick, 200)])
    assert states(erp) == ["DELIVERED"]
    settle([Outcome(slow, 200)])
    assert Attempt.objects.count() == 1


def test_what_was_not_tried_is_given_back_with_its_try(sink):
    register("erp", sink.url())
    tell(1)
    (parcel,) = claim({}, 16)
    assert Delivery.objects.get().attempts == 1
    settle([Outcome(parcel, None)])
    row = Delivery.objects.get()
    assert (row.attempts, row.lease_until, row.state) == (0, None, "PENDING")


def test_an_event_that_kills_every_worker_stops_its_stream_and_no_other(sink, frozen):
    poison = register("poison", sink.url("/poison"))
    healthy = register("healthy", sink.url("/healthy"))
    tell(1)
    for _death in range(TRIES):
        for parcel in claim({}, 16):
            if parcel.integration_id == healthy.pk:
                settle([Outcome(parcel, 200)])
        frozen.move(61)
    assert claim({}, 16) == []
    poison.refresh_from_db()
    assert poison.status == "STOPPED"
    assert "no try came to an end" in LogEntry.objects.filter(integration=poison).last().reason
    assert states(poison) == ["PENDING"]
    healthy.refresh_from_db()
    assert healthy.status == "RUNNING"


def test_a_stopped_integration_is_not_sent_to_and_keeps_its_backlog(sink):
    erp = register("erp", sink.url())
    with transaction.atomic():
        integrations.stop(pk=erp.pk)
    tell(*range(5))
    assert drain() == 0
    with transaction.atomic():
        integrations.start(pk=erp.pk)
    assert drain() == 5


def test_what_is_under_way_when_it_is_stopped_still_counts(sink):
    erp = register("erp", sink.url())
    tell(1)
    (parcel,) = claim({}, 16)
    with transaction.atomic():
        integrations.stop(pk=erp.pk)
    settle([Outcome(parcel, 200)])
    assert states(erp) == ["DELIVERED"]


@pytest.mark.parametrize("act", ["start", "stop"])
def test_of_two_who_act_at_once_one_wins(sink, act):
    erp = register("erp", sink.url())
    if act == "start":
        with transaction.atomic():
            integrations.stop(pk=erp.pk)
    LogEntry.objects.all().delete()
    ready, results = threading.Barrier(8), []

    def rival() -> None:
        ready.wait()
        try:
            with transaction.atomic():
                getattr(integrations, act)(pk=erp.pk)
            results.append("won")
        except TransitionNotAllowed:
            results.append("lost")
        connection.close()

    threads = [threading.Thread(target=rival) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["lost"] * 7 + ["won"]
    assert LogEntry.objects.count() == 1


def test_a_temporary_integration_replays_its_period_and_stops(sink):
    tell("before")
    Event.objects.update(published_at=timezone.now() - timedelta(days=2))
    tell("first", "second")
    with transaction.atomic():
        publish("inventory_count.items_counted", {"id": "other"}, entity_id="other")
    now = timezone.now()
    replay = register(
        "replay",
        sink.url(),
        type="TEMPORARY",
        starts_at=now - timedelta(hours=1),
        ends_at=now,
        event_filter=[CLOSED],
    )
    tell("after")
    drain()
    assert sorted(told(sink)) == ["first", "second"]
    replay.refresh_from_db()
    assert replay.status == "STOPPED"
    assert LogEntry.objects.filter(integration=replay).last().action == "integration_stopped"


def test_a_temporary_integration_stays_while_something_waits(sink, frozen):
    sink.script["/"] = [answer(500), OK]
    tell(1)
    now = timezone.now()
    replay = register(
        "replay", sink.url(), type="TEMPORARY", starts_at=now - timedelta(hours=1), ends_at=now
    )
    frozen.move(10)
    drain()
    replay.refresh_from_db()
    assert replay.status == "RUNNING"
    frozen.move(2)
    drain()
    replay.refresh_from_db()
    assert replay.status == "STOPPED"
    assert states(replay) == ["DELIVERED"]


def test_no_receiver_has_more_at_once_than_its_share(sink, settings):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "CONCURRENCY": 3}
    register("erp", sink.url())
    tell(*range(60))
    drain()
    assert len(sink.calls) == 60
    assert sink.most_open <= 3


def test_one_drain_per_worker(sink):
    register("erp", sink.url())
    tell(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext('w1'))", [0x44524149])
        assert drain("w1") == 0
        assert drain("w2") == 1
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext('w1'))", [0x44524149])
