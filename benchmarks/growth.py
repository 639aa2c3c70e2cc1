"""Every sort, every filter and twelve pairs of Stock On Hand, at a million rows and at more.

What is measured is all SQL that the rows of a page need: the ids of a search among them, the total
not, for it comes later and is capped.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import connection

from benchmarks.asking import STOCK, view_of
from benchmarks.filling import COMMON, RARE, fill_stock, visitor
from benchmarks.floor import ROWS
from benchmarks.ratio import Amount, Figure, Ratio
from benchmarks.sizes import Sizes
from omnichannel.accounts.models import User
from omnichannel.web import keyset
from omnichannel.web.listing import Position, read_page

MOST_MS, MOST_GROWTH = 12, 2.0
BIG, SMALL = "S-0001", "S-0013"
SORTS = {
    f"sort_{name}_{way}": f"sort={sign}{name}"
    for name in ("name", "product_id", "sku", "size", "color", "store")
    for way, sign in (("up", ""), ("down", "-"))
}
FILTERS = {
    "by_key": "",
    "common_text": f"q={COMMON}",
    "rare_text": f"q={RARE}",
    "one_code": "q=P00000777",
    "one_store": f"store={SMALL}",
    "big_store": f"store={BIG}",
    "stock_location": "stock_location=damaged",
    "size": "size=M",
    "color": "color=Navy",
    "product": "product=P00000777",
    "level_negative": "level=negative",
    "level_low": "level=low",
    "on_hand": "on_hand_min=10&on_hand_max=20",
}
PAIRS = {
    "common_text_by_name": f"q={COMMON}&sort=name",
    "common_text_by_store": f"q={COMMON}&sort=store",
    "common_text_in_one_store": f"q={COMMON}&store={SMALL}",
    "common_text_in_one_store_by_name": f"q={COMMON}&store={SMALL}&sort=name",
    "rare_text_by_name": f"q={RARE}&sort=name",
    "rare_text_in_one_store": f"q={RARE}&store={SMALL}",
    "one_store_by_name": f"store={SMALL}&sort=name",
    "one_store_by_on_hand": f"store={SMALL}&sort=-on_hand",
    "big_store_by_name": f"store={BIG}&sort=name",
    "size_by_name": "size=M&sort=name",
    "size_and_color": "size=M&color=Navy",
    "negative_in_one_store": f"store={SMALL}&level=negative",
}
CASES = {**FILTERS, **SORTS, **PAIRS}


# What does not grow: how busy the machine is, measured beside each case.
YARDSTICK = "SELECT * FROM catalog_product ORDER BY name_key, id LIMIT 500"


class Measured(NamedTuple):
    """Seconds of a case, of the yardstick at the same time, and of the case's fastest quarter.

    A bound in milliseconds is about the work, so what a neighbour takes away does not count.
    """

    spent: float
    yardstick: float
    undisturbed: float


def run(sizes: Sizes) -> Iterator[Figure]:
    fill_stock(sizes, sizes.first_stock_rows)
    before = {name: measure(ask, sizes) for name, ask in questions()}
    if sizes.stock_rows <= sizes.first_stock_rows:
        yield from (sql_ms(name, case) for name, case in before.items())
        return
    fill_stock(sizes, sizes.stock_rows)
    for name, ask in questions():
        now = measure(ask, sizes)
        yield sql_ms(name, now)
        then = before[name].spent * now.yardstick / before[name].yardstick
        yield Ratio(f"{name}_growth", now.spent, then, MOST_GROWTH)


def sql_ms(name: str, case: Measured) -> Figure:
    return Amount(f"{name}_sql_ms", case.undisturbed * 1e3, MOST_MS)


def questions() -> Iterator[tuple[str, Callable[[], float]]]:
    """Each case as somebody asks it who sees all stores, and who sees five."""
    for is_scoped in (False, True):
        user = visitor(is_scoped=is_scoped)
        whose = "scoped" if is_scoped else "all"
        for name, words in CASES.items():
            # The big store is none of the five.
            if not is_scoped or BIG not in words:
                yield f"{whose}_{name}", question(f"{STOCK}?{words}", user)


def question(address: str, user: User) -> Callable[[], float]:
    def ask() -> float:
        """Seconds of SQL for the first page."""
        view = view_of(address, user)
        with Stopwatch() as stopwatch:
            rows = view.read()
            order = keyset.ordering(view.table, view.asked.sort, view.asked.is_descending)
            read_page(view.table, rows, view.asked.visible, order, Position(), ROWS)
        assert not view.asked.notices, view.asked.notices
        return stopwatch.spent

    return ask


class Stopwatch:
    """The time that statements of this connection take."""

    def __enter__(self) -> "Stopwatch":
        self.spent = 0.0
        self.wrapper = connection.execute_wrapper(self.timed)
        self.wrapper.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.wrapper.__exit__(*error)

    def timed(self, execute: Callable, *arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.spent += time.perf_counter() - start


def measure(ask: Callable[[], float], sizes: Sizes) -> Measured:
    times: list[tuple[float, float]] = []
    for _round in range(sizes.rounds(15) + 1):
        with Stopwatch() as stopwatch, connection.cursor() as cursor:
            cursor.execute(YARDSTICK)
        times.append((ask(), stopwatch.spent))
    spent, yardstick = zip(*times[1:], strict=True)
    quarter = statistics.quantiles(spent, n=4)[0]
    return Measured(statistics.median(spent), statistics.median(yardstick), quarter)
