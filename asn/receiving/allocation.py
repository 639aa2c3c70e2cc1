"""Which line a received unit belongs to, and what it undoes there. Pure: rows in, parts out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from ..models import Fate
from ..queries import Names
from .rows import LineRow

# What a late arrival takes first: what nobody decided about, then what says that it never came.
UNDONE = tuple(
    (fate, fate.column)
    for fate in (
        Fate.DECIDE_LATER,
        Fate.NEVER_SHIPPED,
        Fate.LOST,
        Fate.DAMAGED,
        Fate.RETURN,
        Fate.ELSEWHERE,
    )
)


class OverReceived(ActionError):
    """More than was shipped, where the business allows none (PRODUCT §6)."""


class Part(NamedTuple):
    """Units of one line that came from one fate; `fate` is None for more than was shipped."""

    fate: Fate | None
    quantity: int


class Taken(NamedTuple):
    """Units of one product for one line; `line` is None where there is none yet.

    `over` of the `quantity` are more than was shipped.
    """

    line: LineRow | None
    product_id: int
    carton_id: str
    parts: list[Part]
    quantity: int
    over: int


def taken_of(line: LineRow | None, product_id: int, carton_id: str, parts: list[Part]) -> Taken:
    quantity = over = 0
    for part in parts:
        quantity += part.quantity
        over += 0 if part.fate else part.quantity
    return Taken(line, product_id, carton_id, parts, quantity, over)


def spread(
    lines: Sequence[LineRow],
    product_id: int,
    quantity: int,
    carton_id: str | None,
    returning: Mapping[int, int],
) -> list[Taken]:
    """Units of one product over the lines that expect it, each up to what it lacks.

    What is too much goes to the line without a carton, else to the last one: over-receipt of
    one line never makes up for another (PRODUCT §6).

    Args:
        lines: of this product.
        carton_id: only this carton's line; None for whichever lacks it.
        returning: units by line that were to go back and have not arrived there.
    """
    wanted = [line for line in lines if carton_id is None or line.carton_id == carton_id]
    parts: dict[int, list[Part]] = {line.id: [] for line in wanted}
    for line in wanted:
        for fate, column in UNDONE:
            there = returning.get(line.id, 0) if fate == Fate.RETURN else line.at(column)
            taken = min(there, quantity)
            if taken > 0:
                parts[line.id].append(Part(fate, taken))
                quantity -= taken
            if not quantity:
                break
    if quantity and not wanted:
        return [taken_of(None, product_id, carton_id or "", [Part(None, quantity)])]
    if quantity:
        loose = next((line for line in wanted if not line.carton_id), wanted[-1])
        parts[loose.id].append(Part(None, quantity))
    return [
        taken_of(line, product_id, line.carton_id, parts[line.id])
        for line in wanted
        if parts[line.id]
    ]


def spread_all(
    lines: Sequence[LineRow],
    wanted: Mapping[tuple[int, str | None], int],
    returning: Mapping[int, int],
) -> list[Taken]:
    """`spread` of several products; what names its carton goes first.

    Args:
        wanted: units by product and carton.
    """
    left: dict[int, dict[int, LineRow]] = {}
    for line in lines:
        left.setdefault(line.product_id, {})[line.id] = line
    back = dict(returning)
    products = [product_id for product_id, _carton in wanted]
    several = {pk for pk, times in Counter(products).items() if times > 1}
    taken: list[Taken] = []
    for (product_id, carton_id), quantity in sorted(
        wanted.items(), key=lambda item: (item[0][0], item[0][1] is None, item[0][1] or "")
    ):
        here = left.get(product_id, {})
        found = spread(list(here.values()), product_id, quantity, carton_id, back)
        for one in found:
            if one.line and product_id in several:
                here[one.line.id], back[one.line.id] = after(one, back.get(one.line.id, 0))
        taken += found
    return taken


def after(taken: Taken, back: int) -> tuple[LineRow, int]:
    line = taken.line
    assert line is not None
    changes = {"received": line.received + taken.quantity}
    for part in taken.parts:
        if part.fate:
            changes[part.fate.column] = line.at(part.fate.column) - part.quantity
        if part.fate == Fate.RETURN:
            back -= part.quantity
    return LineRow(**{**line._asdict(), **changes}), back


def refuse_over_receipt(taken: Sequence[Taken], names: Names) -> None:
    """
    Raises:
        OverReceived: naming every product with what is expected, received and asked.
    """
    too_many = [one for one in taken if one.over]
    if too_many:
        raise OverReceived(
            "; ".join(
                _(
                    "%(product)s: %(expected)s expected, %(received)s received so far, "
                    "%(asked)s more asked. Receive %(possible)s at most."
                )
                % {
                    "product": names[one.product_id][0],
                    "expected": one.line.expected if one.line else 0,
                    "received": one.line.received if one.line else 0,
                    "asked": one.quantity,
                    "possible": one.quantity - one.over,
                }
                for one in too_many
            )
        )
