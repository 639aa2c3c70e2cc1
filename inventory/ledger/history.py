"""Loading what happened before the first day here: COPY in, windows for the balances."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError


class HistoryRefused(ActionError):
    """The history would meet stock that is already here; nothing was written."""


class HistoryDocument(NamedTuple):
    """One transaction of the past; `happened_at` is aware and is also its time of posting."""

    key: str
    type: str
    location_id: int
    from_location_id: int | None
    to_location_id: int | None
    from_stock_location_id: int | None
    to_stock_location_id: int | None
    reason_id: int | None
    reference: str
    note: str
    associate_id: str
    happened_at: datetime


class HistoryLine(NamedTuple):
    """One line of `documents[document]`: a signed quantity in that document's location."""

    document: int
    product_id: int
    stock_location_id: int
    quantity: int


class LoadReport(NamedTuple):
    documents: int
    lines: int
    movements: int
    stock_rows: int


Progress = Callable[[str, int], None]

DOCUMENTS = """
CREATE TEMPORARY TABLE history_document (
  document int, key text, type text, location_id int, from_location_id int, to_location_id int,
  from_stock_location_id smallint, to_stock_location_id smallint, reason_id int, reference text,
  note text, associate_id text, happened_at timestamptz
) ON COMMIT DROP
"""
LINES = """
CREATE TEMPORARY TABLE history_line (
  document int, product_id int, stock_location_id smallint, quantity int,
  position int GENERATED ALWAYS AS IDENTITY
) ON COMMIT DROP
"""

# One movement per transaction and stock row, numbered in the order of time. `rank` is the
# movement's future id, so that header and movement are each written once and never touched.
MOVEMENTS = """
CREATE TEMPORARY TABLE history_movement ON COMMIT DROP AS
SELECT document, rank, location_id, product_id, stock_location_id, quantity, happened_at,
       sum(quantity) OVER (PARTITION BY location_id, product_id, stock_location_id ORDER BY rank)
         AS balance,
       lead(rank) OVER (PARTITION BY location_id, product_id, stock_location_id ORDER BY rank)
         IS NULL AS is_last
  FROM (
    SELECT document, location_id, product_id, stock_location_id, happened_at,
           sum(quantity)::int AS quantity,
           row_number() OVER (ORDER BY happened_at, document, product_id, stock_location_id)
             AS rank
      FROM history_line JOIN history_document USING (document)
     GROUP BY document, location_id, product_id, stock_location_id, happened_at
  ) AS summed
"""
TRANSACTIONS = """
CREATE TEMPORARY TABLE history_transaction ON COMMIT DROP AS
SELECT document,
       %(last_transaction)s + row_number() OVER (ORDER BY happened_at, document) AS id,
       coalesce(first_rank, 1) - 1 + %(last_movement)s AS movements_after,
       coalesce(movement_count, 0) AS movement_count
  FROM history_document
  LEFT JOIN (
    SELECT document, min(rank) AS first_rank, count(*) AS movement_count
      FROM history_movement GROUP BY document
  ) AS moved USING (document)
"""
OCCUPIED = """
SELECT count(*) FROM inventory_stockonhand AS held
 WHERE EXISTS (SELECT FROM history_movement AS moved
                WHERE (moved.location_id, moved.product_id, moved.stock_location_id)
                    = (held.location_id, held.product_id, held.stock_location_id))
"""
INSERT_TRANSACTIONS = """
INSERT INTO inventory_inventorytransaction (
  id, uuid, type, status, location_id, from_location_id, to_location_id, from_stock_location_id,
  to_stock_location_id, reason_id, reference, note, associate_id, started_at, completed_at,
  operation_key, movements_after, movement_count)
SELECT id, gen_random_uuid(), type, 'COMPLETED', location_id, from_location_id, to_location_id,
       from_stock_location_id, to_stock_location_id, reason_id, reference, note, associate_id,
       happened_at, happened_at, key, movements_after, movement_count
  FROM history_document JOIN history_transaction USING (document)
 ORDER BY id
"""
INSERT_LINES = """
INSERT INTO inventory_inventorytransactionline (
  transaction_id, position, product_id, quantity, from_stock_location_id, to_stock_location_id)
SELECT id, row_number() OVER (PARTITION BY id ORDER BY position), product_id, abs(quantity),
       CASE WHEN quantity < 0 THEN stock_location_id END,
       CASE WHEN quantity >= 0 THEN stock_location_id END
  FROM history_line JOIN history_transaction USING (document)
"""
INSERT_MOVEMENTS = """
INSERT INTO inventory_stockmovement (
  id, transaction_id, location_id, product_id, stock_location_id, quantity, balance,
  happened_at, posted_at)
SELECT %(last_movement)s + rank, id, location_id, product_id, stock_location_id, quantity,
       balance, happened_at, happened_at
  FROM history_movement JOIN history_transaction USING (document)
 ORDER BY rank
"""
INSERT_STOCK = """
INSERT INTO inventory_stockonhand (location_id, product_id, stock_location_id, quantity)
SELECT location_id, product_id, stock_location_id, balance FROM history_movement WHERE is_last
 ORDER BY 1, 2, 3
"""
ADVANCE = """
SELECT setval('inventory_stockmovement_id_seq',
              (SELECT coalesce(max(id), 0) + 1 FROM inventory_stockmovement), false),
       setval('inventory_inventorytransaction_id_seq',
              (SELECT coalesce(max(id), 0) + 1 FROM inventory_inventorytransaction), false)
"""


def load(
    documents: Sequence[HistoryDocument],
    lines: Iterable[HistoryLine],
    *,
    progress: Progress | None = None,
) -> LoadReport:
    """Load history into stock rows that do not exist yet (DESIGN §4); publishes no event.

    Movements are posted at the time they happened, and balances run in that order, whoever
    masters the location. `progress(stage, rows)` is called after each stage. Runs inside the
    caller's transaction, and holds other postings off until it ends.

    Raises:
        HistoryRefused: a stock row of the history is already here.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A load needs a transaction of its own.")
    tell = progress or (lambda stage, rows: None)
    with connection.cursor() as cursor:
        cursor.execute(
            "LOCK TABLE inventory_inventorytransaction, inventory_stockmovement IN EXCLUSIVE MODE"
        )
        # Sorting a year in memory instead of on disk.
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(DOCUMENTS)
        cursor.execute(LINES)
        copy_in(cursor, "history_document", ((i, *d) for i, d in enumerate(documents)))
        tell("documents", len(documents))
        copied = copy_in(
            cursor, "history_line (document, product_id, stock_location_id, quantity)", lines
        )
        tell("lines", copied)
        cursor.execute("ANALYZE history_document, history_line")
        cursor.execute(MOVEMENTS)
        tell("balances", cursor.rowcount)
        cursor.execute("ANALYZE history_movement")
        refuse_occupied(cursor)
        last = last_ids(cursor)
        cursor.execute(TRANSACTIONS, last)
        cursor.execute("ANALYZE history_transaction")
        counts = []
        for stage, statement in (
            ("transactions", INSERT_TRANSACTIONS),
            ("transaction lines", INSERT_LINES),
            ("movements", INSERT_MOVEMENTS),
            ("stock", INSERT_STOCK),
        ):
            cursor.execute(statement, last)
            counts.append(cursor.rowcount)
            tell(stage, cursor.rowcount)
        cursor.execute(ADVANCE)
    return LoadReport(*counts)


def copy_in(cursor, target: str, rows: Iterable[tuple]) -> int:
    number = 0
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            number += 1
    return number


def refuse_occupied(cursor) -> None:
    cursor.execute(OCCUPIED)
    (occupied,) = cursor.fetchone()
    if occupied:
        raise HistoryRefused(
            _(
                "%(count)s stock rows of this history are already here. "
                "Load it into an empty database."
            )
            % {"count": occupied}
        )


def last_ids(cursor) -> dict[str, int]:
    """Highest ids in use, nextval included: a sequence may be ahead of its table."""
    cursor.execute(
        "SELECT nextval('inventory_inventorytransaction_id_seq'),"
        " nextval('inventory_stockmovement_id_seq')"
    )
    transaction_id, movement_id = cursor.fetchone()
    return {"last_transaction": transaction_id, "last_movement": movement_id}
