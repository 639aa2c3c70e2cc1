"""The acts of this room; a page, an API operation, a task and a command all call these.

`adjust_stock`, `swap_products`, `correct_transaction`   what a person does to a number
`return_items`                                           what a customer brought back
`create_reason`, `change_reason`                         the words for why
`verify_ledger`                                          the nightly proof
"""

from .adjustments import Adjusted, Typed, adjust_stock, correct_transaction, swap_products
from .reasons import as_told, change_reason, create_reason
from .returns import Returned, return_items
from .verification import VERIFICATION_LOCK, verify_ledger

__all__ = [
    "VERIFICATION_LOCK",
    "Adjusted",
    "Returned",
    "Typed",
    "adjust_stock",
    "as_told",
    "change_reason",
    "correct_transaction",
    "create_reason",
    "return_items",
    "swap_products",
    "verify_ledger",
]
