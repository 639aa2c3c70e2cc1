"""The acts of this room; a page, an API operation, a task and a command all call these.

`adjust_stock`, `swap_products`, `correct_transaction`   what a person does to a number
`return_items`                                           what a customer brought back
`verify_ledger`                                          the nightly proof
"""

from .adjustments import Adjusted, Typed, adjust_stock, correct_transaction, swap_products
from .returns import Returned, return_items
from .verification import VERIFICATION_LOCK, verify_ledger

__all__ = [
    "VERIFICATION_LOCK",
    "Adjusted",
    "Returned",
    "Typed",
    "adjust_stock",
    "correct_transaction",
    "return_items",
    "swap_products",
    "verify_ledger",
]
