"""A draft by many at once: kept once, an order once, and never both an order and left."""

import uuid
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from omnichannel.documents import ActionError
from omnichannel.eventstream.models import Event
from tests.inventory.test_posting_in_parallel import at_once
from transfers import actions
from transfers.models import DraftScan, TransferDraft, TransferOrder, TransferTransaction

THREADS = 8


@pytest.fixture
def draft(busy_yard):
    busy_yard.stock((0, 9))
    with transaction.atomic(durable=True):
        made = actions.begin_draft(
            origin_id=busy_yard.london.pk,
            destination_id=busy_yard.berlin.pk,
            by=busy_yard.packer,
            key="d",
        )
        scan = actions.Scan(uuid.uuid4(), "P0", busy_yard.products[0].pk, 2, timezone.now())
        actions.record_draft_scans(draft_id=made.pk, scans=[scan])
    return made


def test_many_who_create_it_at_once_are_led_to_one_order_and_one_parcel(busy_yard, draft):
    def create(_n: int) -> TransferTransaction:
        with transaction.atomic(durable=True):
            return actions.order_draft(draft_id=draft.pk, by=busy_yard.packer).transaction

    led = at_once([partial(create, n) for n in range(THREADS)])
    assert {parcel.pk for parcel in led} == {TransferTransaction.objects.get().pk}
    assert (TransferOrder.objects.count(), Event.objects.count()) == (1, 1)
    assert busy_yard.shelves(0) == (7, 2, 0)
    busy_yard.agree()


def test_scans_that_come_from_many_at_once_are_kept_once(busy_yard, draft):
    keys = [uuid.uuid4() for _n in range(5)]
    scans = [actions.Scan(k, "P0", busy_yard.products[0].pk, 1, timezone.now()) for k in keys]

    def send(n: int) -> int:
        with transaction.atomic(durable=True):
            turned = scans[n % 5 :] + scans[: n % 5]
            return actions.record_draft_scans(draft_id=draft.pk, scans=turned)

    assert sum(at_once([partial(send, n) for n in range(THREADS)])) == 5
    assert DraftScan.objects.count() == 6


def test_one_of_those_who_create_it_and_who_leave_it_wins(busy_yard, draft):
    def act(n: int) -> str:
        try:
            with transaction.atomic(durable=True):
                if n % 2:
                    actions.leave_draft(draft_id=draft.pk)
                    return "left"
                actions.order_draft(draft_id=draft.pk, by=busy_yard.packer)
                return "ordered"
        except ActionError:
            return "refused"

    told = at_once([partial(act, n) for n in range(THREADS)])
    won = {word for word in told if word != "refused"}
    found = TransferDraft.objects.get()
    assert len(won) == 1
    assert (found.order is None, found.left_at is None) == (won == {"left"}, won == {"ordered"})
    assert TransferOrder.objects.count() == int(won == {"ordered"})
