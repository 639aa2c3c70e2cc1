"""Batches of scans: read whole or refused whole, dated by our clock, each under its own key."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from omnichannel.web import scans

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


def read(body) -> list[scans.Scan]:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return scans.read_batch(RequestFactory().post("/", text, content_type="application/json"))


def entry(**more) -> dict:
    return {"key": KEY, "at": 0, "code": "85123A"} | more


def test_a_scan_is_dated_by_our_clock_however_wrong_the_devices_is():
    (scan,) = read({"sent_at": 120_000, "scans": [entry(at=60_000, quantity=3, stock="damaged")]})
    assert scan[:3] == (uuid.UUID(KEY), "85123A", 3)
    assert timedelta(seconds=59) < timezone.now() - scan.at < timedelta(seconds=75)
    assert scan.fields == {"stock": "damaged"}


def test_no_scan_lies_in_the_future_or_before_all_memory():
    late, early = read({"sent_at": 0, "scans": [entry(at=9e12), entry(at=-9e12)]})
    assert late.at <= timezone.now()
    assert timezone.now() - early.at < scans.OLDEST + timedelta(minutes=1)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        b"\xff",
        {"sent_at": 0, "scans": []},
        {"sent_at": 0, "scans": [entry()] * (scans.MOST + 1)},
        {"sent_at": "soon", "scans": [entry()]},
        {"sent_at": 0, "scans": [entry(key="1")]},
        {"sent_at": 0, "scans": [entry(key=None)]},
        {"sent_at": 0, "scans": [entry(at=None)]},
        {"sent_at": 0, "scans": [entry(quantity="2")]},
        {"sent_at": 0, "scans": [entry(quantity=True)]},
        {"sent_at": 0, "scans": ["85123A"]},
        f'{{"sent_at": NaN, "scans": [{{"key": "{KEY}", "at": 0, "code": "x"}}]}}',
        f'{{"sent_at": 1e999, "scans": [{{"key": "{KEY}", "at": 0, "code": "x"}}]}}',
        {"sent_at": 0, "scans": [entry(note="x" * scans.MOST_BYTES)]},
    ],
)
def test_what_cannot_be_read_is_refused_whole(body):
    with pytest.raises(scans.BadBatch):
        read(body)


def test_an_answer_names_every_scan():
    told = scans.answer([scans.Outcome(uuid.UUID(KEY), "hit", "A mug")], "<b>1</b>")
    assert json.loads(told.content) == {
        "outcomes": {KEY: {"kind": "hit", "text": "A mug"}},
        "html": "<b>1</b>",
    }
