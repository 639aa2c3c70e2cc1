"""The drain end to end beside a bare aiohttp loop to the same sink, and one Celery task per delivery."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import urlsplit

import aiohttp
from celery import Celery
from django.conf import settings
from django.db import connection, transaction

from benchmarks import one_by_one
from benchmarks.ratio import Ratio, medians
from omnichannel.eventstream import drain, integrations, loops, nudging
from omnichannel.eventstream.models import Delivery, Event
from omnichannel.eventstream.outbox import publish

EVENTS, ROUNDS = 10_000, 5
ONE_BY_ONE = 1_000
NAME = "inventory_transaction.adjustment_created"
# As long as an adjustment of eight products: 1,100 bytes on the wire.
PAYLOAD = {
    "id": "0" * 36,
    "fulfillment_node_id": "DE-01",
    "adjustment_type": "Damage",
    "associate_id": "bench",
    "processed_at": "2026-01-05T12:00:00.000Z",
    "chunk_number": 1,
    "total_chunks": 1,
    "items": [
        {"product_id": f"P-{n:06}", "quantity": 1, "external_identifiers": {"ean13": "0" * 13}}
        for n in range(10)
    ],
}
LONGEST = 300
MULTIPLY = (
    """INSERT INTO eventstream_event (uuid, name, entity_id, published_at, body)
       SELECT gen_random_uuid(), name, entity_id, published_at, body
         FROM eventstream_event, generate_series(1, %s)""",
    """INSERT INTO eventstream_delivery
              (uuid, event_id, integration_id, state, attempts, lease, created_at)
       SELECT gen_random_uuid(), e.id, d.integration_id, d.state, 0, 0, d.created_at
         FROM eventstream_event e, eventstream_delivery d WHERE d.event_id <> e.id LIMIT %s""",
)


class Sink:
    """`with Sink() as sink:` a receiver in another process, and what it says of itself."""

    def __enter__(self) -> "Sink":
        command = [sys.executable, "-m", "benchmarks.sink"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.place = f"127.0.0.1:{self.process.stdout.readline().strip()}"
        self.url = f"http://{self.place}/"
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()

    def told(self) -> tuple[int, float, float]:
        """How many it got, and when the first and the last, in seconds of the monotonic clock."""
        asked = http.client.HTTPConnection(self.place, timeout=15)
        asked.request("GET", "/")
        number, first, last = json.loads(asked.getresponse().read())
        asked.close()
        return number, first, last


def run(events: int = EVENTS, rounds: int = ROUNDS, broker: str = "") -> Iterator[Ratio]:
    """`broker`: where the tasks of the rival lie; this installation's, unless one is named."""
    with Sink() as sink, at_full_pace(sink):
        register(sink)
        ours, bare = medians(
            lambda: ours_of(sink, events),
            lambda: bare_of(sink, events),
            rounds=rounds,
            warm=1,
            before=lambda: fill(events),
        )
        yield Ratio("drain_beside_bare_aiohttp", bare, ours, 0.55, is_least=True)
        few = min(events, ONE_BY_ONE)
        each = one_by_one_of(few, broker or settings.CELERY_BROKER_URL) * events / few
        yield Ratio("drain_beside_one_task_per_delivery", each, ours, 8, is_least=True)


@contextmanager
def at_full_pace(sink: Sink) -> Iterator[None]:
    """Nobody else is woken, and a drain with nothing left to send returns at once."""
    with (
        patch.dict(settings.EVENT_STREAM, ALLOW=[sink.place]),
        patch.object(nudging, "nudge", lambda: None),
        patch.multiple(drain, LINGER=0, IDLE_SECONDS=0.005),
    ):
        yield


def register(sink: Sink) -> None:
    with transaction.atomic():
        integrations.register("bench", callback_url=sink.url, api_key="key")


def fill(events: int) -> None:
    """`events` due deliveries, and nothing of the round before."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE eventstream_attempt, eventstream_delivery, eventstream_event")
    with transaction.atomic():
        publish(NAME, PAYLOAD, entity_id="bench")
    with connection.cursor() as cursor:
        for statement in MULTIPLY:
            cursor.execute(statement, [events - 1])
        cursor.execute("ANALYZE eventstream_delivery, eventstream_event")


def ours_of(sink: Sink, events: int) -> None:
    sent = drain.drain("bench", 60)
    assert sent == events


def bare_of(sink: Sink, events: int) -> None:
    """As many requests of the same size, over as many connections, with nothing around them."""
    body = Event.objects.values_list("body", flat=True)[:1].get().encode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": "Bearer key",
        "webhook-id": "0" * 36,
        "webhook-timestamp": "1700000000",
        "webhook-signature": f"v1,{'0' * 44}",
    }

    async def main() -> None:
        left = iter(range(events))

        async def work() -> None:
            for _number in left:
                async with session.post(sink.url, data=body, headers=headers) as answer:
                    await answer.read()

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(work() for _each in range(width)))

    width = settings.EVENT_STREAM["CONCURRENCY"]
    loops.run(main())


def one_by_one_of(events: int, broker: str) -> float:
    """Seconds from the first delivery to the last; the tasks lie ready before the workers start."""
    fill(events)
    with Sink() as sink:
        app = Celery("bench", set_as_current=False, broker=broker)
        for pk in Delivery.objects.order_by("pk").values_list("pk", flat=True):
            app.send_task(one_by_one.NAME, [pk, sink.place], queue=one_by_one.QUEUE)
        app.close()
        with workers(broker):
            end = time.monotonic() + LONGEST
            while sink.told()[0] < events:
                assert time.monotonic() < end, "the tasks do not come to their end"
                time.sleep(0.1)
        _number, first, last = sink.told()
    return last - first


@contextmanager
def workers(broker: str) -> Iterator[None]:
    """As many processes as `make run` has."""
    command = [
        *(sys.executable, "-m", "celery", "--app", "benchmarks.one_by_one", "worker"),
        *("--concurrency", "2", "--without-mingle", "--without-gossip", "--loglevel", "ERROR"),
    ]
    environment = {
        **os.environ,
        "BENCH_BROKER": broker,
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    process = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def database_url() -> str:
    """Of the database that this process is connected to, which may be a test's."""
    asked = urlsplit(os.environ["DATABASE_URL"])
    return asked._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
