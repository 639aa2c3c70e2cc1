"""Counts beside the bare statements: a snapshot, a completion, and people who scan at once."""

import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import psycopg
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from benchmarks.asking import Site
from benchmarks.ratio import Amount, Figure, Ratio
from counts import actions, reconciliation, snapshots
from counts.actions import completing
from counts.models import Count, CountLine, CountResult, CountZone, Observation, ZoneSession
from counts.reconciliation.lines import FREEZE, values_of
from counts.reconciliation.rewinding import statement
from inventory import ledger
from inventory.ledger.posting import IN_LOCK_ORDER, ROWS, STATEMENT, parameters
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Pricebook, Product
from omnichannel.jobs.progress import Silent
from omnichannel.locations.models import FulfillmentLocation, StockLocation

SIZES = (20_000, 200_000)
PEOPLE, SCANS = 64, 40
# As many lines as a page shows.
PAGE = 50
# Eight lines in a hundred differ by one unit.
OBSERVE = """
INSERT INTO counts_observation (session_id, count_id, key, product_id, code, quantity,
                                observed_at, received_at, is_late, associate_id)
SELECT %(session)s, %(count)s, product_id::text, product_id, '',
       greatest(0, expected + CASE WHEN product_id %% 25 < 2 THEN -1 ELSE 0 END),
       clock_timestamp(), clock_timestamp() + interval '1 s', false, 'bench'
  FROM counts_countline WHERE count_id = %(count)s
"""
# What the events are, made where the rows are.
EVENTS = """
INSERT INTO eventstream_event (uuid, name, entity_id, published_at, body)
SELECT gen_random_uuid(), 'inventory_count.items_counted', 'bench', now(),
       jsonb_build_object('items', jsonb_agg(jsonb_build_object(
         'product_id', product_id, 'stock_on_hand', book, 'count', counted, 'delta', delta,
         'external_identifiers', identifiers)))::text
  FROM (SELECT product.product_id, book, counted, delta,
               jsonb_build_object('sku', product.sku) AS identifiers,
               (row_number() OVER (ORDER BY result.product_id) - 1) / 500 AS chunk
          FROM counts_countresult AS result
          JOIN catalog_product AS product ON product.id = result.product_id
         WHERE result.count_id = %(count)s AND delta IS NOT NULL) AS row
 GROUP BY chunk
"""


class Shop:
    """A store with so many products on hand; `make bench` throws the whole database away."""

    def __init__(self, size: int) -> None:
        name = f"bench-{uuid.uuid4()}"
        book, _made = Pricebook.objects.get_or_create(name="bench", currency="EUR")
        self.store = FulfillmentLocation.objects.create(
            code=name, kind="STORE", store_id=name, name=name, country_code="DE",
            time_zone="UTC", is_inventory_master=True, pricebook=book,
        )  # fmt: skip
        self.main, _made = StockLocation.objects.get_or_create(
            name="main", defaults={"display_name": "Main", "is_salable": True}
        )
        self.user, _made = User.objects.get_or_create(username="bench")
        self.fill(size)

    def fill(self, size: int) -> None:
        have = Product.objects.filter(name="bench").count()
        Product.objects.bulk_create(
            [
                Product(product_id=f"C{n:07}", sku=f"S{n}", name="bench", name_key="bench")
                for n in range(have, size)
            ],
            batch_size=5_000,
        )
        header = ledger.Header(
            operation_key=str(uuid.uuid4()), type="STOCK_IMPORT", location_id=self.store.pk,
            associate_id="bench", happened_at=timezone.now() - timedelta(hours=1),
        )  # fmt: skip
        select = (
            "SELECT id, 1 + id %% 9, NULL::smallint, %(shelf)s::smallint FROM catalog_product"
            " WHERE name = 'bench' ORDER BY id LIMIT %(size)s"
        )
        with transaction.atomic():
            ledger.post_rows(header, select, {"shelf": self.main.pk, "size": size})
        for table in ("inventory_stockonhand", "inventory_stockmovement", "catalog_product"):
            vacuum(table)

    def count(self) -> Count:
        with transaction.atomic():
            created = actions.create_counts(
                type="FULL", location_ids=[self.store.pk], stock_location_id=self.main.pk,
                due_date=date(2026, 1, 1), by=self.user, key=str(uuid.uuid4()),
            )  # fmt: skip
        return created.batch.counts.get()

    def active(self) -> Count:
        count = self.count()
        with transaction.atomic():
            actions.activate_count(pk=count.pk, by=self.user)
        snapshots.take(count.pk, Silent())
        count.refresh_from_db()
        return count

    def counted(self) -> Count:
        """Every line seen once, ready to be completed."""
        count = self.active()
        zone = CountZone.objects.create(count=count, name="1")
        now = timezone.now()
        session = ZoneSession.objects.create(
            count=count, zone=zone, number=1, by=self.user, associate_id="bench", opened_at=now,
            heartbeat_at=now,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(OBSERVE, {"session": session.pk, "count": count.pk})
        now = timezone.now()
        ZoneSession.objects.filter(pk=session.pk).update(
            status="COMPLETED", completed_at=now, first_at=now, last_at=now
        )
        Count.objects.filter(pk=count.pk).update(
            completion_requested_at=now, completion_requested_by=self.user, associate_id="bench"
        )
        for table in ("counts_observation", "counts_countline"):
            vacuum(table)
        count.refresh_from_db()
        return count

    def cancel(self, count: Count) -> None:
        with transaction.atomic():
            actions.cancel_counts(pks=[count.pk], by=self.user)


def vacuum(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {table}")


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def activation(shop: Shop, size: int, rounds: int) -> Ratio:
    """From the click to In Progress, without the time in the queue; beside INSERT … SELECT."""
    ours, bare = [], []
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        for _round in range(rounds):
            count = shop.count()
            ours.append(seconds(lambda count=count: click(shop, count)))
            shop.cancel(count)
            copy = shop.count()
            values = {"count": copy.pk, "location": shop.store.pk, "shelf": shop.main.pk}
            bare.append(seconds(lambda values=values: other.execute(snapshots.STATEMENT, values)))
    name = f"activate_{size // 1000}k_lines"
    return Ratio(name, statistics.median(ours), statistics.median(bare), 1.4)


def click(shop: Shop, count: Count) -> None:
    with transaction.atomic(durable=True):
        actions.activate_count(pk=count.pk, by=shop.user)
    snapshots.take(count.pk, Silent())


def completion(size: int) -> Ratio:
    """Eight percent variance, matched lines kept, events included; each in a store of its own."""
    pairs = [completed(size) for _round in range(3 if size < SIZES[-1] else 1)]
    ours, limit = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Ratio(f"complete_{size // 1000}k_lines", ours, limit, 1.4)


def completed(size: int) -> tuple[float, float]:
    """Seconds of ours and of the bare statements."""
    shop = Shop(size)
    bare_count = shop.counted()
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        limit = seconds(lambda: bare_completion(other, shop, bare_count))
    count = Shop(size).counted()
    ours = seconds(lambda: actions.finish_count(count.pk, Silent()))
    share = CountResult.objects.filter(count=count).exclude(delta=0).count() / size
    if not 0.07 < share < 0.09:
        raise RuntimeError(f"{share:.1%} of the lines differ, not eight")
    return ours, limit


def bare_completion(other: psycopg.Connection, shop: Shop, count: Count) -> None:
    """The same statements, one after the other, and nothing else."""
    place = {"count": count.pk, "location": shop.store.pk, "shelf": shop.main.pk}
    header = ledger.Header(
        operation_key=str(uuid.uuid4()), type="COUNT_ADJUSTMENT", location_id=shop.store.pk,
        associate_id="bench",
    )  # fmt: skip
    post = STATEMENT.format(typed=ROWS.format(select=completing.VARIANCES), order=IN_LOCK_ORDER)
    with other.transaction():
        other.execute(completing.LOCK_STOCK.format(whole="true"), place)
        freeze = FREEZE.format(decided=statement(some_products=False))
        other.execute(freeze, values_of(count))
        told = parameters(header, uuid.uuid4(), timezone.now())
        other.execute(post, {**place, **told})
        other.execute(EVENTS, place)


def observing(shop: Shop) -> Iterator[Ratio]:
    """The usual and the slowest hundredth of all who scan at once, beside the bare statement's."""
    count = shop.active()
    with transaction.atomic():
        sessions = [
            actions.open_zone(pk=count.pk, zone=f"Zone {n}", by=shop.user).session
            for n in range(PEOPLE)
        ]
    products = list(CountLine.objects.filter(count=count).values_list("product_id", flat=True))
    dsn = connection.connection.info.dsn

    def scan(number: int) -> list[float]:
        times = []
        # As the web server's threads, which keep theirs.
        connection.ensure_connection()
        for turn in range(SCANS):
            seen = actions.Seen(str(turn), 1, 0, products[(number * 31 + turn) % len(products)])
            times.append(seconds(lambda seen=seen: write(sessions[number], seen)))
        connection.close()
        return times

    def write(session: ZoneSession, seen: actions.Seen) -> None:
        with transaction.atomic(durable=True):
            actions.observe(pk=session.pk, seen=[seen], by=shop.user)

    def send(number: int) -> list[float]:
        with psycopg.connect(dsn, autocommit=True) as other:
            return [
                seconds(lambda turn=turn: other.execute(BARE, bare(number, turn)))
                for turn in range(SCANS)
            ]

    def bare(number: int, turn: int) -> dict[str, object]:
        return {
            "session": sessions[number].pk, "count": count.pk, "key": f"bare-{turn}",
            "product": products[(number * 17 + turn) % len(products)],
        }  # fmt: skip

    theirs, ours = at_once(send), at_once(scan)
    written = Observation.objects.filter(count_id=count.pk).count()
    if written != 2 * PEOPLE * SCANS:
        raise RuntimeError(f"{written} observations were kept")
    for name, part in (("median", 49), ("p99", 98)):
        slow, limit = (statistics.quantiles(times, n=100)[part] for times in (ours, theirs))
        yield Ratio(f"observe_{name}_of_64_at_once", slow, limit, 10)


BARE = """
INSERT INTO counts_observation (session_id, count_id, key, product_id, code, quantity,
                                observed_at, received_at, is_late, associate_id)
VALUES (%(session)s, %(count)s, %(key)s, %(product)s, '', 1, now(), now(), false, 'bench')
"""


def at_once(act: Callable[[int], list[float]]) -> list[float]:
    times: list[float] = []
    threads = [threading.Thread(target=lambda n=n: times.extend(act(n))) for n in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def run(sizes: tuple[int, ...] = SIZES, rounds: int = 5) -> Iterator[Figure]:
    connection.ensure_connection()
    for size in sizes:
        shop = Shop(size)
        yield activation(shop, size, rounds)
        counted = shop.counted()
        yield lines_of_a_page(counted, size)
        yield page(counted, size)
        yield completion(size)
    yield from observing(Shop(sizes[0]))


def page(count: Count, size: int) -> Ratio:
    """The whole detail page behind its login, beside that of a count of a page's lines."""
    small = Shop(PAGE).counted()
    boss, _made = User.objects.get_or_create(username="boss", is_superuser=True)
    site = Site(boss)
    big, little = (
        statistics.median(
            seconds(lambda address=address: site.get(address)) for _round in range(15)
        )
        for address in (reverse("counts:detail", args=[one.uuid]) for one in (count, small))
    )
    return Ratio(f"page_of_{size // 1000}k_lines", big, little, 1.5)


def lines_of_a_page(count: Count, size: int) -> Figure:
    """Fifty live lines of the middle of a count, in milliseconds."""
    pks = list(
        count.lines.order_by("product_id").values_list("product_id", flat=True)[
            size // 2 : size // 2 + 50
        ]
    )
    times = [seconds(lambda: reconciliation.lines(count, pks)) for _round in range(15)]
    return Amount(f"lines_of_a_page_{size // 1000}k_ms", statistics.median(times) * 1e3, 15)
