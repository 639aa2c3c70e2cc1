"""What stock was and what may be promised, beside what it is; and a workbook's memory."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import connection

from benchmarks import audit
from benchmarks.asking import STOCK, view_of
from benchmarks.filling import code, fill_stock, settle, visitor
from benchmarks.floor import ROWS
from benchmarks.ratio import Amount, Figure, Ratio, medians
from benchmarks.sizes import Sizes
from inventory.ledger import period
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.exports.asking import open_list
from omnichannel.exports.building import write
from omnichannel.jobs.progress import Silent
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web import keyset
from omnichannel.web.listing import Position, read_page

LEVELS = "/catalog/stock-levels/"
MOST_MS = 12
BIG, SMALL = code(1), code(13)
# The filters and sorts that page B is measured with, as far as the page has them.
CASES = {
    "by_key": "",
    "one_store": f"store={SMALL}",
    "big_store": f"store={BIG}",
    "product": "product=P00000777",
    "one_code": "q=P00000777",
    "common_text_in_one_store": f"q=cashmere&store={SMALL}",
    "sort_store": "sort=store",
    "sort_name": "sort=name",
    "available_in_one_store": f"store={SMALL}&state=available",
}
# A tenth of what is in stock has facts beside it.
FACTS = """
INSERT INTO fulfilment_stocklevel (location_id, product_id, safety_stock, allocated)
SELECT location_id, product_id, product_id % 4, product_id % 3
  FROM inventory_stockonhand
 WHERE product_id % 10 = 0
   AND stock_location_id = (SELECT id FROM locations_stocklocation WHERE name = 'main')
ON CONFLICT DO NOTHING
"""
BEGINNING = datetime(2026, 1, 1)
MEGABYTE = 1024
WORKBOOKS = (20_000, 200_000)


def run(sizes: Sizes) -> Iterator[Figure]:
    fill_stock(sizes, sizes.stock_rows)
    audit.fill_ledger(sizes.movements)
    with connection.cursor() as cursor:
        cursor.execute(FACTS)
    settle("fulfilment_stocklevel")
    user = visitor(is_scoped=False)
    yield from beside_now(sizes, user)
    yield from levels(sizes, user)
    yield period_of_a_store(sizes)
    yield workbook_memory(user)


def reader(address: str, user: User) -> Callable[[], str]:
    """SQL and table body of a first page."""
    view = view_of(address, user)
    view.prepare()
    rows = view.read()
    order = keyset.ordering(view.table, view.asked.sort, view.asked.is_descending)
    visible = tuple(view.table.base_columns)

    def read() -> str:
        with view.reading():
            return read_page(view.table, rows, visible, order, Position(), ROWS).body

    assert read().count("<tr") or "product" in address
    return read


def beside_now(sizes: Sizes, user: User) -> Iterator[Figure]:
    """The whole answer of a page of the past beside that of the page of now."""
    length = timedelta(seconds=10 * sizes.movements // audit.LINES)
    for name, part in (("yesterday", 0.99), ("half_way", 0.5), ("at_first", 0.01)):
        moment = (BEGINNING + length * part).isoformat(timespec="minutes")
        past = reader(f"{STOCK}as-of/?as_of={moment}", user)
        then, now = medians(past, reader(STOCK, user), rounds=sizes.rounds(60))
        yield Ratio(f"stock_as_of_{name}", then, now, 3.0)


def levels(sizes: Sizes, user: User) -> Iterator[Figure]:
    for name, words in CASES.items():
        (seconds,) = medians(reader(f"{LEVELS}?{words}", user), rounds=sizes.rounds(30))
        yield Amount(f"stock_levels_{name}_ms", seconds * 1e3, MOST_MS)


def period_of_a_store(sizes: Sizes) -> Figure:
    """Beside one bare pass over the store's movements."""
    store = FulfillmentLocation.objects.select_related("pricebook").get(code=SMALL)
    report = period.Period(store, BEGINNING.date(), (BEGINNING + timedelta(days=9)).date())

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT product_id, sum(quantity) FROM inventory_stockmovement"
                " WHERE location_id = %s GROUP BY product_id",
                [store.pk],
            )
            cursor.fetchall()

    ours, limit = medians(lambda: period.summed_up(report), bare, rounds=sizes.rounds(10), warm=1)
    return Ratio("period_report_of_a_store", ours, limit, 6.0)


def workbook_memory(user: User) -> Figure:
    """By how many megabytes ten times as many rows raise what a workbook takes."""
    small, large = (growth(user, rows) for rows in WORKBOOKS)
    print(f"# workbooks of {WORKBOOKS} rows: {small:.0f} and {large:.0f} MB above the process")
    return Amount("workbook_memory_growth_mb", max(0.0, large - small), 30)


def growth(user: User, most: int) -> float:
    page = open_list(user, f"{STOCK}?store={BIG}")
    first = Product.objects.order_by("pk").values_list("pk", flat=True)[0]
    rows = page.read().filter(product_id__lt=first + most)
    before, highest, is_over = memory(), [0.0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.2):
            highest.append(memory())

    watching = threading.Thread(target=watch)
    watching.start()
    with tempfile.TemporaryFile() as file:
        write(page, rows, "xlsx", file, Silent())
        highest.append(memory())
    is_over.set()
    watching.join()
    return max(highest) - before


def memory() -> float:
    """Megabytes that this process holds."""
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(os.getpid())], check=True, capture_output=True, text=True
    )
    return int(told.stdout) / MEGABYTE
