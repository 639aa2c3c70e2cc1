"""Every answer about notices and receiving has exactly the fields that are told of it."""

import pytest

from tests.api.calling import caller
from tests.asn.conftest import Dock
from tests.people import ALL, person

from .test_fields import fields_of

ASNS, RECEIVING = "/v0/i/inventory/asns", "/v1/inventory/receiving"
ITEM = {"product_id": "P0", "quantity": 2}


@pytest.fixture
def call(db):
    dock = Dock()
    dock.products[0].identifiers.create(type="EAN13", value="4006381333931")
    dock.asn((0, 5), (1, 3, "C1"), order_ids=["SO-1"])
    dock.asn((0, 5), number="")
    return caller(person("erp", is_superuser=True, stock_scope=ALL, document_scope=ALL))


def test_the_answers_about_notices(call):
    sent = {
        "fulfillment_node_id": "DE-01",
        "from_location": "DC-1",
        "shipment_date": "2026-03-02T09:30:00",
        "references": {"shipment_ref": "A-9"},
        "items": [ITEM],
    }
    made = fields_of("POST /v0/i/inventory/asns", call("POST", ASNS, sent), 201)["id"]
    for path in (ASNS, "/v0/i/inventory/stores/{store_id}/asns"):
        listed = fields_of(f"GET {path}", call("GET", path.format(store_id="DE-01")))
        assert len(listed["items"]) == 3
        for item in listed["items"]:
            fields_of("GET /v0/i/inventory/asns/{asn_id}", call("GET", f"{ASNS}/{item['id']}"))
    receive = "POST /v1/inventory/receiving/asns/{asn_id}/receipts"
    answer = call(
        "POST", f"{RECEIVING}/asns/{made}/receipts", {"items": [ITEM]}, idempotency_key="a"
    )
    assert fields_of(receive, answer, 201)["asn_status"] == "closed"
    blind = {"location_id": "DE-01", "shipment_ref": "X", "items": [ITEM]}
    answer = call("POST", f"{RECEIVING}/receipts", blind, idempotency_key="b")
    fields_of("POST /v1/inventory/receiving/receipts", answer, 201)
    other = listed["items"][1]["id"]
    answer = call("POST", f"{RECEIVING}/asns/{other}/actions", {"type": "CLOSE"})
    fields_of("POST /v1/inventory/receiving/asns/{asn_id}/actions", answer)
