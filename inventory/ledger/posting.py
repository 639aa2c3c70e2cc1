"""Posting: one statement per transaction, rows taken in key order (PERFORMANCE rule 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError

from ..models import MAX_QUANTITY, InventoryTransaction, InventoryTransactionLine

Type = InventoryTransaction.Type


class PostingRefused(ActionError):
    """The posting makes no sense as it stands; nothing was written."""


class OperationKeyReused(PostingRefused):
    """The operation key already stands for another posting."""


class StockTooLow(PostingRefused):
    """A person asked for more than there is; `shortages` holds (product id, on hand, asked)."""

    def __init__(self, message: str, shortages: list[tuple[int, int, int]]) -> None:
        super().__init__(message)
        self.shortages = shortages


class Line(NamedTuple):
    """One typed line: `quantity` units leave `from_stock_location_id` and arrive in the other.

    A side that is None lies outside our books. Ids are primary keys; quantity is 0 or more.
    """

    product_id: int
    quantity: int
    from_stock_location_id: int | None
    to_stock_location_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What an `InventoryTransaction` says about itself; times are aware.

    `operation_key` names the act: posted twice, it moves stock once (RELIABILITY rule 7).
    Lines leave `from_location_id` and arrive at `to_location_id`; None means `location_id`. Only
    a transfer's lines stay at `location_id` until they are received where they are bound.
    """

    operation_key: str
    type: str
    location_id: int
    associate_id: str
    by_id: int | None = None
    from_location_id: int | None = None
    to_location_id: int | None = None
    from_stock_location_id: int | None = None
    to_stock_location_id: int | None = None
    reason_id: int | None = None
    reference: str = ""
    note: str = ""
    corrects_id: int | None = None
    started_at: datetime | None = None
    happened_at: datetime | None = None


class Movement(NamedTuple):
    location_id: int
    product_id: int
    stock_location_id: int
    quantity: int
    balance: int


class Posting(NamedTuple):
    """The transaction and the movements it made; a replay brings the first one's, unmoved."""

    transaction_id: int
    uuid: UUID
    movements: list[Movement]
    is_replay: bool


# The ERP masters its locations' stock, except what left them: that is gone at once (PRODUCT §8).
MOVES_ANY_STOCK = (Type.STOCK_IMPORT, Type.SHIPMENT, Type.TRANSFER)

TYPED = """
  SELECT * FROM unnest(%(products)s::int[], %(quantities)s::int[], %(from)s::smallint[],
                       %(to)s::smallint[])
    WITH ORDINALITY AS t(product_id, quantity, from_stock_location_id, to_stock_location_id, position)
"""

ROWS = """
  SELECT product_id, quantity, from_stock_location_id, to_stock_location_id,
         row_number() OVER (ORDER BY product_id, from_stock_location_id, to_stock_location_id)
           AS position
    FROM ({select}) AS t(product_id, quantity, from_stock_location_id, to_stock_location_id)
"""

# `delta` orders by the key of stock, so that any two postings take their rows in one order and
# cannot deadlock; `stock` returns the clock after the row's lock, so that time never runs
# backwards along a row.
WRITE = """
WITH typed AS ({typed}
), delta AS (
  SELECT side.location_id, product_id, stock_location_id, sum(quantity) AS quantity
    FROM (
      SELECT coalesce(%(from_location_id)s, %(location_id)s)::int AS location_id, product_id,
             from_stock_location_id AS stock_location_id, -quantity AS quantity
        FROM typed WHERE from_stock_location_id IS NOT NULL
      UNION ALL
      SELECT %(arrives_at)s::int, product_id,
             to_stock_location_id, quantity
        FROM typed WHERE to_stock_location_id IS NOT NULL
    ) AS side
    JOIN locations_fulfillmentlocation AS place ON place.id = side.location_id
   WHERE place.is_inventory_master OR %(moves_any_stock)s
   GROUP BY side.location_id, product_id, stock_location_id
), header AS (
  INSERT INTO inventory_inventorytransaction (
    uuid, type, status, location_id, from_location_id, to_location_id, from_stock_location_id,
    to_stock_location_id, reason_id, reference, note, by_id, associate_id, started_at,
    completed_at, corrects_id, operation_key, movements_after, movement_count)
  SELECT %(uuid)s::uuid, %(type)s, 'COMPLETED', %(location_id)s, %(from_location_id)s,
         %(to_location_id)s, %(from_stock_location_id)s, %(to_stock_location_id)s, %(reason_id)s,
         %(reference)s, %(note)s, %(by_id)s, %(associate_id)s, %(started_at)s, %(happened_at)s,
         %(corrects_id)s, %(operation_key)s,
         (SELECT CASE WHEN is_called THEN last_value ELSE 0 END
            FROM inventory_stockmovement_id_seq),
         (SELECT count(*) FROM delta)
  ON CONFLICT (operation_key) DO NOTHING
  RETURNING id
), line AS (
  INSERT INTO inventory_inventorytransactionline (
    transaction_id, position, product_id, quantity, from_stock_location_id, to_stock_location_id)
  SELECT header.id, position, product_id, quantity, from_stock_location_id, to_stock_location_id
    FROM header, typed
), stock AS (
  INSERT INTO inventory_stockonhand AS held (
    location_id, product_id, stock_location_id, quantity, counted_at)
  SELECT location_id, product_id, stock_location_id, delta.quantity, %(counted_at)s::timestamptz
    FROM header, delta
   {order}
  ON CONFLICT (location_id, product_id, stock_location_id)
    DO UPDATE SET quantity = held.quantity + excluded.quantity,
                  counted_at = greatest(held.counted_at, excluded.counted_at)
  RETURNING location_id, product_id, stock_location_id, quantity AS balance,
            clock_timestamp() AS posted_at
), movement AS (
  INSERT INTO inventory_stockmovement (
    transaction_id, location_id, product_id, stock_location_id, quantity, balance,
    happened_at, posted_at)
  SELECT header.id, location_id, product_id, stock_location_id, delta.quantity, balance,
         least(%(happened_at)s, posted_at), posted_at
    FROM header, stock JOIN delta USING (location_id, product_id, stock_location_id)
  RETURNING location_id, product_id, stock_location_id, quantity, balance
)
"""
STATEMENT = f"{WRITE}SELECT header.id, movement.* FROM header LEFT JOIN movement ON true"
# For thousands of rows whose movements nobody asks for.
UNTOLD = f"{WRITE}SELECT header.id, NULL FROM header"
IN_LOCK_ORDER = "ORDER BY location_id, product_id, stock_location_id"


def post(header: Header, lines: Sequence[Line], *, refuse_below_zero: bool = False) -> Posting:
    """Write a completed transaction with its lines, and move the stock they name.

    Runs inside the caller's transaction. `refuse_below_zero` is for quantities that a person
    chose (PRODUCT §4); sales, returns, imports and counts state what happened.

    Raises:
        PostingRefused: no lines, a quantity out of range, a time in the future.
        OperationKeyReused: the key already stands for a different posting.
        StockTooLow: a stock location would go below zero; the caller's transaction is spoilt.
    """
    check_lines(lines)
    products, quantities, sources, targets = zip(*lines, strict=True)
    typed = {
        "products": list(products),
        "quantities": list(quantities),
        "from": list(sources),
        "to": list(targets),
    }
    return write(header, TYPED, typed, refuse_below_zero, lines)


def post_rows(
    header: Header,
    select: str,
    params: dict[str, Any],
    *,
    refuse_below_zero: bool = False,
    tells_movements: bool = True,
) -> Posting:
    """`post()` with the lines taken from a SELECT of the four columns of `Line`.

    `select` is SQL of ours with named placeholders, never text from outside. Without
    `tells_movements` they are made all the same and not read back.
    """
    typed = ROWS.format(select=select)
    statement = STATEMENT if tells_movements or refuse_below_zero else UNTOLD
    return write(header, typed, params, refuse_below_zero, None, statement)


def check_lines(lines: Sequence[Line]) -> None:
    if not lines:
        raise PostingRefused(_("A transaction needs at least one line. Add a product."))
    for position, line in enumerate(lines, start=1):
        if not 0 <= line.quantity <= MAX_QUANTITY:
            raise PostingRefused(
                _("Line %(position)s: %(quantity)s is no quantity. Give 0 to %(most)s.")
                % {"position": position, "quantity": line.quantity, "most": MAX_QUANTITY}
            )
        if line.from_stock_location_id is None and line.to_stock_location_id is None:
            raise PostingRefused(
                _("Line %(position)s moves nothing. Give a stock location it leaves or enters.")
                % {"position": position}
            )


def write(
    header: Header,
    typed: str,
    params: dict[str, Any],
    refuse_below_zero: bool,
    lines: Sequence[Line] | None,
    statement: str = STATEMENT,
) -> Posting:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A posting needs the transaction of its act.")
    now = timezone.now()
    happened_at = header.happened_at or now
    if happened_at > now:
        raise PostingRefused(
            _("%(time)s has not come yet. Stock moves when it moves, never in the future.")
            % {"time": happened_at.isoformat()}
        )
    uuid = uuid4()
    sql = statement.format(typed=typed, order=IN_LOCK_ORDER)
    rows = run(sql, {**params, **parameters(header, uuid, happened_at)})
    if not rows:
        return replay(header, lines)
    movements = [Movement(*row[1:]) for row in rows if row[1] is not None]
    if refuse_below_zero:
        refuse_shortages(movements)
    return Posting(rows[0][0], uuid, movements, is_replay=False)


def parameters(header: Header, uuid: UUID, happened_at: datetime) -> dict[str, Any]:
    """The header as STATEMENT's placeholders."""
    # What takes a count back has counted nothing.
    is_counted = header.type == Type.COUNT_ADJUSTMENT and header.corrects_id is None
    return {
        "uuid": uuid,
        "type": str(header.type),
        "counted_at": happened_at if is_counted else None,
        "moves_any_stock": header.type in MOVES_ANY_STOCK,
        "location_id": header.location_id,
        "from_location_id": header.from_location_id,
        "to_location_id": header.to_location_id,
        "arrives_at": arrives_at(header),
        "from_stock_location_id": header.from_stock_location_id,
        "to_stock_location_id": header.to_stock_location_id,
        "reason_id": header.reason_id,
        "reference": header.reference,
        "note": header.note,
        "by_id": header.by_id,
        "associate_id": header.associate_id,
        "started_at": header.started_at or happened_at,
        "happened_at": happened_at,
        "corrects_id": header.corrects_id,
        "operation_key": header.operation_key,
    }


def arrives_at(header: Header) -> int:
    if header.type == Type.TRANSFER or header.to_location_id is None:
        return header.location_id
    return header.to_location_id


def run(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()
    except (DataError, IntegrityError) as error:
        if "in_range" in str(error) or "out of range" in str(error):
            raise PostingRefused(
                _("A stock location cannot hold more than %(most)s units. Check the quantities.")
                % {"most": MAX_QUANTITY}
            ) from error
        raise


def refuse_shortages(movements: list[Movement]) -> None:
    short = [m for m in movements if m.quantity < 0 and m.balance < 0]
    if not short:
        return
    names = dict(
        Product.objects.filter(pk__in=[m.product_id for m in short]).values_list("pk", "product_id")
    )
    # Whoever catches this may not commit half an act.
    transaction.set_rollback(True)
    raise StockTooLow(
        "; ".join(
            _("%(product)s: %(on_hand)s on hand, %(asked)s asked. Take fewer, or count it now.")
            % {
                "product": names.get(m.product_id, m.product_id),
                "on_hand": m.balance - m.quantity,
                "asked": -m.quantity,
            }
            for m in short
        ),
        [(m.product_id, m.balance - m.quantity, -m.quantity) for m in short],
    )


def replay(header: Header, lines: Sequence[Line] | None) -> Posting:
    """The posting that this key already made; another act may not borrow the key."""
    first = InventoryTransaction.objects.get(operation_key=header.operation_key)
    written = [
        Line(*row)
        for row in InventoryTransactionLine.objects.filter(transaction=first)
        .order_by("position")
        .values_list("product_id", "quantity", "from_stock_location_id", "to_stock_location_id")
    ]
    same = (first.type, first.location_id) == (header.type, header.location_id)
    if not same or (lines is not None and written != list(lines)):
        raise OperationKeyReused(
            _("The operation key %(key)s already stands for %(document)s. Use a new key.")
            % {"key": header.operation_key, "document": first}
        )
    return Posting(first.pk, first.uuid, movements_of(first), is_replay=True)


def movements_of(posted: InventoryTransaction) -> list[Movement]:
    return [Movement(*row) for row in posted.movements().values_list(*Movement._fields)]
