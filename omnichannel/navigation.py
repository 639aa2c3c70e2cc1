"""The navigation, as data (PRODUCT §2): every page named by string, so that no arrow runs up.

A user sees what his permissions allow; a page that this installation does not have is left out.
"""

from django.utils.translation import gettext_lazy as _

from omnichannel.web.shell import Group, Item

NAVIGATION = (
    Group(
        _("Store Operations"),
        (
            Item(
                _("Stock On Hand"),
                "inventory:stock-on-hand",
                "boxes",
                "inventory.view_inventory_management",
                "s",
            ),
            Item(
                _("Transactions"),
                "inventory:transactions",
                "arrow-left-right",
                "inventory.view_inventory_management",
                "t",
            ),
            Item(
                _("Movements"),
                "inventory:movements",
                "history",
                "inventory.view_inventory_management",
                "m",
            ),
            Item(
                _("Period Report"),
                "inventory:period-report",
                "calendar-range",
                "inventory.view_inventory_management",
            ),
            Item(
                _("ASN"),
                "asn:list",
                "truck",
                "inventory.view_inventory_management",
                "a",
            ),
            Item(
                _("Transfer Orders"),
                "transfers:list",
                "package-check",
                "inventory.view_inventory_management",
                "o",
            ),
            Item(
                _("In Transit"),
                "asn:in-transit",
                "route",
                "inventory.view_inventory_management",
            ),
            Item(
                _("Counts"),
                "counts:list",
                "clipboard-list",
                (
                    "inventory.view_inventory_management",
                    "counts.create_cycle_counts",
                    "counts.activate_full_counts",
                    "counts.complete_cycle_counts",
                    "counts.cancel_cycle_counts",
                ),
                "c",
            ),
            Item(
                _("Reservations"),
                "inventory:reservations",
                "bookmark",
                "inventory.view_inventory_management",
            ),
            Item(
                _("Mispicks"),
                "fulfilment:mispicks",
                "package-x",
                "inventory.view_inventory_management",
            ),
        ),
        folder=_("Inventory"),
        icon="warehouse",
    ),
    Group(
        _("Catalog"),
        (
            Item(
                _("Products"),
                "inventory:products",
                "tag",
                "inventory.view_inventory_management",
                "p",
            ),
            Item(
                _("Stock Levels"),
                "fulfilment:stock-levels",
                "chart-column",
                "inventory.view_inventory_management",
            ),
        ),
    ),
    Group(
        _("Tools"),
        (
            Item(_("Event Stream"), "eventstream:integrations", "radio", "web.view_tools"),
            Item(_("Imports"), "imports:list", "file-input", "web.view_tools"),
            Item(
                _("Exports"),
                "exports:list",
                "file-output",
                (
                    "web.view_tools",
                    "inventory.view_inventory_management",
                    "locations.view_locations",
                    "counts.create_cycle_counts",
                    "counts.activate_full_counts",
                    "counts.complete_cycle_counts",
                    "counts.cancel_cycle_counts",
                ),
            ),
        ),
    ),
    Group(
        _("On the phone"),
        (
            Item(
                _("Look up"),
                "inventory:lookup",
                "scan-barcode",
                ("inventory.view_inventory", "inventory.view_inventory_management"),
                "l",
            ),
            Item(_("Receive"), "asn:receive", "package-open", "asn.receive_inventory", "r"),
            Item(_("Transfer"), "transfers:phone", "send", "transfers.transfer_inventory"),
            Item(_("Count"), "counts:phone", "clipboard-check", "counts.perform_counts"),
            Item(
                _("Adjust"), "inventory:adjust-phone", "pencil-line", "inventory.adjust_inventory"
            ),
        ),
    ),
    Group(
        _("Settings"),
        (
            Item(_("Locations"), "locations:list", "store", "locations.view_locations"),
            Item(_("Stock Locations"), "locations:shelves", "layers", "locations.view_locations"),
            Item(
                _("Adjustment Reasons"),
                "inventory:reasons",
                "list-checks",
                ("inventory.view_inventory_management", "inventory.modify_reason_codes"),
            ),
            Item(_("Barcodes"), "catalog:barcodes", "barcode", "inventory.modify_reason_codes"),
            Item(
                _("Configuration"),
                "locations:configuration",
                "sliders-horizontal",
                ("locations.view_locations", "locations.manage_locations"),
            ),
        ),
    ),
)
