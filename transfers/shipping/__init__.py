"""What a transfer does to stock, and the only writer of its lines' figures.

`rows`          an order and a parcel under their locks, and the statements that change their figures
`setting_aside` units of an order into `_transfers` and back
`leaving`       units of a parcel out of the origin's stock
"""

from .leaving import leave
from .rows import LineRow, lines_of, lock, lock_parcel, refresh
from .setting_aside import give_back, set_aside

__all__ = [
    "LineRow",
    "give_back",
    "leave",
    "lines_of",
    "lock",
    "lock_parcel",
    "refresh",
    "set_aside",
]
