"""Transfer orders, the parcels that leave against them, and the routes of carriers."""

from .access import Access
from .documents import TransferOrder, TransferOrderLine, TransferOrderQuerySet
from .drafts import DraftScan, TransferDraft, TransferDraftQuerySet
from .routes import ShippingRoute
from .shipments import (
    PickScan,
    TransferTransaction,
    TransferTransactionLine,
    TransferTransactionQuerySet,
)

__all__ = [
    "Access",
    "DraftScan",
    "PickScan",
    "ShippingRoute",
    "TransferDraft",
    "TransferDraftQuerySet",
    "TransferOrder",
    "TransferOrderLine",
    "TransferOrderQuerySet",
    "TransferTransaction",
    "TransferTransactionLine",
    "TransferTransactionQuerySet",
]
