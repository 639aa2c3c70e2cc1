"""What lies between a store and a clean full count: to be done first, or counted too (PRODUCT §7)."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils import timezone

from asn.models import Receipt
from inventory.models import Allocation, InventoryTransaction, StockOnHand
from transfers.models import TransferOrder, TransferTransaction

from .models import Count

HELD = "_customer_reservations"
TO_MOVE = "_transfers"
Status = InventoryTransaction.Status


class Matter(NamedTuple):
    """One kind of open thing and how many there are: documents, or units set aside."""

    kind: str
    number: int


def matters(count: Count) -> list[Matter]:
    """Every kind, in the order in which it is told; those with number 0 are settled."""
    place = count.location_id
    documents = InventoryTransaction.objects.filter(location=place)
    receipts = Receipt.objects.filter(location=place, status=Receipt.Status.IN_PROGRESS)
    cycles = Count.objects.filter(
        location=place,
        stock_location=count.stock_location_id,
        type=Count.Type.CYCLE,
        status__in=Count.OPEN,
    )
    boxed = TransferTransaction.objects.filter(
        order__origin=place, status=TransferTransaction.Status.READY
    )
    orders = TransferOrder.objects.filter(origin=place).exclude(status__in=TransferOrder.FINAL)
    return [
        Matter(
            "handover", documents.filter(status=Status.READY_FOR_HANDOVER).count() + boxed.count()
        ),
        Matter("transfers", documents.filter(status=Status.IN_PROGRESS).count() + orders.count()),
        Matter("receipts", receipts.count()),
        Matter("packed", packed_orders(place)),
        Matter("reserved", set_aside(place, HELD)),
        Matter("to_move", set_aside(place, TO_MOVE)),
        Matter("cycles", cycles.count()),
        Matter("day", int(days_until(count) != 0)),
    ]


def packed_orders(location: int) -> int:
    """Orders whose items are packed and still stand in `main`."""
    packed = Allocation.objects.filter(location=location, state=Allocation.State.PACKED)
    return packed.values("order_uuid").distinct().count()


def set_aside(location: int, shelf: str) -> int:
    """Units of the store that stand in this stock location of the system's."""
    rows = StockOnHand.objects.filter(location=location, stock_location__name=shelf)
    return rows.aggregate(units=Sum("quantity"))["units"] or 0


def days_until(count: Count) -> int:
    """Days of the store's calendar until the count is due; below 0 once past."""
    today = timezone.now().astimezone(ZoneInfo(count.location.time_zone or "UTC")).date()
    return (count.due_date - today).days
