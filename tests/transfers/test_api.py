"""Transfer orders and their parcels over JSON: the contract's words, and whose they are."""

import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import InventoryTransaction
from omnichannel.accounts.models import AuditEvent
from tests.asn.test_api import NO_SUCH, Caller
from tests.people import person
from transfers.models import ShippingRoute, TransferOrder

ORDERS = "/v0/i/inventory/transfer_orders"
PARCELS = "/v0/i/inventory/transfer_transactions"
ROUTES = "/v0/i/inventory/transfer_shipping_config"


@pytest.fixture
def erp(yard):
    yard.stock((0, 10), (1, 5))
    return Caller(person("erp", "Admin", document_scope="ALL_STORES"))


def asked(*items: dict, **fields: Any) -> dict[str, Any]:
    """As real clients write it: times without a zone."""
    return {
        "external_ref": "TR-1",
        "from_location_id": "GB-01",
        "to_location_id": "DE-01",
        "order_date": "2026-03-02T09:45:00",
        "items": list(items) or [{"product_id": "P0", "ordered_quantity": 4}],
        **fields,
    }


def made(erp: Caller, *items: dict, **fields: Any) -> str:
    answer = erp.post(ORDERS, asked(*items, **fields))
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def begun(erp: Caller, order: str) -> str:
    answer = erp.post(f"{ORDERS}/{order}/transfer_transactions", None)
    assert answer.status_code == 201, answer.content
    assert answer.headers["Location"] == f"{PARCELS}/{answer.json()['id']}"
    return f"{PARCELS}/{answer.json()['id']}"


def key() -> str:
    return uuid.uuid4().hex


# ------------------------------------------------------------------ orders
def test_an_order_is_injected_and_read_back(yard, erp):
    body = asked(
        {"product_id": "P0", "ordered_quantity": 12},
        {"product_id": "P1", "ordered_quantity": 1},
        due_date="2026-03-09T00:00:00",
        unknown="is ignored",
    )
    answer = erp.post(ORDERS, body)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["success"], told["external_ref"]) == (True, "TR-1")
    assert answer.headers["Location"] == f"{ORDERS}/{told['id']}"
    found = erp.get(answer.headers["Location"]).json()
    assert (found["status"], found["order_date"]) == ("open", "2026-03-02T09:45:00.000Z")
    assert (found["from_location_id"], found["to_location_id"]) == ("GB-01", "DE-01")
    assert (found["from_stock_location"], found["due_date"]) == ("main", "2026-03-09")
    first = found["line_items"][0]
    assert (first["ordered_quantity"], first["set_aside_quantity"], first["variance"]) == (
        12,
        10,
        12,
    )
    assert yard.told() == []


def test_refusals_that_clients_know(yard, erp):
    made(erp)
    answer = erp.post(ORDERS, asked())
    assert (answer.status_code, answer.json()["error_code"]) == (409, "order_already_exists")
    answer = erp.post(
        ORDERS,
        asked(
            {"product_id": "X1", "ordered_quantity": 1},
            {"product_id": "X2", "ordered_quantity": 1},
            external_ref="TR-2",
        ),
    )
    body = answer.json()
    assert (answer.status_code, body["error_code"]) == (400, "missing_products")
    assert body["missing_products"] == ["X1", "X2"]
    assert TransferOrder.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"from_location_id": "NO"}, 400, "NO"),
        ({"to_location_id": "NO"}, 400, "NO"),
        ({"to_location_id": "GB-01"}, 400, "Name two"),
        ({"from_stock_location": "attic"}, 400, "attic"),
        ({"from_stock_location": "_transfers"}, 400, "no stock location"),
        ({"items": []}, 422, "items"),
        ({"items": [{"product_id": "P0", "ordered_quantity": 0}]}, 422, "ordered_quantity"),
        ({"items": [{"product_id": "P0", "ordered_quantity": 2**40}]}, 422, "ordered_quantity"),
        ({"items": [{"product_id": "P0", "ordered_quantity": "1"}]}, 422, "ordered_quantity"),
        ({"external_ref": " "}, 422, "external_ref"),
        ({"external_ref": "x" * 257}, 422, "external_ref"),
        ({"order_date": "soon"}, 422, "order_date"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_order_that_makes_no_sense_is_refused(yard, erp, change, status, says):
    answer = erp.post(ORDERS, {**asked(), **change})
    assert (answer.status_code, says in answer.content.decode()) == (status, True)
    assert not TransferOrder.objects.exists()


def test_a_store_sends_of_its_own_accord(yard, erp):
    path = "/v0/i/inventory/stores/GB-01/transfer_orders"
    items = [{"product_id": "P0", "ordered_quantity": 11}]
    body = {"to_location_id": "DE-01", "items": items}
    answer = erp.post(path, body, key=key())
    assert (answer.status_code, answer.json()["shortages"]) == (
        409,
        [{"product_id": "P0", "on_hand": 10, "asked": 11}],
    )
    items[0]["ordered_quantity"] = 10
    assert erp.post(path, body).status_code == 400
    answer = erp.post(path, body, key="k")
    assert (answer.status_code, answer.json()["external_ref"]) == (201, "TO-GB-01-1")
    assert erp.post(path, body, key="k").json() == answer.json()
    assert len(yard.told("transfer_order_created")) == 1


def test_a_list_is_narrowed_and_does_not_ask_for_each_order(yard, erp):
    ids = [made(erp, external_ref=f"TR-{n}") for n in range(3)]
    erp.post(f"{ORDERS}/{ids[0]}/close", {}, key=key())
    for query, expected in (
        ({}, 3),
        ({"status": "open"}, 2),
        ({"status": "open,closed"}, 3),
        ({"external_ref": "TR-1"}, 1),
        ({"search": "tr-"}, 3),
        ({"from_location_id": "DE-01"}, 0),
        ({"to_location_id": "DE-01"}, 3),
        ({"start_order_date": "2026-03-02", "end_order_date": "2026-03-02"}, 3),
        ({"start_order_date": "2026-03-03"}, 0),
    ):
        found = erp.get(ORDERS, **query).json()
        assert found["pagination_info"]["total"] == expected, query
    assert [one["id"] for one in erp.get(ORDERS).json()["items"]] == ids[::-1]
    assert erp.get(ORDERS, status="lost").status_code == 422
    counts = []
    for count in (1, 3):
        with CaptureQueriesContext(connection) as asked_for:
            erp.get(ORDERS, count=count)
        counts.append(len(asked_for))
    assert counts[0] == counts[1]


# ------------------------------------------------------------------ parcels
def test_packed_shipped_received_and_closed_over_the_api(yard, erp):
    order = made(
        erp,
        {"product_id": "P0", "ordered_quantity": 4},
        {"product_id": "P1", "ordered_quantity": 1},
    )
    parcel = begun(erp, order)
    found = erp.get(parcel).json()["result"]
    assert (found["status"], found["shipment_requested"], found["number"]) == (
        "picked",
        False,
        "TR-1-1",
    )
    assert found["line_items"][0] == {
        "product_id": "P0",
        "ordered_quantity": 4,
        "picked_quantity": 0,
        "quantity": 0,
        "remaining_quantity": 4,
    }
    assert found["transfer_order"] == {
        "id": order,
        "external_ref": "TR-1",
        "from_location_id": "GB-01",
        "to_location_id": "DE-01",
        "origin_stock_location": "main",
    }
    body = {
        "items": [{"product_id": "P0", "quantity": 3}],
        "with_carrier": True,
        "carrier": "Parcels Ltd",
        "tracking_number": "TRK-1",
    }
    ready = erp.post(f"{parcel}/ready", body, key="r").json()["result"]
    assert (ready["status"], ready["shipment_requested"]) == ("ready", True)
    assert erp.post(f"{parcel}/ready", body, key="r").json()["result"] == ready
    refused = erp.post(f"{ORDERS}/{order}/close", {}, key=key())
    assert (refused.status_code, refused.json()["error_code"]) == (
        409,
        "transfer_transaction_ready",
    )
    assert refused.json()["transfer_transaction_id"] == ready["id"]
    shipped = erp.post(f"{parcel}/ship", {}, key=key()).json()["result"]
    assert (shipped["status"], shipped["tracking_number"]) == ("shipped", "TRK-1")
    asn = erp.get(f"/v0/i/inventory/asns/{shipped['asn_id']}").json()
    assert [(one["carton_id"], one["quantity"]) for one in asn["line_items"]] == [("TRK-1", 3)]
    receipt = {"items": [{"product_id": "P0", "quantity": 2}]}
    erp.post(f"/v1/inventory/receiving/asns/{asn['id']}/receipts", receipt, key=key())
    line = erp.get(f"{ORDERS}/{order}").json()["line_items"][0]
    assert (line["received_quantity"], line["in_transit_quantity"], line["variance"]) == (2, 1, 1)
    closed = erp.post(f"{ORDERS}/{order}/close", {}, key=key()).json()
    assert (closed["status"], closed["closed_by"]) == ("closed", "erp")
    assert erp.post(f"{ORDERS}/{order}/transfer_transactions", None).json()["error_code"] == (
        "transfer_order_closed"
    )
    assert erp.get(f"{ORDERS}/{order}/transfer_transactions").json()["items"][0] == {
        **shipped,
        "line_items": erp.get(parcel).json()["result"]["line_items"],
    }
    yard.agree()


def test_items_say_what_is_in_the_box_and_a_refusal_leaves_it_as_it_was(yard, erp):
    order = made(
        erp,
        {"product_id": "P0", "ordered_quantity": 20},
        {"product_id": "P1", "ordered_quantity": 5},
    )
    parcel = begun(erp, order)
    for items, code, names in (
        ([{"product_id": "P0", "quantity": 21}], "more_than_ordered", "excess"),
        ([{"product_id": "P0", "quantity": 11}], "stock_too_low", "shortages"),
    ):
        answer = erp.post(f"{parcel}/ship", {"items": items}, key=key())
        assert (answer.status_code, answer.json()["error_code"]) == (409, code)
        assert answer.json()[names][0]["product_id"] == "P0"
    found = erp.get(parcel).json()["result"]
    assert {line["quantity"] for line in found["line_items"]} == {0}
    both = [{"product_id": "P0", "quantity": 2}, {"product_id": "P1", "quantity": 2}]
    erp.post(f"{parcel}/ready", {"items": both}, key=key())
    answer = erp.post(f"{parcel}/unpack", {"revision": 1}, key=key())
    assert answer.json()["error_code"] == "stale_revision"
    assert erp.post(f"{parcel}/unpack", {}, key=key()).json()["result"]["status"] == "unpacked"
    assert erp.post(f"{parcel}/ship", {}, key=key()).status_code == 409
    parcel = begun(erp, order)
    one = {"items": [{"product_id": "P1", "quantity": 1}, {"product_id": "P1", "quantity": 1}]}
    shipped = erp.post(f"{parcel}/ship", one, key=key()).json()["result"]
    assert [line["quantity"] for line in shipped["line_items"]] == [0, 2]
    assert InventoryTransaction.objects.filter(type="TRANSFER").count() == 1
    yard.agree()


@pytest.mark.parametrize(
    "body",
    [{"carrier": "X"}, {"with_carrier": False, "tracking_number": "X"}, {"items": []}],
    ids=str,
)
def test_a_handover_that_makes_no_sense_is_refused(yard, erp, body):
    parcel = begun(erp, made(erp))
    assert erp.post(f"{parcel}/ship", body, key=key()).status_code == 422


def test_the_other_end_reads_and_everybody_else_finds_nothing(yard, erp):
    order = made(erp)
    parcel = begun(erp, order)
    acts = [f"{ORDERS}/{order}/close", f"{parcel}/ready", f"{parcel}/ship", f"{parcel}/unpack"]
    berlin = Caller(yard.manager)
    assert berlin.get(f"{ORDERS}/{order}").json()["external_ref"] == "TR-1"
    assert berlin.get(parcel).status_code == 200
    assert berlin.post(f"{ORDERS}/{order}/transfer_transactions", None).status_code == 403
    assert [berlin.post(path, {}, key=key()).status_code for path in acts] == [403] * 4
    assert berlin.post(ORDERS, asked(external_ref="TR-2")).status_code == 400
    stranger = Caller(person("stranger", "Store Manager", stores=(yard.erp,)))
    assert stranger.get(ORDERS).json()["items"] == []
    assert {stranger.get(path).status_code for path in (f"{ORDERS}/{order}", parcel)} == {404}
    assert [stranger.post(path, {}, key=key()).status_code for path in acts] == [404] * 4
    assert erp.get(f"{ORDERS}/{NO_SUCH}").status_code == 404


def test_closing_by_hand_needs_its_permission_where_looking_does_not_suffice(yard, erp, settings):
    settings.FORCE_CLOSE_NEEDS_ONLY_VIEW = False
    path = f"{ORDERS}/{made(erp)}/close"
    manager = Caller(person("fulfilment", "Fulfillment Manager", stores=(yard.london,)))
    answer = manager.post(path, {}, key=key())
    assert (answer.status_code, "Close transfer orders" in answer.json()["message"]) == (403, True)
    assert erp.post(path, {}, key=key()).status_code == 200


# ------------------------------------------------------------------ routes
@pytest.mark.parametrize(
    "name", ["transfer_shipping_configuration", "transfer_order_configuration"]
)
def test_routes_are_told_under_either_name_and_keep_their_ids(yard, erp, name):
    one = {
        "from_location_id": "GB-01",
        "to_location_ids": ["DE-01", "*"],
        "service_level_ids": ["next-day"],
    }
    two = {**one, "from_location_id": "DE-01"}
    told = erp.post(ROUTES, {name: [one, two]}).json()["transfer_shipping_configuration"]
    assert told == [{"id": told[0]["id"], **one}, {"id": told[1]["id"], **two}]
    changed = {**two, "to_location_ids": ["*", "DE-01"], "service_level_ids": []}
    again = erp.post(ROUTES, {name: [changed]}).json()
    assert again["transfer_shipping_configuration"] == [{"id": told[1]["id"], **changed}]
    assert erp.get(ROUTES).json() == again
    rows = AuditEvent.objects.filter(resource="transfer_shipping_configuration").order_by("pk")
    assert list(rows.values_list("operation", flat=True)) == [
        "CREATED",
        "CREATED",
        "UPDATED",
        "DELETED",
    ]


@pytest.mark.parametrize(
    ("routes", "status"),
    [
        ([{"from_location_id": "NO", "to_location_ids": ["*"], "service_level_ids": []}], 400),
        ([{"from_location_id": "*", "to_location_ids": ["*"], "service_level_ids": []}] * 2, 400),
        ([{"from_location_id": "*", "to_location_ids": [], "service_level_ids": []}], 422),
        ([{"from_location_id": "*"}], 422),
        (None, 422),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_routes_that_make_no_sense_are_refused(yard, erp, routes, status):
    answer = erp.post(ROUTES, {"transfer_shipping_configuration": routes})
    assert answer.status_code == status
    if status == 400:
        assert (answer.json()["error_code"], bool(answer.json()["message"])) == (
            "invalid_data",
            True,
        )
    assert not ShippingRoute.objects.exists()
