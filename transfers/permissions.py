"""Permissions over transfer orders (PRODUCT §11)."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT

CLOSE_TRANSFER_ORDERS = "transfers.close_transfer_orders"
TRANSFER_INVENTORY = "transfers.transfer_inventory"

NAMES: list[tuple[str, Any]] = [
    ("close_transfer_orders", _("Close transfer orders")),
    ("transfer_inventory", _("Transfer Inventory")),
]


def closing() -> tuple[str, ...]:
    """The permissions of which one is enough to close an order by hand (PRODUCT §11).

    As with force-closing ASNs, whoever may look may close, while FORCE_CLOSE_NEEDS_ONLY_VIEW is on.
    """
    if settings.FORCE_CLOSE_NEEDS_ONLY_VIEW:
        return CLOSE_TRANSFER_ORDERS, VIEW_INVENTORY_MANAGEMENT
    return (CLOSE_TRANSFER_ORDERS,)
