"""Files of events to a bucket: one per five minutes or 50 MB (CONTRACT §3.1)."""

import json
import re
from datetime import timedelta

import pytest
from django.db import transaction

from omnichannel.eventstream import claiming, integrations, s3
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Attempt, Delivery, Event, Integration, LogEntry

from .bucket import Store
from .receiver import answer
from .test_drain import frozen, tell

__all__ = ["frozen"]
pytestmark = pytest.mark.django_db(transaction=True)
KEY = re.compile(r"/shop-events/from%20us/demo/\d{8}T\d{6}-data-[0-9a-f]{16}\.export")
FIVE_MINUTES = 300


@pytest.fixture
def store(settings):
    made = Store("AKIA-TEST", "secret-of-the-bucket", "eu-central-1")
    with made.server as server:
        settings.EVENT_STREAM = {
            **settings.EVENT_STREAM,
            "ALLOW": [server.place],
            "S3_ENDPOINT": server.url(""),
        }
        settings.TENANT = "demo"
        yield made


@pytest.fixture
def erp(store, frozen):
    with transaction.atomic():
        made, _secret = integrations.register(
            "erp",
            target=Integration.Target.S3,
            aws_access_key_id=store.key_id,
            aws_secret_access_key=store.secret,
            aws_region=store.region,
            bucket="shop-events",
            key_prefix="from us",
            created_at=frozen.now(),
        )
    return made


def lines(store: Store) -> list[str]:
    return [line for body in store.files.values() for line in body.decode().splitlines()]


def states() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def test_events_wait_for_their_file_and_lie_in_it_as_they_were_written(store, erp, frozen):
    tell("Größe \N{PILE OF POO}", *range(4))
    assert drain() == 0
    frozen.move(FIVE_MINUTES - 1)
    assert drain() == 0
    frozen.move(1)
    assert drain() == 1
    (path,) = store.files
    assert KEY.fullmatch(path)
    assert lines(store) == list(Event.objects.order_by("pk").values_list("body", flat=True))
    assert json.loads(lines(store)[0])["payload"]["id"] == "Größe \N{PILE OF POO}"
    assert states() == {"DELIVERED"}
    (tried,) = set(Attempt.objects.values_list("status", "code", "filename"))
    assert tried == ("SUCCESS", 200, path.removeprefix("/shop-events/").replace("%20", " "))
    tell("later")
    assert drain() == 0
    frozen.move(FIVE_MINUTES)
    assert drain() == 1
    assert len(store.files) == 2


def test_a_file_that_is_full_does_not_wait_and_is_not_overfull(store, erp, frozen, monkeypatch):
    tell(*range(10))
    size = len(Event.objects.first().body) + 1
    monkeypatch.setattr(claiming, "FILE_BYTES", 3 * size)
    monkeypatch.setattr(claiming, "WEIGH_SECONDS", 0)
    # The first is full at once; what is left is again more than a file holds.
    assert drain() == 3
    assert [len(body.splitlines()) for body in store.files.values()] == [3, 3, 3]
    assert Delivery.objects.filter(state="PENDING").values_list("attempts", flat=True)[0] == 0
    frozen.move(FIVE_MINUTES)
    drain()
    assert len(lines(store)) == len(set(lines(store))) == 10


def test_a_bucket_that_is_away_gets_all_of_it_later_and_stops_as_a_receiver_does(
    store, erp, frozen
):
    tell(*range(3))
    store.refusals = [answer(503), answer(500)]
    frozen.move(FIVE_MINUTES)
    drain()
    assert states() == {"PENDING"}
    erp.refresh_from_db()
    assert (erp.status, erp.failures) == ("RUNNING", 1)
    for wait in (1, 2):
        frozen.move(wait)
        drain()
    assert states() == {"DELIVERED"}
    assert len(lines(store)) == 3
    store.refusals = [answer(403)]
    tell("last")
    frozen.move(FIVE_MINUTES)
    drain()
    erp.refresh_from_db()
    assert erp.status == "STOPPED"
    assert "403" in LogEntry.objects.last().reason
    assert Delivery.objects.filter(state="PENDING").count() == 1


def test_400_of_a_bucket_sets_no_event_aside(store, erp, frozen):
    store.refusals = [answer(400)]
    tell(1)
    frozen.move(FIVE_MINUTES)
    drain()
    assert states() == {"PENDING"}


def test_a_wrong_key_is_refused_by_the_bucket(store, erp, frozen):
    """The control: the fake looks at signatures."""
    store.secret = "another"
    tell(1)
    frozen.move(FIVE_MINUTES)
    drain()
    assert store.files == {}
    assert Attempt.objects.get().code == 403


def test_without_the_extra_it_says_what_to_install_and_loses_nothing(
    store, erp, frozen, monkeypatch
):
    monkeypatch.setattr(s3, "S3SigV4Auth", None)
    tell(1)
    frozen.move(FIVE_MINUTES)
    drain()
    assert states() == {"PENDING"}
    assert "omnichannel-manager[s3]" in Attempt.objects.get().body
    assert erp.created_at < frozen.now() - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("region", "bucket", "address"),
    [
        ("eu-central-1", "shop-events", "https://shop-events.s3.eu-central-1.amazonaws.com/a%20b"),
        ("us-east-1", "a.b", "https://a.b.s3.us-east-1.amazonaws.com/a%20b"),
    ],
)
def test_without_an_endpoint_it_is_the_public_one(settings, region, bucket, address):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "S3_ENDPOINT": ""}
    assert s3.Bucket("id", "secret", region, bucket, "").address("a b") == address
