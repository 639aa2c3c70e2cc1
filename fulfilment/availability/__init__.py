"""How much may be promised, what decides it, and what was promised (ADR 0030).

`facts`      rows of facts: made and locked
`asking`     ATP of products in locations
`hook`       what an outside system says of the stock that it keeps
`promising`  items of orders: promised, ended, counted
`telling`    all of it, or what has changed since, in a snapshot of its own
`files`      rows as a ZIP, in pieces that any web server finds
"""

from .asking import atp_of
from .facts import Key, lock_levels, open_levels
from .hook import told_outside
from .promising import (
    NotAvailable,
    PromisedElsewhere,
    Wanted,
    end,
    expire,
    lock,
    lock_order,
    promise,
)

__all__ = [
    "Key",
    "NotAvailable",
    "PromisedElsewhere",
    "Wanted",
    "atp_of",
    "end",
    "expire",
    "lock",
    "lock_levels",
    "lock_order",
    "open_levels",
    "promise",
    "told_outside",
]
