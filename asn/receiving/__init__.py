"""Where the units of a notice are: the only writer of its lines (PRODUCT §6).

`rows`         a notice under its lock, its lines, and the statements that change them
`allocation`   which line a received unit belongs to, and which fate it undoes; pure
`shelves`      what a unit that changes its place does to stock
"""

from .allocation import OverReceived, Part, Taken, refuse_over_receipt, spread_all
from .arrival import apply_arrival
from .rows import LineRow, Moves, Totals, apply, integers, lines_of, lock, refresh
from .shelves import Shelves, arriving, between, shelves

__all__ = [
    "LineRow",
    "Moves",
    "OverReceived",
    "Part",
    "Shelves",
    "Taken",
    "Totals",
    "apply",
    "apply_arrival",
    "arriving",
    "between",
    "integers",
    "lines_of",
    "lock",
    "refresh",
    "refuse_over_receipt",
    "shelves",
    "spread_all",
]
