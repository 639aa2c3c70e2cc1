"""The acts of this room; a page, an API operation, a task and a command all call these.

`adjust_stock`, `swap_products`, `correct_transaction`   what a person does to a number
`return_items`                                           what a customer brought back
`reserve_items`, `accept_reservation`, `reject_reservation`, `settle_items`, `release_reservation`,
`notice_expired`                                         what is set aside for customers
`create_reason`, `change_reason`                         the words for why
`verify_ledger`                                          the nightly proof
"""

from .adjustments import Adjusted, Typed, adjust_stock, correct_transaction, swap_products
from .reasons import as_told, change_reason, create_reason
from .reservations import (
    MOST_MINUTES,
    Outcome,
    Reserved,
    accept_reservation,
    notice_expired,
    reject_reservation,
    release_reservation,
    reserve_items,
    settle_items,
)
from .returns import Returned, return_items
from .verification import VERIFICATION_LOCK, verify_ledger

__all__ = [
    "MOST_MINUTES",
    "VERIFICATION_LOCK",
    "Adjusted",
    "Outcome",
    "Reserved",
    "Returned",
    "Typed",
    "accept_reservation",
    "adjust_stock",
    "as_told",
    "change_reason",
    "correct_transaction",
    "create_reason",
    "notice_expired",
    "reject_reservation",
    "release_reservation",
    "reserve_items",
    "return_items",
    "settle_items",
    "swap_products",
    "verify_ledger",
]
