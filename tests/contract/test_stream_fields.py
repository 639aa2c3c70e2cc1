"""Every answer of the event stream's API has exactly the contract's fields (CONTRACT §3.5)."""

import json

import pytest
from django.utils import timezone

from omnichannel.api.urls import api
from omnichannel.eventstream.models import Attempt, Delivery, Event, Integration
from tests.api.calling import Call
from tests.eventstream.receiver import Server

from .tables import TABLES
from .test_fields import fields_of

BASE = "/api/v1/org/integrations"
STREAM = f"{BASE}/eventstream"
ONE = f"{STREAM}/{{integration_id}}"
HOOK = {"callback_url": "https://erp.example.com/events", "api_key": "key"}
BUCKET = {
    "aws_access_key_id": "AKIA",
    "aws_secret_access_key": "secret",
    "aws_region": "eu-central-1",
    "bucket": "shop-events",
    "key_prefix": "from/us",
}
PERIOD = {"starts_at": "2026-01-05T12:00:00", "ends_at": "2026-01-06T12:00:00+02:00"}


@pytest.fixture
def streams(call: Call) -> Call:
    """A webhook and a bucket are registered."""
    hook = {"id": "hook", "integration_type": "permanent", "callback_parameters": HOOK}
    bucket = {
        **{"id": "bucket", "integration_type": "temporary", "s3_parameters": BUCKET, **PERIOD},
        "filter_conditions": {"event_filter": [], "entity_filter": ["inventory_count"]},
    }
    for body in (hook, bucket):
        made = fields_of(f"POST {STREAM}", call("POST", STREAM, body))
        assert made["status"] == "running"
    return call


def rejected(answer: int = 400) -> Delivery:
    """An event that the webhook's receiver refused, with the try that says so."""
    now, integration = timezone.now(), Integration.objects.get(name="hook")
    body = {
        "tenant": "demo",
        "name": "inventory_transaction.asn_closed",
        "published_at": "2026-01-05T12:00:00.000Z",
        "payload": {"id": "1"},
    }
    event = Event.objects.create(
        name=body["name"], entity_id="1", published_at=now, body=json.dumps(body)
    )
    delivery = Delivery.objects.create(
        event=event, integration=integration, state="REJECTED", created_at=now, finished_at=now
    )
    Attempt.objects.create(
        delivery=delivery,
        event=event,
        integration=integration,
        attempted_at=now,
        status="FAILURE",
        code=answer,
        body="no",
        response_time_ms=1,
        retries_remaining=0,
    )
    return delivery


def test_what_is_configured_is_told_without_its_secrets(streams):
    listed = fields_of(f"GET {STREAM}", streams("GET", STREAM))["integrations"]
    assert [row["id"] for row in listed] == ["bucket", "hook"]
    found = fields_of(f"GET {ONE}", streams("GET", f"{STREAM}/bucket"))
    assert found == listed[0]
    assert found["starts_at"] == "2026-01-05T12:00:00.000Z"
    assert found["ends_at"] == "2026-01-06T10:00:00.000Z"
    assert found["filter_conditions"] == {"entity_filter": ["inventory_count"]}
    told = json.dumps(listed)
    assert not [secret for secret in ("AKIA", "secret", '"key"', "whsec_") if secret in told]


@pytest.mark.parametrize("name", ["hook", "bucket"])
def test_every_verb_answers_with_the_integration(streams, name):
    path = f"{STREAM}/{name}"
    assert fields_of(f"POST {ONE}/_stop", streams("POST", f"{path}/_stop"))["status"] == "stopped"
    change = {"filter_conditions": {"event_filter": ["order.created"]}}
    body = fields_of(f"PATCH {ONE}", streams("PATCH", path, change))
    assert body["filter_conditions"]["event_filter"] == ["order.created"]
    assert fields_of(f"POST {ONE}/_start", streams("POST", f"{path}/_start"))["status"] == "running"
    fields_of(f"POST {ONE}/_rotate_secret", streams("POST", f"{path}/_rotate_secret"))
    log = fields_of(f"GET {ONE}/logs", streams("GET", f"{path}/logs"))["entries"]
    assert [row["action"] for row in log] == [
        "integration_started", "integration_stopped", "integration_started",
    ]  # fmt: skip
    assert all(row["reason"] for row in log)
    fields_of(f"DELETE {ONE}", streams("DELETE", path))


def test_rejected_events_and_every_try(streams, settings):
    list_path, one = f"{STREAM}/hook/rejected_events", f"{ONE}/rejected_events/{{event_id}}"
    rows = [rejected(), rejected()]
    listed = fields_of(f"GET {ONE}/rejected_events", streams("GET", list_path))
    assert [row["id"] for row in listed["rejected_events"]] == [str(row.uuid) for row in rows]
    envelope = fields_of(f"GET {one}", streams("GET", f"{list_path}/{rows[0].uuid}"))
    assert envelope["payload"] == {"id": "1"}
    fields_of(f"DELETE {one}", streams("DELETE", f"{list_path}/{rows[0].uuid}"))
    with Server() as sink:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [sink.place]}
        Integration.objects.filter(name="hook").update(callback_url=sink.url())
        fields_of(f"POST {one}/_retry", streams("POST", f"{list_path}/{rows[1].uuid}/_retry"))
    told = streams("GET", f"{BASE}/published-events")
    body = fields_of(f"GET {BASE}/published-events", told)
    assert [row["status"] for row in body] == ["SUCCESS", "FAILURE", "FAILURE"]
    assert {row["target"] for row in body} == {"webhook"}


def test_every_operation_of_the_event_stream_has_a_table():
    described = {
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema(path_prefix="")["paths"].items()
        for method in methods
        if path.startswith(BASE)
    }
    assert len(described) == 14
    assert described <= set(TABLES)
