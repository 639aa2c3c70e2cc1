import json
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from omnichannel.eventstream import nudging, outbox
from omnichannel.eventstream.models import Delivery, Event
from omnichannel.eventstream.outbox import OutsideTransaction, chunks, publish

from .conftest import register

CLOSED = "inventory_transaction.asn_closed"


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_the_transaction_of_its_act_is_refused():
    with pytest.raises(OutsideTransaction):
        publish(CLOSED, {"id": "1"}, entity_id="1")
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_publishes_nothing_and_wakes_nobody(nudges):
    register("erp")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(CLOSED, {"id": "1"}, entity_id="1")
        _ = 1 / 0
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()
    assert nudges == []


@pytest.mark.django_db(transaction=True)
def test_each_matching_integration_gets_its_row_running_or_not(nudges):
    running, stopped = register("running"), register("stopped", status="STOPPED")
    by_name = register("by-name", event_filter=[CLOSED])
    by_entity = register("by-entity", entity_filter=["inventory_transaction"])
    both = register("both", event_filter=["order.created"], entity_filter=["inventory_transaction"])
    register("other-name", event_filter=["order.created"])
    register("other-entity", entity_filter=["order"])
    register("gone", deleted_at=timezone.now())
    now = timezone.now()
    day = timedelta(days=1)
    here = register("here", type="TEMPORARY", starts_at=now - day, ends_at=now + day)
    register("over", type="TEMPORARY", starts_at=now - 2 * day, ends_at=now - day)
    with transaction.atomic():
        publish(CLOSED, {"id": "1"}, entity_id="1")
        publish(CLOSED, {"id": "2"}, entity_id="2")
    told = {running, stopped, by_name, by_entity, both, here}
    assert Delivery.objects.count() == 2 * len(told)
    assert {row.integration for row in Delivery.objects.all()} == told
    assert nudges == [nudging.DRAIN]


@pytest.mark.django_db(transaction=True)
def test_an_event_is_kept_with_nobody_to_tell(nudges):
    with transaction.atomic():
        publish(CLOSED, {"id": "1"}, entity_id="1")
    assert Event.objects.get().name == CLOSED
    assert nudges == []


@pytest.mark.django_db
def test_the_body_is_frozen_and_says_utc_with_milliseconds(settings):
    settings.TENANT = "acme"
    number = uuid4()
    payload = {
        "id": number,
        "at": datetime(2026, 1, 5, 13, 0, 0, 123987, tzinfo=UTC),
        "name": "Blusen “Größe” \N{PILE OF POO} \0",
    }
    publish(CLOSED, payload, entity_id=str(number))
    payload["id"] = "changed"
    told = json.loads(Event.objects.get().body)
    assert told["tenant"] == "acme"
    assert told["name"] == CLOSED
    assert told["payload"]["id"] == str(number)
    assert told["payload"]["at"] == "2026-01-05T13:00:00.123Z"
    assert told["payload"]["name"].endswith("\N{PILE OF POO} \0")
    published = datetime.fromisoformat(told["published_at"])
    assert published == Event.objects.get().published_at
    assert told["published_at"].endswith("Z")
    assert abs(published - timezone.now()) < timedelta(minutes=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "payload", [{"n": float("nan")}, {"at": datetime(2026, 1, 1)}, {"x": object()}]
)
def test_a_payload_that_json_cannot_say_is_a_fault_of_the_act(payload):
    with pytest.raises(ValueError, match=r"."):
        publish(CLOSED, payload, entity_id="1")


@pytest.mark.django_db
def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="no event of the contract"):
        publish("stock.changed", {}, entity_id="1")


def test_chunks_are_numbered_from_one_and_never_none():
    assert [tuple(chunk) for chunk in chunks([])] == [(1, 1, [])]
    found = list(chunks(range(1_001)))
    assert [(chunk.number, chunk.total, len(chunk.items)) for chunk in found] == [
        (1, 3, 500),
        (2, 3, 500),
        (3, 3, 1),
    ]
    assert len(list(chunks(range(500)))) == 1


@pytest.mark.django_db(transaction=True)
def test_no_event_slips_between_a_registration_and_its_snapshot():
    """Who registers waits for every act under way; the act that began after sees the newcomer."""
    published, registered = threading.Event(), threading.Event()

    def act() -> None:
        with transaction.atomic():
            publish(CLOSED, {"id": "before"}, entity_id="before")
            published.set()
            # The registration is under way and cannot be through before this commits.
            assert not registered.wait(0.3)
        connection.close()

    thread = threading.Thread(target=act)
    thread.start()
    published.wait()
    with transaction.atomic():
        outbox.lock_registry()
        # Everybody's event is committed by now, so a backfill of this instant misses none.
        assert Event.objects.filter(entity_id="before").exists()
        register("late")
    registered.set()
    thread.join()
    with transaction.atomic():
        publish(CLOSED, {"id": "after"}, entity_id="after")
    assert [row.event.entity_id for row in Delivery.objects.all()] == ["after"]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_fails_no_act(monkeypatch):
    class Gone:
        def send_task(self, name, **options):
            raise ConnectionError("no broker")

    monkeypatch.setattr(nudging, "current_app", Gone())
    before = nudging.FAILED._value.get()
    register("erp")
    with transaction.atomic():
        publish(CLOSED, {"id": "1"}, entity_id="1")
    assert Delivery.objects.count() == 1
    assert nudging.FAILED._value.get() == before + 1
