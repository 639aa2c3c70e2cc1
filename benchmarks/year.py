"""Loading the shop's year beside the bare COPY and window SQL that any loader needs."""

import time
from collections.abc import Iterable, Iterator, Sequence
from unittest import mock

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.ratio import Ratio
from demo.loading import load_demo
from inventory import ledger

GOAL = 2.0

# The same rows with the same keys and indexes, and nothing else: no documents, no typed lines.
BARE_TABLES = """
CREATE TABLE bare_stock (LIKE inventory_stockonhand INCLUDING ALL);
CREATE TABLE bare_movement (LIKE inventory_stockmovement INCLUDING ALL);
CREATE TEMPORARY TABLE bare_row (
  id int, document int, location_id int, product_id int, stock_location_id smallint,
  quantity int, happened_at timestamptz);
"""
BARE_MOVEMENTS = """
INSERT INTO bare_movement (id, transaction_id, location_id, product_id, stock_location_id,
                           quantity, balance, happened_at, posted_at)
SELECT id, document, location_id, product_id, stock_location_id, quantity,
       sum(quantity) OVER (PARTITION BY location_id, product_id, stock_location_id ORDER BY id),
       happened_at, happened_at
  FROM bare_row ORDER BY id
"""
BARE_STOCK = """
INSERT INTO bare_stock (location_id, product_id, stock_location_id, quantity)
SELECT location_id, product_id, stock_location_id, sum(quantity)
  FROM bare_row GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


class Undo(Exception):
    """Leaves the database as it was found."""


def run() -> Iterator[Ratio]:
    ours: list[float] = []
    honest = ledger.load

    def timed(
        documents: Sequence[ledger.HistoryDocument],
        lines: Iterable[ledger.HistoryLine],
        **options: object,
    ) -> ledger.LoadReport:
        read = list(lines)
        start = time.perf_counter()
        report = honest(documents, read, **options)
        ours.append(time.perf_counter() - start)
        return report

    limit = 0.0
    try:
        with mock.patch.object(ledger, "load", timed), transaction.atomic(durable=True):
            if load_demo(now=timezone.now()) is None:
                raise SystemExit("The year is already loaded here; benchmark an empty database.")
            limit = bare_load()
            raise Undo
    except Undo:
        yield Ratio("load_the_year", ours[0], limit, GOAL)


def bare_load() -> float:
    """Seconds for the movements of the year: COPY in, running sums, stock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, transaction_id, location_id, product_id, stock_location_id, quantity,"
            " happened_at FROM inventory_stockmovement ORDER BY id"
        )
        rows = cursor.fetchall()
        cursor.execute(BARE_TABLES)
        start = time.perf_counter()
        with cursor.copy("COPY bare_row FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE bare_row")
        cursor.execute(BARE_MOVEMENTS)
        cursor.execute(BARE_STOCK)
        return time.perf_counter() - start
