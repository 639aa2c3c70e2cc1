"""Bars of the last hours as shapes: presentation attributes only, colours by class (UI §4)."""

from collections.abc import Sequence
from typing import NamedTuple

from .queries import Hour

HEIGHT = 60
SLOT, WIDTH = 10, 8


class Bar(NamedTuple):
    """One hour: taken ones below, failed ones on top of them."""

    hour: Hour
    x: int
    taken_y: float
    taken_height: float
    failed_y: float
    failed_height: float


class Plot(NamedTuple):
    bars: list[Bar]
    width: int
    height: int
    taken: int
    failed: int
    most: int


def bars(hours: Sequence[Hour]) -> Plot:
    """The highest bar fills the height; an hour with one attempt can be seen beside it."""
    most = max((hour.taken + hour.failed for hour in hours), default=0)
    return Plot(
        [bar(place, hour, most) for place, hour in enumerate(hours)],
        len(hours) * SLOT,
        HEIGHT,
        sum(hour.taken for hour in hours),
        sum(hour.failed for hour in hours),
        most,
    )


def bar(place: int, hour: Hour, most: int) -> Bar:
    taken, failed = (scaled(number, most) for number in (hour.taken, hour.failed))
    failed = min(failed, HEIGHT - 1.0)
    taken = min(taken, HEIGHT - failed)
    return Bar(hour, place * SLOT + 1, HEIGHT - taken, taken, HEIGHT - taken - failed, failed)


def scaled(number: int, most: int) -> float:
    return max(1.5, round(HEIGHT * number / most, 1)) if number else 0.0
