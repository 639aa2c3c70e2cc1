"""The roles a new installation begins with, as data (PRODUCT §11, CONTRACT §5).

Part of the composition root: permissions of every app are named by string only, so that nothing
here is imported by, or imports, the apps. A test resolves each name.
"""

ADMIN = "Admin"

ON_THE_PHONE = (
    "inventory.view_inventory",
    "asn.receive_inventory",
    "transfers.transfer_inventory",
    "counts.perform_counts",
    "inventory.adjust_inventory",
)
# PRODUCT §11, in its order.
PRODUCT_PERMISSIONS = (
    "inventory.view_inventory_management",
    "counts.create_cycle_counts",
    "counts.activate_full_counts",
    "counts.complete_cycle_counts",
    "counts.cancel_cycle_counts",
    "asn.force_close_asns",
    "transfers.close_transfer_orders",
    "inventory.manage_safety_stock",
    "locations.edit_fulfillment_availability",
    "locations.view_locations",
    "locations.manage_locations",
    "web.view_tools",
    "accounts.manage_api_clients",
    "accounts.manage_users_and_roles",
    "inventory.modify_reason_codes",
    "web.view_dashboards",
    *ON_THE_PHONE,
)
# Reference data that PRODUCT §11 has no name for: Django's own names for it.
CATALOGUE = tuple(
    f"catalog.{act}_{model}"
    for model in ("product", "productidentifier", "pricebook")
    for act in ("view", "add", "change", "delete")
)
# Not of PRODUCT §11: saved views of lists that everybody sees.
SHARING = ("web.share_views",)
RECORDS = ("inventory.view_inventorytransaction", "inventory.view_ledgerverification")
GRANTABLE = (*PRODUCT_PERMISSIONS, *CATALOGUE, *SHARING, *RECORDS)

STORE_COUNTS = (
    "counts.create_cycle_counts",
    "counts.activate_full_counts",
    "counts.complete_cycle_counts",
    "counts.cancel_cycle_counts",
)

PRESETS: dict[str, tuple[str, ...]] = {
    ADMIN: GRANTABLE,
    "Customer Service Supervisor": ("inventory.view_inventory_management",),
    "Merchandiser": (
        "inventory.view_inventory_management",
        "locations.view_locations",
        "catalog.view_product",
        "catalog.view_pricebook",
        "web.view_dashboards",
    ),
    "Fulfillment Manager": (
        "inventory.view_inventory_management",
        "inventory.manage_safety_stock",
        "locations.edit_fulfillment_availability",
        "locations.view_locations",
        "web.view_dashboards",
    ),
    "Corporate Operations": (
        "inventory.view_inventory_management",
        *STORE_COUNTS,
        "asn.force_close_asns",
        "transfers.close_transfer_orders",
        "inventory.adjust_inventory",
        "locations.view_locations",
        "web.view_tools",
        "web.view_dashboards",
        *SHARING,
    ),
    "Store Manager": (
        "inventory.view_inventory_management",
        "inventory.manage_safety_stock",
        *STORE_COUNTS,
        "asn.force_close_asns",
        "transfers.close_transfer_orders",
        "locations.view_locations",
        "web.view_dashboards",
        *ON_THE_PHONE,
    ),
    # The source gives a keyholder the phone and no page of the browser.
    "Keyholder": ON_THE_PHONE,
    "Associate": ON_THE_PHONE,
    "Viewer": ("inventory.view_inventory_management",),
    # Not of the source either: what an ERP asks and tells over the API, and no people.
    "Integration": (
        "inventory.view_inventory_management",
        "inventory.view_inventory",
        "inventory.adjust_inventory",
        "inventory.modify_reason_codes",
        "inventory.manage_safety_stock",
        *STORE_COUNTS,
        "asn.receive_inventory",
        "asn.force_close_asns",
        "transfers.transfer_inventory",
        "transfers.close_transfer_orders",
        "locations.view_locations",
        "locations.manage_locations",
        "locations.edit_fulfillment_availability",
        "catalog.view_product",
        "web.view_tools",
    ),
}

# Who must sign in with a second factor where REQUIRE_TWO_FACTOR is on (RELIABILITY rule 27).
NEEDS_SECOND_FACTOR = (
    "inventory.adjust_inventory",
    "counts.complete_cycle_counts",
    "asn.force_close_asns",
    "transfers.close_transfer_orders",
    "accounts.manage_users_and_roles",
)
