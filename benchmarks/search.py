"""Quick search over the whole range of products: all SQL of one keystroke."""

import statistics
from collections.abc import Iterator

from benchmarks.filling import COMMON, RARE, fill_stock, visitor
from benchmarks.growth import Stopwatch
from benchmarks.ratio import Amount, Figure
from benchmarks.sizes import Sizes
from overview import queries

MOST_MS = 20
TEXTS = {
    "common_text": COMMON,
    "two_words": "cashmere hoodie",
    "rare_text": RARE,
    "nothing": "no such words",
    "one_code": "P00000777",
    "part_of_codes": "P0000077",
    "two_letters": "ca",
}


def run(sizes: Sizes) -> Iterator[Figure]:
    fill_stock(sizes, sizes.first_stock_rows)
    user = visitor(is_scoped=True)

    def seconds(text: str) -> float:
        with Stopwatch() as stopwatch:
            queries.products(text)
            list(queries.transactions(text, user))
            queries.locations(text, user)
        return stopwatch.spent

    for name, text in TEXTS.items():
        seconds(text)
        spent = statistics.median(seconds(text) for _round in range(sizes.rounds(15)))
        yield Amount(f"quick_search_{name}_sql_ms", spent * 1e3, MOST_MS)
