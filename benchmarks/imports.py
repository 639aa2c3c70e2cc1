"""An import of stock of a million rows beside the SQL that somebody would write for it by hand."""

import io
import json
import os
import statistics
import time
import zipfile
from collections.abc import Iterator

import psycopg
from django.db import connection, transaction

from benchmarks.ratio import Ratio
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.imports import pieces, running
from omnichannel.imports.models import Import
from omnichannel.jobs.progress import Silent
from omnichannel.locations.models import FulfillmentLocation, StockLocation

ROWS = int(os.environ.get("IMPORT_ROWS", "1000000"))
PLACES = 50
GOAL = 1.25

# The same file into a temporary table, one diff, and what the ledger writes: by hand, in one
# transaction, unzipped before, and without a check that a row can be wrong.
BY_HAND = (
    """
    CREATE TEMPORARY TABLE t ON COMMIT DROP AS
    SELECT product_id, fulfillment_node_id AS node, quantity
      FROM json_to_recordset(%(file)s::json -> 'items')
        AS told(product_id text, fulfillment_node_id text, quantity int)
    """,
    "ANALYZE t",
    """
    CREATE TEMPORARY TABLE d ON COMMIT DROP AS
    SELECT l.id AS location, p.id AS product, t.quantity,
           t.quantity - coalesce(h.quantity, 0) AS change
      FROM t JOIN locations_fulfillmentlocation l ON l.code = t.node
      JOIN catalog_product p ON p.product_id = t.product_id
      LEFT JOIN inventory_stockonhand h ON (h.location_id, h.product_id, h.stock_location_id)
                                         = (l.id, p.id, %(main)s)
     WHERE h.quantity IS DISTINCT FROM t.quantity
    """,
    "ANALYZE d",
    """
    INSERT INTO inventory_inventorytransaction (
      uuid, type, status, location_id, to_stock_location_id, reference, note, associate_id,
      started_at, completed_at, operation_key, movements_after, movement_count)
    SELECT gen_random_uuid(), 'STOCK_IMPORT', 'COMPLETED', location, %(main)s, 'by hand', '', '',
           now(), now(), 'by hand/' || %(round)s || '/' || location,
           (SELECT last_value FROM inventory_stockmovement_id_seq), count(*)
      FROM d GROUP BY location
    """,
    """
    INSERT INTO inventory_inventorytransactionline (
      transaction_id, position, product_id, quantity, from_stock_location_id, to_stock_location_id)
    SELECT a.id, row_number() OVER (PARTITION BY location ORDER BY product), product, abs(change),
           CASE WHEN change < 0 THEN %(main)s END, CASE WHEN change >= 0 THEN %(main)s END
      FROM d JOIN inventory_inventorytransaction a
        ON a.operation_key = 'by hand/' || %(round)s || '/' || location
    """,
    """
    INSERT INTO inventory_stockonhand AS held (
      location_id, product_id, stock_location_id, quantity)
    SELECT location, product, %(main)s, change FROM d ORDER BY location, product
    ON CONFLICT (location_id, product_id, stock_location_id)
      DO UPDATE SET quantity = held.quantity + excluded.quantity
    """,
    """
    INSERT INTO inventory_stockmovement (
      transaction_id, location_id, product_id, stock_location_id, quantity, balance,
      happened_at, posted_at)
    SELECT a.id, location, product, %(main)s, change, d.quantity, now(), clock_timestamp()
      FROM d JOIN inventory_inventorytransaction a
        ON a.operation_key = 'by hand/' || %(round)s || '/' || location
     ORDER BY location, product
    """,
)


def shop(side: str, rows: int, places: int) -> tuple[list[str], list[str]]:
    """Codes of stores of the ERP, and of products."""
    FulfillmentLocation.objects.bulk_create(
        FulfillmentLocation(
            code=f"{side}-{n:02}", kind="STORE", store_id=f"{side}-{n:02}", name="bench",
            country_code="DE", time_zone="UTC",
        )
        for n in range(places)
    )  # fmt: skip
    Product.objects.bulk_create(
        (
            Product(product_id=f"bench-{n:07}", name="bench", name_key="bench")
            for n in range(rows // places)
        ),
        batch_size=5_000,
        ignore_conflicts=True,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_product, locations_fulfillmentlocation")
    own = FulfillmentLocation.objects.filter(code__startswith=f"{side}-")
    codes = own.order_by("code").values_list("code", flat=True)
    products = Product.objects.order_by("product_id").values_list("product_id", flat=True)
    return list(codes), list(products)


def lines(codes: list[str], products: list[str], quantity: int) -> Iterator[tuple[str, str, int]]:
    for number, code in enumerate(codes):
        for product in products:
            yield product, code, quantity + number


def as_json(codes: list[str], products: list[str], quantity: int) -> str:
    head = {"store_mapping": [{"fulfillment_node_id": c, "store_id": c} for c in codes]}
    items = ",\n".join(
        f'{{"product_id":"{p}","fulfillment_node_id":"{c}","quantity":{q}}}'
        for p, c, q in lines(codes, products, quantity)
    )
    return f'{{"head": {json.dumps(head)}, "items": [{items}]}}'


def as_zip(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("availabilities.json", text)
    return buffer.getvalue()


def announced(owner: User, file: bytes) -> Import:
    import_ = Import.objects.create(
        origin="API", entities=["availabilities"], state="WAITING", owner=owner, name="bench"
    )
    with transaction.atomic():
        pieces.keep(import_, io.BytesIO(file))
    return import_


def by_hand(dsn: str, main_id: int, file: str, round_: int) -> None:
    told = {"main": main_id, "round": str(round_), "file": file}
    with psycopg.connect(dsn, cursor_factory=psycopg.ClientCursor) as bare, bare.cursor() as cursor:
        for statement in BY_HAND:
            cursor.execute(statement, told)


def run(rows: int = ROWS, places: int = PLACES, rounds: int = 3) -> Iterator[Ratio]:
    """Both in turn, each in stores of its own: new rows once, then all of them changed."""
    owner = User.objects.create(username="bench", is_superuser=True)
    main_id = StockLocation.objects.get(name=StockLocation.MAIN).pk
    mine, products = shop("ours", rows, places)
    theirs, _same = shop("bare", rows, places)
    connection.ensure_connection()
    dsn = connection.connection.info.dsn
    times: list[tuple[float, float]] = []
    for quantity in range(1, rounds + 2):
        file = as_json(theirs, products, quantity)
        start = time.perf_counter()
        by_hand(dsn, main_id, file, quantity)
        bare = time.perf_counter() - start
        import_ = announced(owner, as_zip(as_json(mine, products, quantity)))
        start = time.perf_counter()
        running.run(import_.pk, Silent())
        times.append((time.perf_counter() - start, bare))
        import_.refresh_from_db()
        assert import_.state == Import.State.FINISHED, import_.reason
    yield Ratio(f"stock_import_{rows}_new_rows", *times[0], GOAL)
    ours, bare = (statistics.median(side) for side in zip(*times[1:], strict=True))
    yield Ratio(f"stock_import_{rows}_changed_rows", ours, bare, GOAL)
