"""The age of what should have left already, for whoever watches."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from omnichannel.eventstream import metrics
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Delivery, Event, Integration

from .receiver import Server, answer
from .test_drain import frozen, register, tell

__all__ = ["frozen"]


def told() -> list[str]:
    text = Client().get("/metrics").content.decode()
    return [line for line in text.splitlines() if line.startswith("omnichannel_eventstream_oldest")]


@pytest.mark.django_db
def test_the_oldest_due_event_of_each_running_integration_is_told():
    late, well = (Integration.objects.create(name=name) for name in ("late", "well"))
    Integration.objects.create(name="stopped", status=Integration.Status.STOPPED)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    event = Event.objects.create(name="a.b", entity_id="1", published_at=an_hour_ago, body="{}")
    for state, integration in (("PENDING", late), ("DELIVERED", well)):
        Delivery.objects.create(
            event=event, integration=integration, state=state, created_at=an_hour_ago
        )
    values = dict(line.split() for line in told())
    assert len(values) == 2
    age = float(values['omnichannel_eventstream_oldest_due_seconds{integration="late"}'])
    assert 3_600 <= age < 3_700
    assert float(values['omnichannel_eventstream_oldest_due_seconds{integration="well"}']) == 0


@pytest.mark.django_db
def test_without_a_database_the_rest_is_still_told(monkeypatch):
    def gone() -> None:
        raise DatabaseError

    monkeypatch.setattr(metrics, "seconds_due", gone)
    assert told() == []
    assert Client().get("/metrics").status_code == 200


def ages() -> dict[str, float]:
    found = [re.fullmatch(r'\w+{integration="(.+)"} (\S+)', line) for line in told()]
    return {match[1]: float(match[2]) for match in found if match}


@pytest.mark.django_db(transaction=True)
def test_it_grows_while_nobody_delivers_and_is_zero_when_all_is_told(settings, frozen):
    with Server() as sink:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [sink.place]}
        register("erp", sink.url())
        register("idle", sink.url(), event_filter=["order.created"])
        assert ages() == {"erp": 0, "idle": 0}
        tell(1, 2)
        Delivery.objects.update(created_at=frozen.now())
        frozen.move(90)
        assert ages() == {"erp": 90, "idle": 0}
        drain()
        assert ages() == {"erp": 0, "idle": 0}


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_waits_for_its_retry_is_not_late_yet(settings, frozen):
    with Server({"/": [answer(503)]}) as sink:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [sink.place]}
        erp = register("erp", sink.url())
        tell(1)
        Delivery.objects.update(created_at=frozen.now() - timedelta(seconds=30))
        drain()
        assert ages() == {"erp": 0}
        frozen.move(4)
        # Due one second after the failure: three ago.
        assert ages() == {"erp": 3}
        Integration.objects.filter(pk=erp.pk).update(status="STOPPED")
        assert ages() == {}
