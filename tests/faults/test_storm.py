"""The short version of `make faults`: the same storm, three hundred events long."""

import pytest

from omnichannel.eventstream.models import Delivery

from .storm import Plan, storm, without_outbox

SHORT = Plan(events=300, batches=10, pause=0.1, flushes=3, kills=1, outage=2, lease=4)
# What is committed is twice as much as its workers take before the broker forgets the rest.
CONTROL = Plan(
    events=100, batches=2, pause=0, flushes=1, kills=0, outage=0, answering=1.0, quiet=2.5
)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_when_the_broker_forgets_and_a_worker_dies(tmp_path):
    told = storm(SHORT, tmp_path)
    assert (told.committed, told.delivered, told.lost) == (300, 300, 0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"DELIVERED"}
    assert Delivery.objects.count() == 300


@pytest.mark.django_db(transaction=True)
def test_control_one_message_per_delivery_loses_some(tmp_path):
    told = without_outbox(CONTROL, tmp_path)
    assert told.committed == 100
    assert told.lost > 0
