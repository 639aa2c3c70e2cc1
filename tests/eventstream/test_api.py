"""CONTRACT §3.5, as an integration's own tool calls it."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from omnichannel.accounts import tokens
from omnichannel.accounts.scopes import EVENT_STREAM_READ, EVENT_STREAM_WRITE
from omnichannel.eventstream import integrations
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Attempt, Delivery, Integration
from tests.people import person

from .receiver import OK, Server, answer
from .test_drain import CLOSED, tell, told

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "/api/v1/org/integrations"
STREAM = f"{BASE}/eventstream"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
URL = "https://erp.example.com/events"


class Caller:
    def __init__(self, *scopes: str, role: str = "Corporate Operations") -> None:
        user = person(f"api {role} {len(scopes)}", role)
        token = tokens.issue(user, scopes).access_token
        self.client, self.headers = Client(), {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        return self.client.generic(
            method,
            path,
            b"" if body is None else json.dumps(body).encode(),
            "application/json",
            headers={**self.headers, **headers},
        )


@pytest.fixture
def call():
    return Caller(EVENT_STREAM_READ, EVENT_STREAM_WRITE)


@pytest.fixture
def sink(settings):
    with Server() as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        yield server


def new(name: str = "erp", url: str = URL, **fields: object) -> dict:
    return {
        "id": name,
        "integration_type": "permanent",
        "callback_parameters": {"callback_url": url, "api_key": "secret-key"},
        **fields,
    }


def test_an_integration_is_made_read_changed_and_deleted(call):
    made = call("POST", STREAM, new())
    assert made.status_code == 200
    secret = made.json()["signing_secret"]
    assert secret.startswith("whsec_")
    expected = {
        "id": "erp",
        "integration_type": "permanent",
        "status": "running",
        "callback_parameters": {"callback_url": URL},
    }
    assert made.json() == {**expected, "signing_secret": secret}
    assert call("GET", f"{STREAM}/erp").json() == expected
    assert call("GET", STREAM).json() == {"integrations": [expected]}
    change = {"callback_parameters": {"callback_url": f"{URL}/2"}}
    assert call("PATCH", f"{STREAM}/erp", change).status_code == 400
    assert call("POST", f"{STREAM}/erp/_stop", {}).json()["status"] == "stopped"
    assert call("POST", f"{STREAM}/erp/_stop").status_code == 200
    changed = call("PATCH", f"{STREAM}/erp", change)
    assert changed.json()["callback_parameters"] == {"callback_url": f"{URL}/2"}
    filters = {"event_filter": [CLOSED], "entity_filter": ["inventory_count"]}
    changed = call("PATCH", f"{STREAM}/erp", {"filter_conditions": filters})
    assert changed.json()["filter_conditions"] == filters
    assert call("POST", f"{STREAM}/erp/_start").json()["status"] == "running"
    log = call("GET", f"{STREAM}/erp/logs").json()["entries"]
    assert [entry["action"] for entry in log] == [
        "integration_started",
        "integration_stopped",
        "integration_started",
    ]
    assert call("DELETE", f"{STREAM}/erp").json() == {}
    missing = call("GET", f"{STREAM}/erp")
    assert missing.status_code == 404
    assert "resource_not_found" in missing.content.decode()
    assert call("POST", STREAM, new()).status_code == 200


def test_a_new_key_of_a_patch_is_used_and_an_absent_one_is_gone(call, sink):
    call("POST", STREAM, new(url=sink.url()))
    call("POST", f"{STREAM}/erp/_stop")
    change = {"callback_parameters": {"callback_url": sink.url(), "api_key": "other"}}
    call("PATCH", f"{STREAM}/erp", change)
    call("POST", f"{STREAM}/erp/_start")
    tell(1)
    drain()
    assert sink.calls[0].headers["authorization"] == "Bearer other"


def test_real_clients_send_an_empty_filter_beside_a_full_one(call):
    conditions = {"event_filter": [CLOSED], "entity_filter": []}
    made = call("POST", STREAM, new(filter_conditions=conditions))
    assert made.json()["filter_conditions"] == {"event_filter": [CLOSED]}
    found = Integration.objects.get()
    assert (found.event_filter, found.entity_filter) == ([CLOSED], [])


BAD = [
    new("Upper"),
    new("ä"),
    new(""),
    new("a" * 51),
    new("a b"),
    new(integration_type="other"),
    {"id": "erp", "integration_type": "permanent"},
    new(url="http://127.0.0.1/"),
    new(url="https://169.254.169.254/latest"),
    new(url="file:///etc/passwd"),
    new(url=""),
    new(s3_parameters={"aws_access_key_id": "a"}),
    new(ends_at="2026-01-01T00:00:00Z"),
    new(starts_at="2999-01-01T00:00:00Z"),
    new(integration_type="temporary"),
    new(integration_type="temporary", starts_at="2026-01-01T00:00:00Z"),
    new(
        integration_type="temporary",
        starts_at="2026-01-02T00:00:00Z",
        ends_at="2026-01-01T00:00:00Z",
    ),
    new(callback_parameters={"callback_url": URL, "api_key": "x" * 1_025}),
    new(callback_parameters={"callback_url": URL, "api_key": "a\r\nX-Evil: 1"}),
    new(callback_parameters={"callback_url": URL, "api_key": "\0"}),
    new(filter_conditions={"event_filter": "all"}),
    [],
    "text",
    None,
]


@pytest.mark.parametrize("body", BAD)
def test_what_makes_no_sense_is_refused_and_makes_nothing(call, body):
    refused = call("POST", STREAM, body)
    assert refused.status_code == 400, refused.content
    assert {"error_code", "message", "detail", "request_id"} <= refused.json().keys()
    assert not Integration.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"status": "stopped"},
        {"integration_type": "temporary"},
        {"callback_parameters": {"callback_url": "http://127.0.0.1/"}},
        {"callback_parameters": {"callback_url": "https://[::1]/"}},
        {
            "s3_parameters": {
                "aws_access_key_id": "a",
                "aws_secret_access_key": "b",
                "aws_region": "eu-central-1",
                "bucket": "b",
            }
        },
    ],
)
def test_a_change_goes_past_no_check(call, change):
    call("POST", STREAM, new())
    call("POST", f"{STREAM}/erp/_stop")
    before = Integration.objects.values().get()
    assert call("PATCH", f"{STREAM}/erp", change).status_code == 400
    assert Integration.objects.values().get() == before


def test_an_id_is_taken_once_and_twenty_five_are_enough(call):
    assert call("POST", STREAM, new("n-0")).status_code == 200
    assert call("POST", STREAM, new("n-0")).status_code == 409
    for number in range(1, 25):
        assert call("POST", STREAM, new(f"n-{number}")).status_code == 200
    refused = call("POST", STREAM, new("n-25"))
    assert refused.status_code == 400
    assert "25" in refused.json()["message"]


def test_rejected_events_are_listed_read_retried_and_dropped(call, sink):
    sink.script["/"] = [answer(400)]
    call("POST", STREAM, new(url=sink.url()))
    tell(1, 2)
    drain()
    listed = call("GET", f"{STREAM}/erp/rejected_events").json()["rejected_events"]
    assert len(listed) == 2
    assert {tuple(row) for row in listed} == {("id", "created_at")}
    event = Delivery.objects.order_by("id").first().event
    one = f"{STREAM}/erp/rejected_events/{listed[0]['id']}"
    assert UUID(listed[0]["id"]) != event.uuid
    assert call("GET", one).json() == json.loads(event.body)
    failed = call("POST", f"{one}/_retry")
    assert failed.status_code == 502
    assert len(call("GET", f"{STREAM}/erp/rejected_events").json()["rejected_events"]) == 2
    sink.script["/"] = [OK]
    sink.calls.clear()
    assert call("POST", f"{one}/_retry").status_code == 200
    assert told(sink) == ["1"]
    assert call("POST", f"{one}/_retry").status_code == 404
    other = f"{STREAM}/erp/rejected_events/{listed[1]['id']}"
    assert call("DELETE", other).json() == {}
    assert call("DELETE", other).status_code == 404
    assert call("GET", f"{STREAM}/erp/rejected_events").json() == {"rejected_events": []}
    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == [
        "DELIVERED",
        "CANCELLED",
    ]


def test_a_rejected_event_that_somebody_else_sends_now_is_not_sent_twice(call, sink):
    sink.script["/"] = [answer(400)]
    call("POST", STREAM, new(url=sink.url()))
    tell(1)
    drain()
    Delivery.objects.update(lease_until=timezone.now() + timedelta(seconds=30))
    row = Delivery.objects.get()
    calls = len(sink.calls)
    assert call("POST", f"{STREAM}/erp/rejected_events/{row.uuid}/_retry").status_code == 409
    assert len(sink.calls) == calls


def test_published_events_tell_every_try(call, sink):
    sink.script["/"] = [answer(503), OK]
    call("POST", STREAM, new(url=sink.url()))
    tell("one")
    drain()
    Integration.objects.update(resume_at=None)
    drain()
    with transaction.atomic():
        integrations.register("silent", callback_url=sink.url("/silent"), status="STOPPED")
    told = call("GET", f"{BASE}/published-events").json()
    assert [(row["status"], row["response"]["code"]) for row in told] == [
        ("SUCCESS", 200),
        ("FAILURE", 503),
    ]
    first = told[1]
    assert first["retries_remaining"] == 10
    assert first["integration_id"] == "erp"
    assert first["event_name"] == CLOSED
    assert first["domain_entity_id"] == first["entity_id"] == "one"
    assert first["domain_entity_type"] == "inventory_transaction"
    assert first["url"] == sink.url()
    assert first["attempted_at"].endswith("Z")

    def count(**words: str) -> int:
        return len(
            call("GET", f"{BASE}/published-events?" + "&".join(map("=".join, words.items()))).json()
        )

    assert count(status="FAILURE") == 1
    assert count(status="nonsense") == 0
    assert count(event_name=CLOSED) == 2
    assert count(event_name="order.created") == 0
    assert count(integration_id="erp") == 2
    assert count(integration_id="other") == 0
    assert count(domain_entity_id="one") == 2
    assert count(domain_entity_type="inventory_transaction") == 2
    assert count(domain_entity_type="inventory") == 0
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert count(**{"from": tomorrow}) == 0
    assert count(to=tomorrow) == 2
    assert call("GET", f"{BASE}/published-events?from=yesterday").status_code in (400, 422)


def test_a_replay_by_date(call, sink):
    tell("past")
    hour = timedelta(hours=1)
    now = timezone.now()
    made = call(
        "POST",
        STREAM,
        new(
            "replay",
            sink.url(),
            integration_type="temporary",
            starts_at=(now - hour).isoformat(),
            ends_at=now.replace(tzinfo=None).isoformat(),
        ),
    )
    assert made.status_code == 200
    assert made.json()["ends_at"].endswith("Z")
    drain()
    assert told(sink) == ["past"]
    assert call("GET", f"{STREAM}/replay").json()["status"] == "stopped"


def test_a_secret_is_rotated_and_a_repeated_rotation_loses_none(call):
    made = call("POST", STREAM, new()).json()["signing_secret"]
    found = [call("POST", f"{STREAM}/erp/_rotate_secret").json() for _time in range(2)]
    secrets = [made, *(one["signing_secret"] for one in found)]
    assert len(set(secrets)) == 3
    assert found[0]["previous_secret_until"] > timezone.now().isoformat()
    assert "whsec_" not in call("GET", f"{STREAM}/erp").content.decode()


def test_no_answer_with_a_secret_is_kept(call):
    secret = call("POST", STREAM, new(), **{"Idempotency-Key": "k1"}).json()["signing_secret"]
    other = call("POST", f"{STREAM}/erp/_rotate_secret", **{"Idempotency-Key": "k2"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(t::text, ' '), '') FROM api_idempotencykey t")
        kept = cursor.fetchone()[0]
    assert secret not in kept
    assert other.json()["signing_secret"] not in kept


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/_start"),
        ("POST", "/_stop"),
        ("POST", "/_rotate_secret"),
        ("GET", "/logs"),
        ("GET", "/rejected_events"),
        ("GET", f"/rejected_events/{UNKNOWN}"),
        ("DELETE", f"/rejected_events/{UNKNOWN}"),
        ("POST", f"/rejected_events/{UNKNOWN}/_retry"),
    ],
)
def test_what_is_not_there_is_said_in_the_contracts_code(call, method, path):
    body = {} if method == "PATCH" else None
    missing = call(method, f"{STREAM}/none{path}", body)
    assert missing.status_code == 404
    assert missing.json()["error_code"] == "resource_not_found"
    assert call(method, f"{STREAM}/%00{path}", body).status_code in (400, 404)


def test_who_may_not():
    reader = Caller(EVENT_STREAM_READ)
    assert reader("GET", STREAM).status_code == 200
    assert reader("POST", STREAM, new()).status_code == 403
    assert reader("POST", f"{STREAM}/erp/_stop").status_code == 403
    outsider = Caller(EVENT_STREAM_READ, EVENT_STREAM_WRITE, role="Viewer")
    assert outsider("GET", STREAM).status_code == 403
    assert outsider("POST", STREAM, new()).status_code == 403
    assert Client().get(STREAM).status_code == 401
    assert not Integration.objects.exists()
    assert not Attempt.objects.exists()
