"""A receipt beside the bare SQL that writes the same rows, and lists of many notices."""

import json
import os
import random
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from asn import actions, queries
from asn.actions.receipts import LINES
from asn.models import Asn, AsnLine
from asn.receiving.rows import REFRESH, LineRow
from benchmarks.filling import settle, visitor
from benchmarks.posting import shop
from benchmarks.ratio import Amount, Figure, Ratio, medians, paired
from inventory.ledger import Header
from inventory.ledger.posting import IN_LOCK_ORDER, STATEMENT, TYPED, parameters
from omnichannel.accounts.models import User
from omnichannel.eventstream.outbox import REGISTRY_LOCK
from omnichannel.eventstream.outbox import STATEMENT as PUBLISH
from omnichannel.locations.models import FulfillmentLocation, LocationAccess, StockLocation

RECEIPT_LINES, ROUNDS = 500, 60
GOAL = 1.4
MANY = int(os.environ.get("ASNS", "1000000"))
STORES, IN_SCOPE = 500, 3
# Milliseconds of a page's keys by bare SQL; growth of lists is benchmarks/growth.
PAGE_MS = 25.0

SELECT_ASN = "SELECT * FROM asn_asn WHERE id = %s FOR NO KEY UPDATE"
SELECT_LINES = f"""
SELECT {", ".join(LineRow._fields)} FROM asn_asnline WHERE asn_id = %s AND product_id = ANY(%s)
"""
APPLY = """
UPDATE asn_asnline AS line
   SET received = received + units, in_transit = in_transit - units
  FROM unnest(%s::bigint[], %s::int[]) AS change(id, units)
 WHERE line.id = change.id
"""
RECEIPT = """
INSERT INTO asn_receipt (uuid, operation_key, asn_id, location_id, kind, status, carton_id,
       shipment_ref, order_ref, note, is_late, started_at, begun_at, completed_at, by_id,
       associate_id, transaction_id)
VALUES (%s, %s, %s, %s, 'ITEMS', 'COMPLETED', '', '', '', '', false, %s, %s, %s, %s, 'bench', %s)
RETURNING id
"""


class Bench:
    """A notice of many products that never fills, and two ways to receive one of each."""

    def __init__(self) -> None:
        StockLocation.objects.get_or_create(
            name=StockLocation.IN_TRANSIT, defaults={"display_name": "In transit"}
        )
        self.store, self.main, products = shop()
        self.products = random.Random(7).sample(products, RECEIPT_LINES)
        self.user = User.objects.create(username=f"bench-{uuid.uuid4()}")
        supplier = FulfillmentLocation.objects.create(
            code=f"dc-{uuid.uuid4()}", kind="DC", name="DC", country_code="DE", time_zone="UTC"
        )
        with transaction.atomic():
            self.asn = actions.create_asn(
                origin_id=supplier.pk,
                destination_id=self.store,
                shipped_at=timezone.now(),
                lines=[actions.Expected(pk, 1_000_000) for pk in self.products],
                source=Asn.Source.API,
            )
        self.items = [actions.Arrived(pk, 1) for pk in self.products]
        self.lines = dict(AsnLine.objects.filter(asn=self.asn).values_list("product_id", "pk"))
        told = [
            {"product_id": str(pk), "quantity": 1, "external_identifiers": {}}
            for pk in self.products
        ]
        self.body = json.dumps({"payload": {"items": told}})

    def receive(self, _round: int) -> None:
        session = actions.Session(by=self.user, key=str(uuid.uuid4()), kind="ITEMS")
        with transaction.atomic(durable=True):
            actions.receive_items(asn_id=self.asn.pk, items=self.items, session=session)

    def send(self, bare: psycopg.Connection, posting: str) -> None:
        """The least that writes the same: no rule is looked at, no name is read."""
        now, key = timezone.now(), str(uuid.uuid4())
        ones = [1] * RECEIPT_LINES
        header = Header(
            operation_key=key, type="RECEIVING", location_id=self.store, associate_id="bench"
        )
        with bare.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(SELECT_ASN, [self.asn.pk])
            cursor.execute(SELECT_LINES, [self.asn.pk, self.products])
            cursor.fetchall()
            cursor.execute(APPLY, [[self.lines[pk] for pk in self.products], ones])
            cursor.execute(
                posting,
                {
                    "products": self.products,
                    "quantities": ones,
                    "from": [None] * RECEIPT_LINES,
                    "to": [self.main] * RECEIPT_LINES,
                    **parameters(header, uuid.uuid4(), now),
                },
            )
            written = cursor.fetchall()[0][0]
            cursor.execute(queries.NAMED, [self.products])
            cursor.fetchall()
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [REGISTRY_LOCK])
            cursor.execute(PUBLISH, self.event(now))
            of_receipt = [uuid.uuid4(), key, self.asn.pk, self.store, now, now, now]
            cursor.execute(RECEIPT, [*of_receipt, self.user.pk, written])
            receipt: Any = cursor.fetchone()
            cursor.execute(LINES, self.receipt_lines(receipt[0], ones))
            cursor.execute(REFRESH, {"pk": self.asn.pk, "now": now})
            cursor.execute("COMMIT")

    def receipt_lines(self, receipt: int, ones: list[int]) -> list[Any]:
        ids = [self.lines[pk] for pk in self.products]
        none = [0] * RECEIPT_LINES
        empty = [""] * RECEIPT_LINES
        return [receipt, ids, self.products, empty, ones, none, none, [None] * RECEIPT_LINES]

    def event(self, now: Any) -> dict[str, Any]:
        return {
            "uuid": uuid.uuid4(),
            "name": "inventory_transaction.items_received",
            "entity": "inventory_transaction",
            "entity_id": "bench",
            "now": now,
            "body": self.body,
        }


def receipts() -> Iterator[Ratio]:
    bench = Bench()
    connection.ensure_connection()
    posting = STATEMENT.format(typed=TYPED, order=IN_LOCK_ORDER)
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as bare:
        ours, limit = paired(
            bench.receive, lambda _round: bench.send(bare, posting), rounds=ROUNDS, warm=5
        )
    yield Ratio(f"receive_{RECEIPT_LINES}_lines", ours, limit, GOAL)


PLACES_OF_MANY = """
INSERT INTO locations_fulfillmentlocation
       (code, kind, store_id, name, name_key, city, country_code, time_zone, is_inventory_master,
        is_enabled)
SELECT 'A-' || n, 'STORE', 'A-' || n, 'Asn ' || n, 'asn ' || n, '', 'DE', 'UTC', true, true
  FROM generate_series(1, %s) AS n
"""
# A year of deliveries: one in twenty is open, one in fifty partly received.
MANY_ASNS = """
INSERT INTO asn_asn (uuid, number, is_numbered_here, source, status, origin_id, destination_id,
       shipped_at, po_number, order_ids, note, import_reference, revision, created_at, updated_at,
       product_count, expected_total, received_total, received_products, in_transit_total,
       closed_at, is_force_closed, closed_associate_id, closing_key)
SELECT gen_random_uuid(), 'IF' || lpad(n::text, 9, '0'), false, 'API',
       CASE WHEN n %% 20 = 0 THEN 'OPEN' WHEN n %% 50 = 1 THEN 'PARTIALLY_RECEIVED'
            ELSE 'CLOSED' END,
       places.ids[1 + (n * 7 + 1) %% %(stores)s], places.ids[1 + n * 13 %% %(stores)s],
       now() - n * interval '30 s', '', '{}', '', '', 1, now(), now(), 5, 100,
       CASE WHEN n %% 20 = 0 THEN 0 WHEN n %% 50 = 1 THEN 40 ELSE 100 END, 5,
       CASE WHEN n %% 20 = 0 THEN 100 WHEN n %% 50 = 1 THEN 60 ELSE 0 END,
       CASE WHEN n %% 20 = 0 OR n %% 50 = 1 THEN NULL ELSE now() END, false, '', ''
  FROM generate_series(1, %(many)s) AS n,
       (SELECT array_agg(id ORDER BY id) AS ids FROM locations_fulfillmentlocation
         WHERE code LIKE 'A-%%') AS places
"""


def fill(many: int) -> None:
    """Notices without lines: they are listed, not opened."""
    if Asn.objects.filter(number="IF000000001").exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLACES_OF_MANY, [STORES])
        cursor.execute(MANY_ASNS, {"stores": STORES, "many": many})
    settle("asn_asn", "locations_fulfillmentlocation")


def scoped() -> User:
    found = visitor(is_scoped=True)
    own = FulfillmentLocation.objects.filter(code__in=[f"A-{n}" for n in range(1, IN_SCOPE + 1)])
    LocationAccess.objects.bulk_create(
        [LocationAccess(user=found, location=place) for place in own], ignore_conflicts=True
    )
    return found


def lists() -> Iterator[Amount]:
    fill(MANY)
    for name, user in (("all", visitor(is_scoped=False)), ("scoped", scoped())):
        rows = Asn.objects.visible_to(user)
        pages = {
            "newest": rows.order_by("-shipped_at", "-pk"),
            "open": rows.filter(status="OPEN").order_by("-shipped_at", "-pk"),
            "of_a_store": rows.filter(destination__code="A-1").order_by("-shipped_at", "-pk"),
            "in_transit": rows.filter(in_transit_total__gt=0, destination__code="A-1"),
        }
        for page, found in pages.items():
            (seconds,) = medians(lambda found=found: list(found.values_list()[:50]), rounds=15)
            yield Amount(f"asn_{page}_{name}_ms", seconds * 1e3, PAGE_MS)


def run() -> Iterator[Figure]:
    yield from receipts()
    yield from lists()
