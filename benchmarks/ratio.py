"""How a figure is measured and told."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Ratio(NamedTuple):
    """`value` is our time divided by the limit's; the goal is its upper bound."""

    name: str
    ours: float
    limit: float
    goal: float

    @property
    def value(self) -> float:
        return self.ours / self.limit

    @property
    def is_held(self) -> bool:
        return self.value <= self.goal

    def __str__(self) -> str:
        verdict = "HELD" if self.is_held else "MISSED"
        return (
            f"# {self.name}: {self.ours * 1e3:.2f} ms beside {self.limit * 1e3:.2f} ms\n"
            f"RATIO {self.name} {self.value:.2f} {self.goal:.2f} {verdict}"
        )


def paired(
    ours: Callable[[int], None], limit: Callable[[int], None], *, rounds: int, warm: int = 20
) -> tuple[float, float]:
    """Median seconds of both sides, taken in turn, so that a busy neighbour slows both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + warm):
        for side, act in zip(times, (ours, limit), strict=True):
            start = time.perf_counter()
            act(number)
            if number >= warm:
                side.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])
