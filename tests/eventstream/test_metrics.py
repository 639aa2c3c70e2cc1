"""The age of what should have left already, for whoever watches."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from omnichannel.eventstream import metrics
from omnichannel.eventstream.models import Delivery, Event, Integration


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
