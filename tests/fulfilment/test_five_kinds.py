"""The five kinds of inventory transactions that update ATP, each by its own act (PRODUCT §1)."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from asn import actions as receiving
from counts import actions as counting
from counts import tasks
from counts.imports import CountedLine
from inventory import actions as stock
from inventory.models import AdjustmentReason, InventoryTransaction
from omnichannel.locations.models import ReturnCondition

from .conftest import work

# A worker reads them all.
assert tasks.finish_import


def test_receiving(hall):
    session = receiving.Session(by=hall.user, key="r", kind="BLIND", shipment_ref="S-1")
    with transaction.atomic():
        receiving.receive_blind(
            location_id=hall.ours.pk,
            items=[receiving.Arrived(hall.products[0].pk, 4)],
            session=session,
        )
    assert hall.atp(0) == 4


def test_a_transfer(hall):
    hall.post(0, 5)
    hall.post(0, -2, type="TRANSFER")
    assert hall.atp(0) == 3


def test_an_adjustment(hall):
    hall.post(0, 5)
    reason = AdjustmentReason.objects.create(
        type="Shrink", subtype="Stolen", origin_id=hall.shelf["main"]
    )
    with transaction.atomic():
        stock.adjust_stock(
            location_id=hall.ours.pk,
            reason_id=reason.pk,
            lines=[stock.Typed(hall.products[0].pk, 2)],
            by=hall.user,
            key="a",
        )
    assert hall.atp(0) == 3


def test_a_cycle_count(hall):
    # So long ago that no clock could have seen it during the count.
    hall.post(0, 5, happened_at=timezone.now() - timedelta(hours=1))
    with transaction.atomic():
        counting.import_counted(
            type="CYCLE",
            location_id=hall.ours.pk,
            stock_location_id=hall.shelf["main"],
            lines=[CountedLine("P0", 7)],
            due_date=date.today(),
            by=hall.user,
            key="c",
        )
    work()
    assert InventoryTransaction.objects.filter(type="COUNT_ADJUSTMENT").count() == 1
    assert hall.atp(0) == 7


def test_a_customers_return(hall):
    hall.post(0, 5)
    ReturnCondition.objects.create(condition_code=1, stock_location_id=hall.shelf["main"])
    with transaction.atomic():
        stock.return_items(
            location_id=hall.ours.pk,
            lines=[
                stock.Returned(hall.products[0].pk, 1, 1),
                stock.Returned(hall.products[0].pk, 1, 2),
            ],
            by=hall.user,
            key="b",
        )
    assert hall.atp(0) == 6
