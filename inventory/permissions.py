"""Permissions over stock (PRODUCT §11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

VIEW_INVENTORY_MANAGEMENT = "inventory.view_inventory_management"
MANAGE_SAFETY_STOCK = "inventory.manage_safety_stock"
MODIFY_REASON_CODES = "inventory.modify_reason_codes"
VIEW_INVENTORY = "inventory.view_inventory"
ADJUST_INVENTORY = "inventory.adjust_inventory"

NAMES: list[tuple[str, Any]] = [
    ("view_inventory_management", _("View inventory management")),
    ("manage_safety_stock", _("Manage safety stock")),
    ("modify_reason_codes", _("Modify reason codes")),
    ("view_inventory", _("View Inventory")),
    ("adjust_inventory", _("Adjust Inventory")),
]
