"""Permissions over advance shipping notices (PRODUCT §11)."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT

FORCE_CLOSE_ASNS = "asn.force_close_asns"
RECEIVE_INVENTORY = "asn.receive_inventory"

NAMES: list[tuple[str, Any]] = [
    ("force_close_asns", _("Force Close ASNs")),
    ("receive_inventory", _("Receive Inventory")),
]


def force_closing() -> tuple[str, ...]:
    """The permissions of which one is enough to force close (PRODUCT §11).

    The source lets everybody do it who may look; a business that wants otherwise turns
    FORCE_CLOSE_NEEDS_ONLY_VIEW off.
    """
    if settings.FORCE_CLOSE_NEEDS_ONLY_VIEW:
        return FORCE_CLOSE_ASNS, VIEW_INVENTORY_MANAGEMENT
    return (FORCE_CLOSE_ASNS,)
