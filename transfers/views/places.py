"""Which order or parcel a page is about, and what its visitor may do with it."""

from typing import Any

from django.db.models import QuerySet

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.web.details import one
from omnichannel.web.shell import may

from .. import permissions, tables
from ..models import TransferOrder, TransferTransaction

# Who packs sees what he packs for.
SEEING = (VIEW_INVENTORY_MANAGEMENT, permissions.TRANSFER_INVENTORY)
# An act that is asked about on its own page.
POSTED = ["get", "head", "options", "post"]
ENDS = ("origin", "destination", "from_stock_location")


def orders_of(user: Any) -> QuerySet[TransferOrder]:
    return TransferOrder.objects.visible_to(user).select_related(*ENDS)


def order_of(user: Any, uuid: Any) -> TransferOrder:
    """An order with either end in the user's scope, or 404."""
    rows = tables.TransferTable.annotate(orders_of(user))
    return one(rows.select_related(*ENDS, "created_by", "closed_by"), uuid=uuid)


def own_order(user: Any, uuid: Any) -> TransferOrder:
    """An order that the user may act on, or 404: only the origin's side changes it."""
    return one(TransferOrder.objects.acted_on_by(user).select_related(*ENDS), uuid=uuid)


def parcel_of(user: Any, uuid: Any) -> TransferTransaction:
    rows = TransferTransaction.objects.visible_to(user)
    return one(related(rows), uuid=uuid)


def own_parcel(user: Any, uuid: Any) -> TransferTransaction:
    return one(related(TransferTransaction.objects.acted_on_by(user)), uuid=uuid)


def related(rows: QuerySet[TransferTransaction]) -> QuerySet[TransferTransaction]:
    ends = [f"order__{name}" for name in ENDS]
    return rows.select_related(*ends, "asn", "posting", "by")


def acts_on(user: Any, order: TransferOrder) -> bool:
    """Whether the order leaves from where the user acts."""
    return TransferOrder.objects.acted_on_by(user).filter(pk=order.pk).exists()


def may_ship(user: Any, order: TransferOrder) -> bool:
    return user.has_perm(permissions.TRANSFER_INVENTORY) and acts_on(user, order)


def may_close(user: Any, order: TransferOrder) -> bool:
    return may(user, permissions.closing()) and acts_on(user, order)
