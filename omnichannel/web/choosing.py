"""Which columns a list shows, and in which order (UI §7.7)."""

from collections.abc import Iterable
from typing import NamedTuple

from .columns import Quantity
from .tables import Table

# In place of names: every column, as declared.
EVERY = "all"


class ColumnBox(NamedTuple):
    """One column as the chooser offers it; a locked one stands where it stands."""

    name: str
    label: str
    is_shown: bool
    is_locked: bool


def locked(table: type[Table]) -> tuple[str, ...]:
    """What tells a row from another: its first column, and its key number."""
    first = next(iter(table.base_columns))
    numbers = (n for n, column in table.base_columns.items() if isinstance(column, Quantity))
    return (first, *(name for name in numbers if name != first))


def boxes(table: type[Table], visible: Iterable[str]) -> list[ColumnBox]:
    """The shown ones in their order, then the others as declared."""
    shown, fast = list(visible), locked(table)
    others = [name for name in table.base_columns if name not in shown]
    return [
        ColumnBox(name, str(table.base_columns[name].verbose_name), name in shown, name in fast)
        for name in (*shown, *others)
    ]


def arranged(table: type[Table], names: Iterable[str]) -> str:
    """The word for these columns: the first one first, the key number last, unknown ones left out.

    Empty where that is the list as declared.
    """
    first, *numbers = locked(table)
    between = dict.fromkeys(n for n in names if n in table.base_columns and n not in locked(table))
    chosen = (first, *between, *numbers)
    return "" if chosen == tuple(table.base_columns) else ".".join(chosen)
