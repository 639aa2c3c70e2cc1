"""A receipt beside the bare SQL that writes the same rows; then `notices`, the pages."""

import json
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
from benchmarks import notices
from benchmarks.posting import shop
from benchmarks.ratio import Figure, Ratio, paired
from inventory.ledger import Header
from inventory.ledger.posting import IN_LOCK_ORDER, STATEMENT, TYPED, parameters
from omnichannel.accounts.models import User
from omnichannel.eventstream.outbox import REGISTRY_LOCK
from omnichannel.eventstream.outbox import STATEMENT as PUBLISH
from omnichannel.locations.models import FulfillmentLocation, StockLocation

RECEIPT_LINES, ROUNDS = 500, 60
GOAL = 1.4

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


def run() -> Iterator[Figure]:
    yield from receipts()
    yield from notices.run()
