"""An outside system that is asked about stock that it keeps (CONTRACT §4.4, ADR 0032)."""

import asyncio
import json

import pytest

from fulfilment.models import AvailabilityHook
from inventory.models import MAX_QUANTITY
from omnichannel.accounts.models import AuditEvent
from omnichannel.catalog.models import ProductIdentifier
from omnichannel.locations.models import FulfillmentLocation
from tests.api.calling import caller
from tests.eventstream.receiver import Server
from tests.people import ALL, person

PATH, ASK = "/v0/config/availability/webhook", "/v0/availabilities"
KEY = "a key of the other side".replace(" ", "-")


@pytest.fixture
def call(hall):
    return caller(hall.user)


def answer(body: object, status: int = 200) -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%b" % (status, len(text), text)


def told(*items: tuple[str, str, object]) -> bytes:
    names = ("product_id", "fulfillment_node_id", "atp")
    return answer({"items": [dict(zip(names, item, strict=True)) for item in items]})


@pytest.fixture
def outside(settings):
    """A server whose answer a test writes into `script`."""
    with Server({"/atp/availabilities": [answer({"items": []})]}) as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        yield server


def hook(server: Server, **more: object) -> dict[str, object]:
    asked = {"url": server.url("/atp/"), "api_key": KEY, "timeout": 5}
    return {**asked, "external_identifier": "product_id", **more}


def ask(call, *keys: tuple[str, str]) -> list[int]:
    wanted = [{"product_id": p, "fulfillment_node_id": n} for p, n in keys]
    answered = call("POST", ASK, {"atp_keys": wanted})
    assert answered.status_code == 200
    assert [(i["product_id"], i["fulfillment_node_id"]) for i in answered.json()["items"]] == list(
        keys
    )
    return [item["atp"] for item in answered.json()["items"]]


def test_it_is_set_told_without_its_key_changed_and_taken_away(call, outside):
    assert call("GET", PATH).status_code == 204
    made = call("PUT", PATH, hook(outside))
    assert made.status_code == 200
    assert made.json() == hook(outside, api_key="*" * 20)
    assert KEY not in AvailabilityHook.objects.get().sealed_api_key
    kept = AvailabilityHook.objects.get().sealed_api_key
    assert call("PUT", PATH, hook(outside, api_key="*" * 20, timeout=60)).json()["timeout"] == 60
    assert AvailabilityHook.objects.get().sealed_api_key == kept
    assert call("DELETE", PATH).status_code == 200
    assert call("GET", PATH).status_code == 204
    assert call("DELETE", PATH).status_code == 200
    events = AuditEvent.objects.filter(resource="availability_webhook").order_by("pk")
    assert [event.operation for event in events] == ["CREATED", "UPDATED", "DELETED"]
    assert KEY not in json.dumps(list(events.values("before", "after")))


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ({"url": "http://169.254.169.254/"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https://10.0.0.7/"}, "url"),
        ({"api_key": "short"}, "api_key"),
        ({"api_key": "*" * 20}, "api_key"),
        ({"timeout": 4}, "timeout"),
        ({"timeout": 61}, "timeout"),
        ({"external_identifier": ""}, "external_identifier"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(call, outside, wrong, cause):
    refused = call("PUT", PATH, hook(outside, **wrong))
    assert refused.status_code == 400
    assert cause in refused.content.decode()
    assert not AvailabilityHook.objects.exists()


def test_an_address_that_changes_needs_its_key_again(call, outside):
    call("PUT", PATH, hook(outside))
    elsewhere = hook(outside, url=outside.url("/other"), api_key="*" * 20)
    assert call("PUT", PATH, elsewhere).status_code == 400
    assert AvailabilityHook.objects.get().url == outside.url("/atp/")


def test_it_is_asked_about_what_the_erp_keeps_and_about_nothing_else(call, hall, outside):
    hall.post(0, 9)
    hall.post(0, 4, where=hall.erp, type="STOCK_IMPORT")
    call("PUT", PATH, hook(outside))
    outside.script["/atp/availabilities"] = [told(("P0", "ERP-1", 7), ("P1", "ERP-1", 3))]
    assert ask(call, ("P0", "DE-01"), ("P0", "ERP-1"), ("P1", "ERP-1"), ("P2", "ERP-1")) == [
        9, 7, 3, 0,
    ]  # fmt: skip
    (asked,) = outside.calls
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    keys = json.loads(asked.body)["atp_keys"]
    assert {key["fulfillment_node_id"] for key in keys} == {"ERP-1"}
    assert {key["product_id"] for key in keys} == {"P0", "P1", "P2"}
    assert ask(call, ("P0", "DE-01")) == [9]
    assert len(outside.calls) == 1


def test_control_without_a_hook_the_last_import_counts(call, hall, outside):
    hall.post(0, 4, where=hall.erp, type="STOCK_IMPORT")
    assert ask(call, ("P0", "ERP-1")) == [4]
    assert outside.calls == []


def test_products_are_named_as_they_are_called_there(call, hall, outside):
    hall.post(0, 4, where=hall.erp, type="STOCK_IMPORT")
    hall.post(1, 5, where=hall.erp, type="STOCK_IMPORT")
    ProductIdentifier.objects.create(product=hall.products[0], type="ean13", value="4006381333931")
    call("PUT", PATH, hook(outside, external_identifier="ean13"))
    outside.script["/atp/availabilities"] = [told(("4006381333931", "ERP-1", 2))]
    assert ask(call, ("P0", "ERP-1"), ("P1", "ERP-1")) == [2, 5]
    assert len(json.loads(outside.calls[0].body)["atp_keys"]) == 1


def test_a_store_that_is_off_and_a_mispick_outweigh_any_number(call, hall, outside):
    hall.post(0, 4, where=hall.erp, type="STOCK_IMPORT")
    hall.post(1, 4, where=hall.erp, type="STOCK_IMPORT")
    hall.level(0, hall.erp, mispicked_at="2026-03-01T00:00Z", mispicked_after=2**40)
    call("PUT", PATH, hook(outside))
    outside.script["/atp/availabilities"] = [told(("P0", "ERP-1", 8), ("P1", "ERP-1", 8))]
    assert ask(call, ("P0", "ERP-1"), ("P1", "ERP-1")) == [0, 8]
    FulfillmentLocation.objects.filter(pk=hall.erp.pk).update(is_enabled=False)
    assert ask(call, ("P1", "ERP-1")) == [0]


async def silent(_call, _writer) -> None:
    await asyncio.sleep(3_600)


@pytest.mark.parametrize(
    "said",
    [
        answer({"items": []}, 500),
        answer(b"<html>"),
        answer([]),
        answer({"items": [{"product_id": "P0"}]}),
        told(("P0", "ERP-1", "7")),
        told(("P0", "ERP-1", None)),
        told(("P0", "ERP-1", True)),
        told(("P0", "ERP-1", 1.5)),
        answer(b"[" * 20_000),
        answer(b"7" * 2_000_000),
        b"HTTP/1.1 302 x\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        silent,
    ],
)
def test_whatever_it_says_wrong_the_last_import_counts(call, hall, outside, said, caplog):
    hall.post(0, 4, where=hall.erp, type="STOCK_IMPORT")
    call("PUT", PATH, hook(outside))
    AvailabilityHook.objects.update(timeout=1)
    outside.script["/atp/availabilities"] = [said]
    assert ask(call, ("P0", "ERP-1")) == [4]
    assert "the hook is left out" in caplog.text


def test_numbers_beyond_reason_are_cut_and_what_was_not_asked_is_passed_over(call, hall, outside):
    hall.post(0, 4, where=hall.erp, type="STOCK_IMPORT")
    call("PUT", PATH, hook(outside))
    more = told(("P0", "ERP-1", 10**12), ("P1", "ERP-1", -3), ("P0", "DE-01", 99), ("x", "y", 1))
    outside.script["/atp/availabilities"] = [more]
    assert ask(call, ("P0", "ERP-1"), ("P1", "ERP-1"), ("P0", "DE-01")) == [MAX_QUANTITY, 0, 0]


def test_who_may_not_configure_may_not_look_or_change(hall, outside):
    stranger = caller(person("nobody-much", stock_scope=ALL))
    assert stranger("GET", PATH).status_code == 403
    assert stranger("PUT", PATH, hook(outside)).status_code == 403
    assert stranger("DELETE", PATH).status_code == 403
    assert not AvailabilityHook.objects.exists()
