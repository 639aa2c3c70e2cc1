"""How much may be promised, and what decides it.

`facts`     rows of facts: made and locked
"""

from .facts import Key, lock_levels, open_levels

__all__ = ["Key", "lock_levels", "open_levels"]
