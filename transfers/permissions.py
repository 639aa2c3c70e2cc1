"""Permissions over transfer orders (PRODUCT §11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

CLOSE_TRANSFER_ORDERS = "transfers.close_transfer_orders"
TRANSFER_INVENTORY = "transfers.transfer_inventory"

NAMES: list[tuple[str, Any]] = [
    ("close_transfer_orders", _("Close transfer orders")),
    ("transfer_inventory", _("Transfer Inventory")),
]
