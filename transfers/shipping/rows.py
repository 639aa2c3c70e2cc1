"""An order under its lock; the figures of its lines change by differences, in one statement."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from ..models import TransferOrder, TransferOrderLine, TransferTransaction


class LineRow(NamedTuple):
    """A line as it stands under the lock of its order; `remaining` has not shipped yet."""

    id: int
    product_id: int
    ordered: int
    transferred: int
    reserved: int

    @property
    def remaining(self) -> int:
        return self.ordered - self.transferred


def lock(pk: int) -> TransferOrder:
    """The order, alone until the transaction ends; every act on it begins here.

    Raises:
        TransferOrder.DoesNotExist
    """
    rows = TransferOrder.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("origin", "destination", "from_stock_location").get(pk=pk)


def lock_parcel(pk: int) -> TransferTransaction:
    """The parcel under its order's lock and its own, with the order as it stands.

    Raises:
        TransferTransaction.DoesNotExist
    """
    order = lock(TransferTransaction.objects.values_list("order_id", flat=True).get(pk=pk))
    parcel = TransferTransaction.objects.select_for_update(no_key=True).get(pk=pk)
    parcel.order = order
    return parcel


def lines_of(order: TransferOrder) -> dict[int, LineRow]:
    """By product, in the order in which they were sent."""
    rows = TransferOrderLine.objects.filter(order=order).order_by("pk")
    return {row[1]: LineRow(*row) for row in rows.values_list(*LineRow._fields)}


LEFT = """
UPDATE transfers_transferorderline AS line
   SET transferred = line.transferred + shipped.quantity,
       reserved = line.reserved - least(line.reserved, shipped.quantity)
  FROM unnest(%s::int[], %s::int[]) AS shipped(product_id, quantity)
 WHERE line.order_id = %s AND line.product_id = shipped.product_id
"""


def left(order: TransferOrder, quantities: Mapping[int, int]) -> None:
    """Units by product have shipped; those that were set aside went first."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT, [list(quantities), list(quantities.values()), order.pk])


REFRESH = """
WITH summed AS (
  SELECT sum(transferred) AS transferred, sum(reserved) AS reserved
    FROM transfers_transferorderline WHERE order_id = %(pk)s)
UPDATE transfers_transferorder
   SET transferred_total = summed.transferred, reserved_total = summed.reserved,
       revision = revision + 1, updated_at = %(now)s
  FROM summed WHERE transfers_transferorder.id = %(pk)s
RETURNING transferred_total, reserved_total, revision
"""


def refresh(order: TransferOrder, now: datetime) -> None:
    """Bring the order's totals and revision to what its lines say now."""
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"pk": order.pk, "now": now})
        order.transferred_total, order.reserved_total, order.revision = cursor.fetchone()
    order.updated_at = now
