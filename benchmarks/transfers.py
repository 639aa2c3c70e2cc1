"""The page of transfer orders at a million of them: sorts, filters and pairs, and deep pages.

Stores send to each other, and a tenth goes back to a centre. What is not done has lines and parcels.
Everything is filled by SQL over sets: rows to be read.
"""

import os
from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks.asking import Site
from benchmarks.filling import settle, visitor
from benchmarks.growth import MOST_MS, question
from benchmarks.lists import deep_page
from benchmarks.notices import CENTRES, PLACES, PRODUCTS, RANGE, STORES, milliseconds, scoped
from benchmarks.ratio import Amount, Figure, Ratio, medians
from omnichannel.accounts.models import User
from omnichannel.locations.models import FulfillmentLocation
from transfers.models import TransferOrder

MANY = int(os.environ.get("TRANSFERS", "1000000"))
ROUNDS = 15
PAGE = "/store-operations/inventory/transfer-orders/"

# A year, one every half minute, between stores drawn by a hash, so that no status has stores of its
# own. Of the newest twentieth half is open and a seventh in progress; of
# the rest one in two hundred was forgotten. One in three is due on a day; one in seven a store began.
ORDERS = """
INSERT INTO transfers_transferorder (uuid, operation_key, external_ref, number_at_origin, source,
       status, origin_id, destination_id, from_stock_location_id, ordered_at, due_date, note,
       import_reference, reserves, revision, created_at, updated_at, created_associate_id,
       product_count, ordered_total, transferred_total, reserved_total, closed_at,
       closed_associate_id, closing_key)
SELECT gen_random_uuid(), 'bench-' || n, 'TR-' || left(md5(n::text), 6) || '-' || n, NULL,
       CASE WHEN n %% 7 = 0 THEN 'STORE' ELSE 'API' END, status, origin, destination, shelf.id,
       ordered, CASE WHEN n %% 3 = 0 THEN (ordered + interval '4 days')::date END, '', '', true, 1,
       ordered, ordered, 'bench', 5, 5 * (1 + n %% 90),
       CASE status WHEN 'OPEN' THEN 0 WHEN 'COMPLETED' THEN 5 ELSE 4 END * (1 + n %% 90),
       CASE status WHEN 'OPEN' THEN 5 WHEN 'IN_PROGRESS' THEN 1 ELSE 0 END * (1 + n %% 90),
       CASE WHEN status IN ('COMPLETED', 'CLOSED') THEN ordered + interval '3 days' END, '', ''
  FROM (SELECT array_agg(id ORDER BY id) AS ids FROM locations_fulfillmentlocation
         WHERE code LIKE 'A-%%') AS place,
       (SELECT id FROM locations_stocklocation WHERE name = 'main') AS shelf,
       generate_series(1, %(many)s) AS n,
       LATERAL (SELECT now() - n * interval '30 s' AS ordered,
          place.ids[1 + (hashint4(n) & 2147483647) %% %(stores)s] AS origin,
          place.ids[CASE WHEN n %% 10 = 3 THEN %(stores)s + 1 + n / 10 %% %(centres)s
                         ELSE 1 + (hashint4(-n) & 2147483647) %% %(stores)s END] AS destination,
          CASE WHEN n <= %(many)s / 20 THEN
                 CASE WHEN n %% 2 = 0 THEN 'OPEN' WHEN n %% 7 = 1 THEN 'IN_PROGRESS'
                      ELSE 'COMPLETED' END
               WHEN n %% 200 = 0 THEN 'OPEN' WHEN n %% 40 = 1 THEN 'CLOSED'
               ELSE 'COMPLETED' END AS status) AS told
 WHERE origin <> destination
"""
LINES = """
INSERT INTO transfers_transferorderline (order_id, product_id, ordered, transferred, reserved)
SELECT one.id, range.first + (one.id * 5 + line) %% range.size, units,
       CASE WHEN has THEN 0 ELSE units END, CASE WHEN has THEN units ELSE 0 END
  FROM (SELECT min(id) AS first, count(*) AS size FROM catalog_product) AS range,
       transfers_transferorder AS one,
       generate_series(1, 5) AS line,
       LATERAL (SELECT one.ordered_total / 5 AS units,
                       one.status = 'OPEN' OR line = 5 AS has) AS told
 WHERE one.status IN ('OPEN', 'IN_PROGRESS') AND one.operation_key LIKE 'bench-%%'
"""
PARCELS = """
INSERT INTO transfers_transfertransaction (uuid, operation_key, ready_key, final_key, order_id,
       sequence, number, status, with_carrier, carrier, service_level, tracking_number, revision,
       created_at, by_id, associate_id, quantity_total)
SELECT gen_random_uuid(), one.operation_key, '', '', one.id, 1, one.external_ref || '-1', 'PICKED',
       true, '', '', 'TRACK-' || one.id, 1, one.ordered_at, %(by)s, 'bench', 1
  FROM transfers_transferorder AS one
 WHERE one.status IN ('OPEN', 'IN_PROGRESS') AND one.operation_key LIKE 'bench-%%'
"""
CENTRE = f"destination=A-{STORES + 1}"
SORTS = {
    "time_down": "",
    "time_up": "sort=ordered_at",
    "reference": "sort=reference",
    "reference_up": "sort=-reference",
}
FILTERS = {
    "open": "status=OPEN",
    "in_progress": "status=IN_PROGRESS",
    "completed": "status=COMPLETED",
    "closed": "status=CLOSED",
    "two_statuses": "status=OPEN&status=CLOSED",
    "store": "store=A-1",
    "origin": "origin=A-2",
    "destination": "destination=A-3",
    "centre": CENTRE,
    "not_done": "state=open",
    "overdue": "state=overdue",
    "aside": "state=aside",
    "external_reference": "reference=TR-c4ca42-1",
    "one_reference": "q=TR-c4ca42-1",
    "part_of_a_reference": "q=c4ca42",
    "parcel": "q=TR-c81e72-2-1",
    "product": "product=A7",
    "ordered": "ordered_min=100&ordered_max=120",
    "time": "time_after=2020-01-01",
    "due": "due_after=2020-01-01",
}
PAIRS = {
    "store_by_status": "store=A-1&sort=status",
    "store_by_due": "store=A-1&sort=due",
    "origin_by_ordered": "origin=A-2&sort=-ordered",
    "origin_and_open": "origin=A-2&status=OPEN",
    "store_and_overdue": "store=A-1&state=overdue",
    "store_and_closed": "store=A-1&status=CLOSED",
    "origin_and_destination": "origin=A-2&destination=A-3",
    "centre_and_open": f"{CENTRE}&status=OPEN",
    "open_and_due": "status=OPEN&due_after=2020-01-01",
    "reference_and_open": "q=c4ca42&status=OPEN",
    "product_and_open": "product=A7&status=OPEN",
}
CASES = {**SORTS, **FILTERS, **PAIRS}


def fill(many: int, by: User) -> None:
    if TransferOrder.objects.filter(operation_key="bench-1").exists():
        return
    sizes = {"stores": STORES, "centres": CENTRES, "products": PRODUCTS, "many": many, "by": by.pk}
    statements = (ORDERS, LINES, PARCELS)
    # The places and products are those of the benchmark of notices.
    if not FulfillmentLocation.objects.filter(code="A-1").exists():
        statements = (PLACES, RANGE, *statements)
    with transaction.atomic(), connection.cursor() as cursor:
        # Triggers of foreign keys would check each row; these rows are joined from the tables.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement, sizes)
    settle(
        *(f"transfers_transfer{name}" for name in ("order", "orderline", "transaction")),
        "locations_fulfillmentlocation",
        "catalog_product",
    )


def pages(whose: str, user: User, rounds: int) -> Iterator[Figure]:
    """SQL of the first page of each case, as somebody asks it who sees all stores or five."""
    for name, words in CASES.items():
        # A centre is none of the five.
        if whose == "all" or CENTRE not in words:
            spent = milliseconds(question(f"{PAGE}?{words}", user), rounds)
            yield Amount(f"transfers_{whose}_{name}_sql_ms", spent, MOST_MS)


def run() -> Iterator[Figure]:
    rounds = ROUNDS
    everybody = visitor(is_scoped=False)
    fill(MANY, everybody)
    yield from pages("all", everybody, rounds)
    yield from pages("scoped", scoped(), rounds)
    yield deep_page("transfers_page_1000", PAGE, everybody, MANY, rounds)
    site = Site(everybody)
    whole, empty = medians(
        lambda: site.get(PAGE), lambda: site.get(f"{PAGE}?q=no-such-number"), rounds=rounds
    )
    yield Ratio("transfers_page_beside_an_empty_one", whole, empty, 1.5)
