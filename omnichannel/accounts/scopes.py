"""What a token may be used for. A permission says what its user may do; a call needs both.

The names of CONTRACT §1 where it has any; the others are ours.
"""

LOCATIONS_READ, LOCATIONS_WRITE = "locations:read", "locations:write"
STOCK_READ, STOCK_WRITE = "inventory:stock:read", "inventory:stock:write"
RESERVATIONS_READ, RESERVATIONS_WRITE = (
    "inventory:reservations:read",
    "inventory:reservations:write",
)
TRANSACTIONS_READ, TRANSACTIONS_WRITE = (
    "inventory:transactions:read",
    "inventory:transactions:write",
)
REASONS_READ, REASONS_WRITE = "inventory:reasons:read", "inventory:reasons:write"
CONFIGURATION_READ, CONFIGURATION_WRITE = (
    "newstore:configuration:read",
    "newstore:configuration:write",
)
IMPORT_READ, IMPORT_WRITE = "import:read", "import:write"
EVENT_STREAM_READ, EVENT_STREAM_WRITE = "event-stream:read", "event-stream:write"
ROLES_READ, USERS_READ = "iam:roles:read", "iam:users:read"
AUDIT_READ = "audit-events:read"
CATALOG_READ = "catalog:product-export:read"

# Of the contract, for calls that are not offered yet: clients are registered with them.
FORESEEN = (
    "catalog:pricebook-export:read",
    "catalog:import-schemas:read",
    "catalog:import-schemas:write",
    "iam:roles:write",
    "iam:users:write",
    "iam:providers:read",
    "iam:providers:write",
    "shipments:read",
)
SCOPES = (
    LOCATIONS_READ,
    LOCATIONS_WRITE,
    STOCK_READ,
    STOCK_WRITE,
    RESERVATIONS_READ,
    RESERVATIONS_WRITE,
    TRANSACTIONS_READ,
    TRANSACTIONS_WRITE,
    REASONS_READ,
    REASONS_WRITE,
    CONFIGURATION_READ,
    CONFIGURATION_WRITE,
    IMPORT_READ,
    IMPORT_WRITE,
    EVENT_STREAM_READ,
    EVENT_STREAM_WRITE,
    ROLES_READ,
    USERS_READ,
    AUDIT_READ,
    CATALOG_READ,
    *FORESEEN,
)
