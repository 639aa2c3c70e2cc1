"""Permissions over locations (PRODUCT §11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

VIEW_LOCATIONS = "locations.view_locations"
MANAGE_LOCATIONS = "locations.manage_locations"
EDIT_FULFILLMENT_AVAILABILITY = "locations.edit_fulfillment_availability"

NAMES: list[tuple[str, Any]] = [
    ("view_locations", _("View locations")),
    ("manage_locations", _("Manage locations")),
    ("edit_fulfillment_availability", _("Edit fulfillment availability")),
]
