"""How a figure is measured and told."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Ratio(NamedTuple):
    """`ours` and `limit` in seconds; the goal is the upper bound of ours divided by the limit.

    With `is_least`, ours is the rival's time and `limit` the product's: the goal is a lower bound.
    """

    name: str
    ours: float
    limit: float
    goal: float
    is_least: bool = False

    @property
    def value(self) -> float:
        return self.ours / self.limit

    @property
    def is_held(self) -> bool:
        return self.value >= self.goal if self.is_least else self.value <= self.goal

    def __str__(self) -> str:
        beside = f"{self.ours * 1e3:.2f} ms beside {self.limit * 1e3:.2f} ms"
        return f"# {self.name}: {beside}\n{line(self)}"


class Amount(NamedTuple):
    """A figure that is no ratio, in the unit that its name ends in; the goal is its upper bound."""

    name: str
    value: float
    goal: float
    is_least: bool = False

    @property
    def is_held(self) -> bool:
        return self.value <= self.goal

    def __str__(self) -> str:
        return line(self)


Figure = Ratio | Amount


def line(figure: Figure) -> str:
    bound = ">=" if figure.is_least else ""
    verdict = "HELD" if figure.is_held else "MISSED"
    return f"RATIO {figure.name} {figure.value:.2f} {bound}{figure.goal:.2f} {verdict}"


def medians(
    *acts: Callable[[], object],
    rounds: int,
    warm: int = 5,
    before: Callable[[], object] = lambda: None,
) -> list[float]:
    """Median seconds of each, taken in turn, so that a busy neighbour slows all alike.

    `before` is called before each act, and not timed.
    """
    times: list[list[float]] = [[] for _act in acts]
    # What one leaves behind is not cleared away in the time of another.
    gc.collect()
    gc.freeze()
    for number in range(rounds + warm):
        for side, act in zip(times, acts, strict=True):
            before()
            gc.collect()
            start = time.perf_counter()
            act()
            if number >= warm:
                side.append(time.perf_counter() - start)
    return [statistics.median(side) for side in times]


def paired(
    ours: Callable[[int], None], limit: Callable[[int], None], *, rounds: int, warm: int = 20
) -> tuple[float, float]:
    """`medians` of two acts that are told the number of the round."""
    numbers = [iter(range(rounds + warm)) for _side in range(2)]
    first, second = medians(
        lambda: ours(next(numbers[0])),
        lambda: limit(next(numbers[1])),
        rounds=rounds,
        warm=warm,
    )
    return first, second
