"""The pages of ASNs at a million of them: sorts, filters and pairs, deep pages, goods under way.

Stores get most of theirs from twenty centres, a tenth from each other. What is not closed has lines;
of a closed notice a list reads none. Everything is filled by SQL over sets: rows to be read.
"""

import os
from collections.abc import Callable, Iterator

from django.db import connection, transaction

from asn import queries
from asn.models import Asn
from benchmarks.asking import Site
from benchmarks.filling import settle, visitor
from benchmarks.growth import MOST_MS, question
from benchmarks.lists import deep_page
from benchmarks.ratio import Amount, Figure, Ratio, medians
from omnichannel.accounts.models import User
from omnichannel.locations.models import FulfillmentLocation, LocationAccess

MANY = int(os.environ.get("ASNS", "1000000"))
STORES, CENTRES, IN_SCOPE, PRODUCTS = 500, 20, 5, 1_000
ROUNDS = 15
# Milliseconds of all goods under way, by pair of locations: some hundred thousand lines are read.
PAIRS_MS = 600
PAGE, TRANSIT = "/store-operations/inventory/asns/", "/store-operations/inventory/in-transit/"

PLACES = """
INSERT INTO locations_fulfillmentlocation
       (code, kind, store_id, name, name_key, city, country_code, time_zone, is_inventory_master,
        is_enabled)
SELECT 'A-' || n, CASE WHEN n <= %(stores)s THEN 'STORE' ELSE 'DC' END,
       CASE WHEN n <= %(stores)s THEN 'A-' || n END, 'Asn ' || n, 'asn ' || n, '', 'DE',
       'Europe/Berlin', n <= %(stores)s, true
  FROM generate_series(1, %(stores)s + %(centres)s) AS n
"""
RANGE = """
INSERT INTO catalog_product
       (product_id, sku, name, name_key, size, color, variant_group, is_active)
SELECT 'A' || n, 'A' || n, 'Asn ' || n, 'asn ' || n, '', '', '', true
  FROM generate_series(1, %(products)s) AS n
"""
# A year, one every half minute. Of the newest twentieth half is open and a seventh partly received;
# of the rest one in two hundred was forgotten. One in three has an expected arrival.
NOTICES = """
INSERT INTO asn_asn (uuid, number, is_numbered_here, source, status, origin_id, destination_id,
       holder_id, shipped_at, expected_date, po_number, order_ids, note, import_reference, revision,
       created_at, updated_at, product_count, expected_total, received_total, received_products,
       in_transit_total, closed_at, is_force_closed, closed_associate_id, closing_key)
SELECT gen_random_uuid(), 'IF-' || left(md5(n::text), 6) || '-' || n, false, 'API', status,
       origin, place.ids[1 + n * 13 %% %(stores)s],
       CASE WHEN n %% 10 = 3 THEN origin END, shipped, 
       CASE WHEN n %% 3 = 0 THEN (shipped + interval '4 days')::date END,
       CASE WHEN n %% 4 = 0 THEN 'PO-' || n ELSE '' END,
       CASE WHEN n %% 5 = 0 THEN array['SO-' || n, 'SO-' || n / 50] ELSE '{}' END,
       '', '', 1, shipped, shipped, 1 + n %% 40, 5 * (1 + n %% 90),
       CASE status WHEN 'OPEN' THEN 0 WHEN 'CLOSED' THEN 5 ELSE 4 END * (1 + n %% 90),
       CASE status WHEN 'OPEN' THEN 0 WHEN 'CLOSED' THEN 5 ELSE 4 END,
       CASE status WHEN 'OPEN' THEN 5 WHEN 'CLOSED' THEN 0 ELSE 1 END * (1 + n %% 90),
       CASE WHEN status = 'CLOSED' THEN shipped + interval '3 days' END,
       status = 'CLOSED' AND n %% 40 = 1, '', ''
  FROM (SELECT array_agg(id ORDER BY id) AS ids FROM locations_fulfillmentlocation
         WHERE code LIKE 'A-%%') AS place,
       generate_series(1, %(many)s) AS n,
       LATERAL (SELECT now() - n * interval '30 s' AS shipped,
          place.ids[CASE WHEN n %% 10 = 3 THEN 1 + (n * 7 + 1) %% %(stores)s
                         ELSE %(stores)s + 1 + n %% %(centres)s END] AS origin,
          CASE WHEN n <= %(many)s / 20 THEN
                 CASE WHEN n %% 2 = 0 THEN 'OPEN' WHEN n %% 7 = 1 THEN 'PARTIALLY_RECEIVED'
                      ELSE 'CLOSED' END
               WHEN n %% 200 = 0 THEN 'OPEN' ELSE 'CLOSED' END AS status) AS told
 WHERE place.ids[1 + n * 13 %% %(stores)s] <> origin
"""
LINES = """
INSERT INTO asn_asnline (asn_id, product_id, carton_id, raw_code, expected, received, over_received,
       received_elsewhere, in_transit, never_shipped, lost, damaged, returned)
SELECT asn.id, range.first + (asn.id * 5 + line) %% range.size,
       CASE WHEN asn.id %% 3 = 0 THEN 'C-' || asn.id || '-' || line %% 2 ELSE '' END, '', units,
       CASE WHEN has THEN 0 ELSE units END, 0, 0, CASE WHEN has THEN units ELSE 0 END, 0, 0, 0, 0
  FROM (SELECT min(id) AS first, count(*) AS size FROM catalog_product) AS range,
       asn_asn AS asn,
       generate_series(1, 5) AS line,
       LATERAL (SELECT asn.expected_total / 5 AS units,
                       asn.status = 'OPEN' OR line = 5 AS has) AS told
 WHERE asn.status <> 'CLOSED' AND asn.number LIKE 'IF-%%'
"""
CENTRE = f"origin=A-{STORES + 1}"
SORTS = {
    "time_down": "",
    "time_up": "sort=time",
    "number": "sort=number",
    "number_up": "sort=-number",
}
FILTERS = {
    "open": "status=OPEN",
    "partly": "status=PARTIALLY_RECEIVED",
    "closed": "status=CLOSED",
    "store": "store=A-1",
    "origin_store": "origin=A-2",
    "origin_centre": CENTRE,
    "overdue": "state=overdue",
    "forced": "state=forced",
    "order": "order=SO-777",
    "purchase_order": "po=PO-776",
    "one_number": "q=IF-c4ca42-1",
    "part_of_a_number": "q=c4ca42",
    "carton": "q=C-3-1",
    "items": "items_min=100&items_max=120",
    "products": "products_min=30",
    "time": "time_after=2020-01-01",
    "due": "due_after=2020-01-01",
}
PAIRS = {
    "store_by_items": "store=A-1&sort=-items",
    "store_by_status": "store=A-1&sort=status",
    "store_by_origin": "store=A-1&sort=origin",
    "store_and_open": "store=A-1&status=OPEN",
    "store_and_overdue": "store=A-1&state=overdue",
    "store_and_closed": "store=A-1&status=CLOSED",
    "centre_and_open": f"{CENTRE}&status=OPEN",
    "centre_and_store": f"{CENTRE}&store=A-1",
    "open_and_due": "status=OPEN&due_after=2020-01-01",
    "number_and_open": "q=c4ca42&status=OPEN",
}
CASES = {**SORTS, **FILTERS, **PAIRS}
UNDER_WAY = {"all": "", "store": "store=A-1", "origin": "origin=A-2", "outside": "booked=outside"}


def fill(many: int) -> None:
    if Asn.objects.filter(number__startswith="IF-c4ca42-").exists():
        return
    sizes = {"stores": STORES, "centres": CENTRES, "products": PRODUCTS, "many": many}
    with transaction.atomic(), connection.cursor() as cursor:
        # Triggers of foreign keys would check each row; these rows are joined from the tables.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (PLACES, RANGE, NOTICES, LINES):
            cursor.execute(statement, sizes)
    settle("asn_asn", "asn_asnline", "locations_fulfillmentlocation", "catalog_product")


def scoped() -> User:
    found = visitor(is_scoped=True)
    own = FulfillmentLocation.objects.filter(code__in=[f"A-{n}" for n in range(1, IN_SCOPE + 1)])
    LocationAccess.objects.bulk_create(
        [LocationAccess(user=found, location=place) for place in own], ignore_conflicts=True
    )
    return found


def milliseconds(ask: Callable[[], float], rounds: int) -> float:
    """Of SQL: the fastest quarter, as in growth, for what a neighbour takes away does not count."""
    times = sorted(ask() for _round in range(rounds + 1))
    return times[len(times) // 4] * 1e3


def pages(whose: str, user: User, rounds: int) -> Iterator[Figure]:
    """SQL of the first page of each case, as somebody asks it who sees all stores or five."""
    for path, cases in ((PAGE, CASES), (TRANSIT, UNDER_WAY)):
        kind = "asns" if path == PAGE else "in_transit"
        for name, words in cases.items():
            # A centre is none of the five.
            if whose == "scoped" and CENTRE in words:
                continue
            spent = milliseconds(question(f"{path}?{words}", user), rounds)
            yield Amount(f"{kind}_{whose}_{name}_sql_ms", spent, MOST_MS)


def run() -> Iterator[Figure]:
    rounds = ROUNDS
    fill(MANY)
    everybody, some = visitor(is_scoped=False), scoped()
    yield from pages("all", everybody, rounds)
    yield from pages("scoped", some, rounds)
    yield deep_page("asns_page_1000", PAGE, everybody, MANY, rounds)
    site = Site(everybody)
    whole, empty = medians(
        lambda: site.get(PAGE), lambda: site.get(f"{PAGE}?q=no-such-number"), rounds=rounds
    )
    yield Ratio("asns_page_beside_an_empty_one", whole, empty, 1.5)
    (pairs,) = medians(
        lambda: list(queries.in_transit_pairs(everybody)), rounds=max(2, rounds // 3)
    )
    yield Amount("in_transit_all_pairs_ms", pairs * 1e3, PAIRS_MS)
