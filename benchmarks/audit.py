"""The audit trail of one product in one store, while the ledger grows around it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from benchmarks.asking import STOCK, view_of
from benchmarks.filling import code, fill_stock, settle, visitor
from benchmarks.floor import ROWS
from benchmarks.ratio import Figure, Ratio, medians
from benchmarks.sizes import Sizes
from inventory.models import InventoryTransaction, StockMovement
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from omnichannel.web import keyset
from omnichannel.web.listing import Position, read_page

MOST_GROWTH = 1.5
# So many movements has the product that is looked at: a best seller's year.
TRAIL = 500
LINES = 100
STORE, PRODUCT = 13, "P00000777"

TRANSACTIONS = """
INSERT INTO inventory_inventorytransaction
       (uuid, type, status, location_id, reference, note, associate_id, started_at, completed_at,
        operation_key, movements_after, movement_count)
SELECT gen_random_uuid(), 'SHIPMENT', 'COMPLETED', place.first + n %% place.size, 'R-' || n, '',
       'bench', moment, moment, 'bench-' || n, n::bigint * %(lines)s, %(lines)s
  FROM generate_series(%(first)s::int, %(last)s::int) AS n,
       (SELECT min(id) AS first, count(*)::int AS size FROM locations_fulfillmentlocation) AS place,
       LATERAL (SELECT timestamptz '2026-01-01' + n * interval '10 seconds' AS moment) AS at
"""
# In the order of time: a transaction's lines are spread over the range of products. Its size is asked
# once: the planner knows nothing of transactions that were written a moment ago.
MOVEMENTS = """
WITH range AS MATERIALIZED (SELECT min(id) AS first, count(*) AS size FROM catalog_product)
INSERT INTO inventory_stockmovement (transaction_id, location_id, product_id, stock_location_id,
                                     quantity, balance, happened_at, posted_at)
SELECT header.id, header.location_id,
       range.first + ((header.id * 7919 + line * 104729) %% range.size)::int,
       %(shelf)s, -1, 100, header.completed_at, header.completed_at
  FROM inventory_inventorytransaction AS header, range,
       generate_series(1, %(lines)s) AS line
 WHERE header.movements_after BETWEEN %(first)s::bigint * %(lines)s AND %(last)s::bigint * %(lines)s
   AND header.associate_id = 'bench'
 ORDER BY header.id, line
"""
# Spread over the first fill, as a year spreads them.
TRAIL_OF_ONE = """
INSERT INTO inventory_stockmovement (transaction_id, location_id, product_id, stock_location_id,
                                     quantity, balance, happened_at, posted_at)
SELECT header.id, %(place)s, %(product)s, %(shelf)s, -1, 100, header.completed_at,
       header.completed_at
  FROM (SELECT id, completed_at FROM inventory_inventorytransaction
         WHERE associate_id = 'bench' ORDER BY id %% 997, id LIMIT %(trail)s) AS header
 ORDER BY header.id
"""
BY_HAND = """
SELECT m.happened_at, l.time_zone, t.type, t.uuid, r.subtype, t.reference, s.display_name,
       m.quantity, m.balance, m.store_balance, t.associate_id, t.note
  FROM (SELECT * FROM inventory_auditentry
         WHERE location_id = %(place)s AND product_id = %(product)s ORDER BY id DESC LIMIT %(rows)s
       ) AS m
  JOIN inventory_inventorytransaction AS t ON t.id = m.transaction_id
  LEFT JOIN inventory_adjustmentreason AS r ON r.id = t.reason_id
  JOIN locations_fulfillmentlocation AS l ON l.id = m.location_id
  JOIN locations_stocklocation AS s ON s.id = m.stock_location_id
 ORDER BY m.id DESC
"""


def run(sizes: Sizes) -> Iterator[Figure]:
    fill_stock(sizes, sizes.first_stock_rows)
    user = visitor(is_scoped=True)
    fill_ledger(sizes.first_movements)
    first, limit = medians(trail_of(user), by_hand(), rounds=sizes.rounds(60))
    yield Ratio("audit_trail", first, limit, 2.0)
    if sizes.movements <= sizes.first_movements:
        return
    fill_ledger(sizes.movements)
    grown, _limit = medians(trail_of(user), by_hand(), rounds=sizes.rounds(60))
    yield Ratio("audit_trail_growth", grown, first, MOST_GROWTH)


def fill_ledger(movements: int) -> None:
    """As many more transactions as bring the ledger to so many movements."""
    filled = InventoryTransaction.objects.filter(associate_id="bench").count()
    wanted = movements // LINES
    if wanted <= filled:
        return
    between = {"first": filled, "last": wanted - 1, "lines": LINES, **keys()}
    with transaction.atomic(), connection.cursor() as cursor:
        # Triggers of foreign keys would check each row; these rows are joined from the tables.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(TRANSACTIONS, between)
        cursor.execute(MOVEMENTS, between)
        if not filled:
            cursor.execute(TRAIL_OF_ONE, {**keys(), "trail": min(TRAIL, wanted)})
    settle("inventory_inventorytransaction", "inventory_stockmovement")


def keys() -> dict[str, int]:
    return {
        "place": FulfillmentLocation.objects.get(code=code(STORE)).pk,
        "product": Product.objects.get(product_id=PRODUCT).pk,
        "shelf": StockLocation.objects.get(name=StockLocation.MAIN).pk,
    }


def trail_of(user: User) -> Callable[[], object]:
    """SQL and table body of the newest movements, from the user's scope on."""
    view = view_of(f"{STOCK}{code(STORE)}/{PRODUCT}/", user)
    assert StockMovement.objects.filter(location=view.location, product=view.product).exists()
    order = keyset.ordering(view.table, "", is_descending=False)
    visible = tuple(view.table.base_columns)

    def read() -> object:
        return read_page(view.table, view.get_queryset(), visible, order, Position(), ROWS)

    return read


def by_hand() -> Callable[[], object]:
    wanted = {**keys(), "rows": ROWS + 1}

    def read() -> object:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, wanted)
            return [drawn(*row) for row in cursor.fetchall()]

    return read


def drawn(happened: datetime, zone: str, *values: object) -> str:
    local = happened.astimezone(ZoneInfo(zone))
    cells = "".join([f"<td>{escape(str(value))}</td>" for value in values])
    return (
        f'<tr><td><time datetime="{local.isoformat()}">{local:%d %m %Y, %H:%M}</time>{cells}</tr>'
    )
