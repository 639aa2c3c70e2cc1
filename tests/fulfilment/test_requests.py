"""Items of orders where they are sent from: stock, events, mispicks, counts (CONTRACT §3.4)."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from counts import actions as counts
from counts import checklist
from counts.models import Count
from fulfilment import actions
from fulfilment.models import Mispick
from inventory import ledger
from inventory.models import Allocation, InventoryTransaction
from omnichannel.documents import ActionError, TransitionNotAllowed
from omnichannel.eventstream.models import Event
from omnichannel.locations.models import Configuration

State = Allocation.State


def told(name: str) -> list[dict]:
    events = Event.objects.filter(name=f"fulfillment_request.{name}").order_by("id")
    return [json.loads(event.body)["payload"] for event in events]


def test_what_happens_to_an_order_is_told_with_rising_numbers(hall):
    hall.post(0, 5)
    request, item = hall.assign(0)
    lost, gone = hall.assign(0)
    with transaction.atomic():
        actions.pack_items(pk=request.pk, item_uuids=[item], by=hall.user, key="pack")
    hall.complete(request, item)
    hall.fail(lost, gone, "refused")
    (assigned, _other), (ready,), (completed,), (failed,) = (
        told(name)
        for name in ("assigned", "items_ready_for_handover", "items_completed", "items_failed")
    )
    assert assigned["id"] == ready["id"] == completed["id"] == str(request.uuid)
    assert assigned["fulfillment_location_id"] == "DE-01"
    assert completed["items"][0]["product_id"] == "P0"
    assert completed["items"][0]["shipped_at"].endswith("Z")
    assert failed["items"][0]["rejection_reason"] == "refused"
    numbers = [p["logical_timestamp"] for p in (assigned, ready, completed, failed)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("is_handed_over", [False, True])
def test_stock_leaves_at_once_even_where_the_erp_keeps_it(hall, is_handed_over):
    hall.post(0, 5, where=hall.erp, type="STOCK_IMPORT")
    request, item = hall.assign(0, where=hall.erp)
    hall.complete(request, item, is_handed_over=is_handed_over)
    assert (hall.on_hand(0, hall.erp), hall.atp(0, hall.erp)) == (4, 4)
    shipment = InventoryTransaction.objects.get(type="SHIPMENT")
    assert shipment.reference == str(request.order_uuid)


# What leaves the house leaves at once: sold, or shipped to another location.
AT_ONCE = {"SHIPMENT", "TRANSFER", "STOCK_IMPORT"}
OTHERS = [type for type in InventoryTransaction.Type.values if type not in AT_ONCE]


@pytest.mark.parametrize("type", OTHERS)
def test_nothing_else_moves_stock_that_the_erp_keeps_until_it_is_imported(hall, type):
    hall.post(0, 5, where=hall.erp, type="STOCK_IMPORT")
    hall.post(0, 3, where=hall.erp, type=type)
    assert (hall.on_hand(0, hall.erp), hall.atp(0, hall.erp)) == (5, 5)
    hall.post(0, 3, where=hall.erp, type="STOCK_IMPORT")
    assert hall.atp(0, hall.erp) == 8


def test_an_item_leaves_once(hall):
    hall.post(0, 5)
    request, item = hall.assign(0)
    hall.complete(request, item)
    with pytest.raises(TransitionNotAllowed):
        hall.complete(request, item)
    with pytest.raises(ActionError, match="not of this request"):
        hall.complete(request, uuid4())
    assert (hall.on_hand(0), len(told("items_completed"))) == (4, 1)


def test_the_same_key_tells_it_once(hall):
    hall.post(0, 5)
    request, item = hall.assign(0)
    facts = []
    for _time in range(2):
        with transaction.atomic():
            sent = {item: {"shipped_at": timezone.now() - timedelta(hours=1)}}
            facts.append(actions.complete_items(pk=request.pk, items=sent, by=hall.user, key="one"))
    assert facts[0].pk == facts[1].pk
    assert (hall.on_hand(0), len(told("items_completed"))) == (4, 1)


def test_nothing_was_sent_tomorrow(hall):
    hall.post(0, 5)
    request, item = hall.assign(0)
    sent = {item: {"shipped_at": timezone.now() + timedelta(hours=1)}}
    with pytest.raises(ledger.PostingRefused), transaction.atomic():
        actions.complete_items(pk=request.pk, items=sent, by=hall.user, key="one")
    assert (hall.on_hand(0), hall.atp(0)) == (5, 4)


@pytest.mark.parametrize(
    ("reason", "setting", "kind"),
    [
        ("no_inventory", "create_cycle_count_after_mispick", Mispick.Kind.MISPICK),
        ("damaged_items", "create_cycle_count_after_mispack", Mispick.Kind.MISPACK),
    ],
)
def test_what_went_wrong_asks_for_one_count_where_configured(hall, reason, setting, kind):
    hall.post(0, 5)
    first, second, third = (hall.assign(0) for _number in range(3))
    hall.fail(*first, reason)
    assert (Mispick.objects.get().kind, Count.objects.count()) == (kind, 0)
    Configuration.objects.update_or_create(defaults={setting: True})
    hall.fail(*second, reason)
    hall.fail(*third, reason)
    count = Count.objects.get()
    assert (count.type, count.location, count.lines.get().product) == (
        Count.Type.CYCLE,
        hall.ours,
        hall.products[0],
    )
    assert [mispick.count_id for mispick in Mispick.objects.order_by("pk")] == [
        None,
        count.pk,
        count.pk,
    ]


def test_the_checklist_of_a_full_count_knows_packed_orders(hall):
    hall.post(0, 5)
    order = uuid4()
    for _number in range(2):
        request, item = hall.assign(0, order)
        with transaction.atomic():
            actions.pack_items(pk=request.pk, item_uuids=[item], by=hall.user, key=str(item))
    hall.assign(0)
    with transaction.atomic():
        made = counts.create_counts(
            type=Count.Type.FULL,
            location_ids=[hall.ours.pk],
            stock_location_id=hall.shelf["main"],
            due_date=timezone.localdate(),
            by=hall.user,
            key="full",
        )
    matters = dict(checklist.matters(made.batch.counts.get()))
    assert matters["packed"] == 1
    hall.complete(request, item)
    assert Allocation.objects.filter(state=State.PACKED).count() == 1
