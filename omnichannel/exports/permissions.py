"""Who has lists to export, and so a page of his exports; the rooms that own the names lie above."""

from omnichannel.web.permissions import VIEW_TOOLS

SEEING = (
    VIEW_TOOLS,
    "inventory.view_inventory_management",
    "locations.view_locations",
    "counts.create_cycle_counts",
    "counts.activate_full_counts",
    "counts.complete_cycle_counts",
    "counts.cancel_cycle_counts",
)
