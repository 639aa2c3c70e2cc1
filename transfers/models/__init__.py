"""Transfer orders, the parcels that leave against them, and the routes of carriers."""

from .access import Access
from .documents import TransferOrder, TransferOrderLine, TransferOrderQuerySet
from .routes import ShippingRoute
from .shipments import (
    PickScan,
    TransferTransaction,
    TransferTransactionLine,
    TransferTransactionQuerySet,
)

__all__ = [
    "Access",
    "PickScan",
    "ShippingRoute",
    "TransferOrder",
    "TransferOrderLine",
    "TransferOrderQuerySet",
    "TransferTransaction",
    "TransferTransactionLine",
    "TransferTransactionQuerySet",
]
