"""Permissions over advance shipping notices (PRODUCT §11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

FORCE_CLOSE_ASNS = "asn.force_close_asns"
RECEIVE_INVENTORY = "asn.receive_inventory"

NAMES: list[tuple[str, Any]] = [
    ("force_close_asns", _("Force Close ASNs")),
    ("receive_inventory", _("Receive Inventory")),
]
