"""Advance shipping notices, what was received against them, and what became of the rest."""

from .access import Access
from .documents import BALANCE, Asn, AsnLine, AsnQuerySet, Fate
from .fates import FateDecision
from .receipts import Receipt, ReceiptLine, ReceiptMatch, ReceiptScan
from .standing import Standing

__all__ = [
    "BALANCE",
    "Access",
    "Asn",
    "AsnLine",
    "AsnQuerySet",
    "Fate",
    "FateDecision",
    "Receipt",
    "ReceiptLine",
    "ReceiptMatch",
    "ReceiptScan",
    "Standing",
]
