"""The 44 event names of CONTRACT §3.2; INVENTORY are those that this product publishes."""

INVENTORY = (
    "inventory_transaction.items_received",
    "inventory_transaction.items_ready_for_handover",
    "inventory_transaction.asn_created",
    "inventory_transaction.asn_closed",
    "inventory_transaction.adjustment_created",
    "inventory_transaction.transfer_order_created",
    "inventory_transaction.transfer_order_closed",
    "inventory_count.items_counted",
)
NEIGHBOURS = {
    "fulfillment_request": (
        "assigned",
        "items_completed",
        "items_failed",
        "items_ready_for_handover",
    ),
    "order": (
        "created",
        "opened",
        "shipped",
        "completed",
        "cancelled",
        "items_swapped",
        "items_cancelled",
        "items_on_hold",
        "serial_numbers_added",
        "customer_profile_amended",
    ),
    "invoice": ("created",),
    "return": ("processed",),
    "refund_request": ("issued",),
    "payment_account": ("amount_authorized", "amount_captured", "amount_refunded", "amount_voided"),
    "customer": ("created", "updated", "address_created", "address_updated", "address_deleted"),
    "employee": ("created", "updated"),
    "cash_drawer": (
        "activity_recorded",
        "count_submitted",
        "drawer_created",
        "drawer_updated",
        "float_defined",
        "transaction_completed",
    ),
    "gift_card": ("deactivated",),
    "clienteling": ("optin_changed",),
}
EVENT_NAMES = frozenset(
    (*INVENTORY, *(f"{entity}.{act}" for entity, acts in NEIGHBOURS.items() for act in acts))
)


def entity_of(name: str) -> str:
    """The entity of an event name: `inventory_count` of `inventory_count.items_counted`."""
    return name.partition(".")[0]
