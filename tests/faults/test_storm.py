"""The short version of `make faults`: the same storm, three hundred events long."""

import pytest

from omnichannel.eventstream.models import Delivery

from .storm import Plan, storm, without_outbox

SHORT = Plan(
    events=300, batches=20, pause=0.1, flushes=8, kills=2, outage=3, lease=4, answering=0.05
)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_when_the_broker_forgets_and_workers_die(tmp_path):
    told = storm(SHORT, tmp_path)
    assert (told.committed, told.delivered, told.lost) == (300, 300, 0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"DELIVERED"}
    assert Delivery.objects.count() == 300


@pytest.mark.django_db(transaction=True)
def test_control_one_message_per_delivery_loses_most_of_them(tmp_path):
    told = without_outbox(SHORT, tmp_path)
    assert told.committed == 300
    assert told.lost > 0
