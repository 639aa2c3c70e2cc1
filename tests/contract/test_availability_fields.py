"""Every answer about availability, reservations and orders has exactly the contract's fields."""

import io
import json
import zipfile
from uuid import uuid4

import pytest
from django.test import Client

from omnichannel.accounts import tokens
from omnichannel.accounts.scopes import SCOPES
from omnichannel.jobs import actions as jobs
from tests.api.calling import caller
from tests.fulfilment.conftest import Hall, work

from .test_fields import fields_of

MEDIA = "application/vnd.com.newstore.reservations+json; version={}"
BULK, GROUPS = "/v0/d/availabilities/bulk", "/v0/d/availabilities/groups"
EXPORT = "{group_name_or_availability_export_id}"
SAFETY = "/v1/stock/safety_stock"
REQUESTS = "/v0/fulfillment/requests"


@pytest.fixture
def hall(transactional_db, monkeypatch):
    monkeypatch.setattr(jobs, "nudge", lambda: None)
    hall = Hall()
    hall.post(0, 9)
    return hall


@pytest.fixture
def call(hall):
    return caller(hall.user)


def test_the_answers_about_reservations_of_customers(call):
    path = "/inventory/reservations"
    sent = {
        "customer_profile_id": "C-1",
        "location_id": "DE-01",
        "items": [{"product_id": "P0"}, {"product_id": "P0"}],
    }
    assert call("POST", path, sent).status_code == 400
    made = call("POST", path, sent, idempotency_key="a")
    id = fields_of(f"POST {path}", made, 201)["id"]
    assert made.headers["Location"] == f"{path}/{id}"
    again = call("POST", path, sent, idempotency_key="a")
    assert again.json()["id"] == id
    for version in (1, 2):
        answer = call("GET", f"{path}/{id}", accept=MEDIA.format(version))
        assert answer.headers["Content-Type"] == MEDIA.format(version)
        told = fields_of(f"GET {path}/{{reservation_id}}", answer)
        assert ("display_id" in told) == (version == 2)
        listed = fields_of(f"GET {path}", call("GET", path, accept=MEDIA.format(version)))
    assert (told["status"], listed["items"][0]["reserved_item_count"]) == ("RESERVED", 2)
    sold = [{"id": told["items"][0]["id"], "status": "CONVERTED", "cart_id": "cart-1"}]
    assert call("PATCH", f"{path}/{id}/items", sold).status_code == 204
    assert call("PATCH", f"{path}/{id}/items", sold).status_code == 409
    assert call("PATCH", f"{path}/{id}", {"status": "RESERVED"}).status_code == 409
    told = fields_of(f"GET {path}/{{reservation_id}}", call("GET", f"{path}/{id}"))
    assert [item["status"] for item in told["items"]] == ["CONVERTED", "RESERVED"]
    assert call("GET", f"{path}?status=CONVERTED").json()["pagination_info"]["total"] == 0
    settings = "/inventory/config/reservations"
    assert fields_of(f"GET {settings}", call("GET", settings))["expires_in_min"] == 1440
    assert call("PATCH", settings, {"expires_in_min": 5}).status_code == 204
    assert call("PATCH", settings, {"expires_in_min": 0}).status_code == 400
    assert call("GET", settings).json()["expires_in_min"] == 5


def test_the_answers_about_whom_to_ask(call, settings):
    settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": ["erp.example.com"]}
    path = "/v0/config/availability/webhook"
    sent = {
        "url": "https://erp.example.com/stock",
        "api_key": "x" * 20,
        "external_identifier": "sku",
        "timeout": 5,
    }
    assert call("GET", path).status_code == 204
    fields_of(f"PUT {path}", call("PUT", path, sent))
    fields_of(f"GET {path}", call("GET", path))
    fields_of(f"DELETE {path}", call("DELETE", path))


def test_the_answers_about_atp(call, hall):
    keys = [("P0", "DE-01"), ("P3", "DE-01"), ("nothing", "nowhere"), ("P0", "DE-01")]
    sent = {"atp_keys": [{"product_id": p, "fulfillment_node_id": n} for p, n in keys]}
    told = fields_of("POST /v0/availabilities", call("POST", "/v0/availabilities", sent))
    assert [(i["product_id"], i["fulfillment_node_id"]) for i in told["items"]] == keys
    assert [item["atp"] for item in told["items"]] == [9, 0, 0, 9]
    assert call("POST", "/v0/availabilities", {"atp_keys": []}).status_code == 400
    many = {"atp_keys": sent["atp_keys"][:1] * 2001}
    assert call("POST", "/v0/availabilities", many).status_code == 400
    hall.reserve(0, uuid4())
    hall.assign(0)
    path = "/v0/stock/insights"
    answer = call("GET", f"{path}?product_id=P0&fulfillment_node_id=DE-01")
    told = fields_of(f"GET {path}", answer)
    found = [len(told[kind]) for kind in ("allocations", "reservations", "future_allocations")]
    assert found == [1, 1, 0]
    assert call("GET", f"{path}?product_id=P0").status_code == 400
    path = "/v0/config/stock/reservation_timeout_seconds"
    assert fields_of(f"GET {path}", call("GET", path))["value"] == 900
    assert fields_of(f"POST {path}", call("POST", path, {"value": 60}))["value"] == 60
    assert call("POST", path, {"value": 0}).status_code == 400


def test_the_answers_about_exports(call, hall):
    group = {"group_name": "web", "fulfillment_nodes": ["DE-01", "DC-1"]}
    fields_of(f"POST {GROUPS}", call("POST", GROUPS, group))
    twice = call("POST", GROUPS, group)
    assert (twice.status_code, "group_already_exists" in twice.content.decode()) == (409, True)
    wrong = {"group_name": "a b", "fulfillment_nodes": []}
    assert call("POST", GROUPS, wrong).status_code == 400
    one = {"fulfillment_nodes": ["DE-01"]}
    fields_of(f"PUT {GROUPS}/{{group_name}}", call("PUT", f"{GROUPS}/web", one))
    assert call("PUT", f"{GROUPS}/app", one).status_code == 404
    unknown = call("PUT", f"{GROUPS}/web", {"fulfillment_nodes": ["XX-1"]})
    assert (unknown.status_code, unknown.json()["messages"]) == (
        400, ["There is no location XX-1."],
    )  # fmt: skip
    listed = fields_of(f"GET {GROUPS}", call("GET", GROUPS))["availability_groups"]
    assert listed == [{"group_name": "web", "fulfillment_nodes": ["DE-01"]}]
    assert call("POST", f"{BULK}/app", {}).status_code == 404
    for path, operation in ((BULK, BULK), (f"{BULK}/web", f"{BULK}/{EXPORT}")):
        made = fields_of(f"POST {operation}", call("POST", path, {"last_updated_at": None}), 201)
        where = f"{BULK}/{made['availability_export_id']}"
        told = fields_of(f"GET {BULK}/{EXPORT}", call("GET", where))
        assert told["state"] == "received"
        work()
        told = fields_of(f"GET {BULK}/{EXPORT}", call("GET", where))
        assert told["state"] == "finished"
        assert told["link"].endswith(".zip")
        answer = Client().get(told["link"].removeprefix("http://testserver"))
        assert answer.headers["Content-Type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
            rows = json.loads(archive.read("availabilities.json"))
        assert [(row["fulfillment_node_id"], row["atp"]) for row in rows] == [("DE-01", 9)]
    assert call("DELETE", f"{GROUPS}/web").status_code == 200
    assert call("DELETE", f"{GROUPS}/web").status_code == 200


def test_the_answers_about_safety_stock(call, hall):
    def send(text: str, **headers: str):
        headers = {"content_type": "text/csv", **headers}
        return Client(headers=bearer).generic("PATCH", SAFETY, text.encode(), **headers)

    bearer = {"Authorization": f"Bearer {tokens.issue(hall.user, SCOPES).access_token}"}

    table = "Product ID,Location,Safety Stock\r\nP0,DE-01,3\r\n,DE-01,1\r\n"
    assert send(table).status_code == 204
    status = f"{SAFETY}/status"
    assert fields_of(f"GET {status}", call("GET", status))["status"] == "in_progress"
    assert send(table.replace("3", "4")).status_code == 409
    work()
    assert call("GET", status).json() == {"status": "done"}
    assert (hall.atp(0), hall.row(0).safety_stock) == (6, 3)
    answer = call("GET", SAFETY)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert (
        answer.content.decode() == "Product ID,Location,Safety Stock\r\n,DE-01,1\r\nP0,DE-01,3\r\n"
    )
    bad = send("Product ID,Location,Safety Stock\nP9,DE-01,1\nP0,XX,1\nP0,DE-01,-1\n")
    assert bad.status_code == 400
    assert bad.json()["rows"][0]["line"] == 4
    unknown = send("Product ID,Location,Safety Stock\nP9,DE-01,1\nP0,XX,1\n")
    assert [row["line"] for row in unknown.json()["rows"]] == [2, 3]
    assert send(table, content_type="application/json").status_code == 415
    assert send("x" * 10_000_001).status_code == 413
    assert send("").status_code == 411


def test_the_answers_about_orders(call, hall):
    order, items = str(uuid4()), [str(uuid4()) for _item in range(3)]
    path = f"/v0/fulfillment/orders/{order}/reservations"
    sent = {
        "items": [
            {"id": item, "product_id": "P0", "fulfillment_node_id": "DE-01"} for item in items
        ]
    }
    operation = "/v0/fulfillment/orders/{order_id}/reservations"
    fields_of(f"POST {operation}", call("POST", path, sent, idempotency_key="a"), 201)
    asked = {
        "order_id": order,
        "fulfillment_location_id": "DE-01",
        "service_level": "express",
        "items": [{"id": item, "product_id": "P0", "carrier_service": "X"} for item in items[:2]],
    }
    made = call("POST", REQUESTS, asked, idempotency_key="b")
    id = fields_of(f"POST {REQUESTS}", made, 201)["id"]
    answer = call("DELETE", path, None, idempotency_key="c")
    assert fields_of(f"DELETE {operation}", answer)["released"] == 1
    told: list[tuple[str, dict]] = [
        ("items_packed", {"id": items[0]}),
        ("items_completed", {"id": items[0], "tracking_code": "T", "carrier": "C"}),
        ("items_failed", {"id": items[1], "rejection_reason": "no_inventory"}),
    ]
    numbers = []
    for verb, item in told:
        answer = call("POST", f"{REQUESTS}/{id}/{verb}", {"items": [item]}, idempotency_key=verb)
        body = fields_of(f"POST {REQUESTS}/{{request_id}}/{verb}", answer)
        numbers.append(body["logical_timestamp"])
        late = call(
            "POST", f"{REQUESTS}/{id}/{verb}", {"items": [item]}, idempotency_key=f"{verb}2"
        )
        assert late.status_code == 409
    assert numbers == sorted(numbers)
    told = fields_of(f"GET {REQUESTS}/{{request_id}}", call("GET", f"{REQUESTS}/{id}"))
    assert [item["status"] for item in told["items"]] == ["completed", "failed"]
    asked |= {"order_id": str(uuid4()), "items": [{"id": str(uuid4()), "product_id": "P0"}]}
    refused = call("POST", REQUESTS, asked, idempotency_key="d")
    assert (refused.status_code, refused.json()["error_code"]) == (409, "not_available")
    hall.post(1, 1)
    handed, item = hall.assign(1)
    verb = "items_handed_over"
    sent = {"items": [{"id": str(item)}]}
    answer = call("POST", f"{REQUESTS}/{handed.uuid}/{verb}", sent, idempotency_key=verb)
    fields_of(f"POST {REQUESTS}/{{request_id}}/{verb}", answer)
    assert hall.on_hand(1) == 0
