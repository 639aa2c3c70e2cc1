"""Posting beside the same statements sent by bare psycopg between BEGIN and COMMIT."""

import random
import uuid
from collections.abc import Iterator

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.ratio import Ratio, paired
from inventory import ledger
from inventory.ledger.posting import IN_LOCK_ORDER, STATEMENT, TYPED, parameters
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, StockLocation

PRODUCTS = 20_000


def shop() -> tuple[int, int, list[int]]:
    """A store with many products; `make bench` throws the whole database away."""
    name = f"bench-{uuid.uuid4()}"
    store = FulfillmentLocation.objects.create(
        code=name,
        kind="STORE",
        store_id=name,
        name=name,
        country_code="DE",
        time_zone="UTC",
        is_inventory_master=True,
    )
    products = Product.objects.bulk_create(
        [Product(product_id=f"{name}-{n}", name=name, name_key=name) for n in range(PRODUCTS)]
    )
    main, _ = StockLocation.objects.get_or_create(
        name="main", defaults={"display_name": "Main", "is_salable": True}
    )
    return store.pk, main.pk, [product.pk for product in products]


def header(store: int) -> ledger.Header:
    return ledger.Header(
        operation_key=str(uuid.uuid4()),
        type="ADJUSTMENT",
        location_id=store,
        associate_id="bench",
    )


def values(store: int, main: int, products: list[int]) -> dict[str, object]:
    return {
        "products": products,
        "quantities": [1] * len(products),
        "from": [None] * len(products),
        "to": [main] * len(products),
        **parameters(header(store), uuid.uuid4(), timezone.now()),
    }


def run() -> Iterator[Ratio]:
    statement = STATEMENT.format(typed=TYPED, order=IN_LOCK_ORDER)
    connection.ensure_connection()
    dice = random.Random(7)
    store, main, products = shop()
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as bare:

        def post(lines: int) -> None:
            typed = [
                ledger.Line(product, 1, None, main) for product in dice.sample(products, lines)
            ]
            with transaction.atomic(durable=True):
                ledger.post(header(store), typed)

        def send(lines: int) -> None:
            sample = values(store, main, dice.sample(products, lines))
            with bare.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(statement, sample)
                cursor.fetchall()
                cursor.execute("COMMIT")

        for lines, goal, rounds in ((200, 1.4, 150), (1, 2.0, 600)):
            ours, limit = paired(
                lambda _, lines=lines: post(lines),
                lambda _, lines=lines: send(lines),
                rounds=rounds,
            )
            yield Ratio(f"post_{lines}_lines", ours, limit, goal)
