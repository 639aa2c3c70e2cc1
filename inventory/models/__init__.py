"""What stock is made of.

`stock`         reasons, transactions, movements, stock on hand
`reservations`  what is promised to customers and to orders
`written`       in which database transaction a row was written last
"""

from .reservations import (
    Allocation,
    CustomerReservation,
    CustomerReservationItem,
    CustomerReservationQuerySet,
)
from .stock import (
    MAX_QUANTITY,
    ActiveFullCount,
    AdjustmentReason,
    AuditEntry,
    InventoryTransaction,
    InventoryTransactionLine,
    InventoryTransactionQuerySet,
    LedgerVerification,
    StockAsOf,
    StockMovement,
    StockOnHand,
    key_to,
)
from .written import ThisTransaction, WrittenIn

__all__ = [
    "MAX_QUANTITY",
    "ActiveFullCount",
    "AdjustmentReason",
    "Allocation",
    "AuditEntry",
    "CustomerReservation",
    "CustomerReservationItem",
    "CustomerReservationQuerySet",
    "InventoryTransaction",
    "InventoryTransactionLine",
    "InventoryTransactionQuerySet",
    "LedgerVerification",
    "StockAsOf",
    "StockMovement",
    "StockOnHand",
    "ThisTransaction",
    "WrittenIn",
    "key_to",
]
