"""Every answer about transfers has exactly the fields that are told of it."""

import pytest

from tests.api.calling import caller
from tests.people import ALL, person
from tests.transfers.conftest import Yard

from .test_fields import fields_of

ORDERS = "/v0/i/inventory/transfer_orders"
PARCELS = "/v0/i/inventory/transfer_transactions"
ROUTES = "/v0/i/inventory/transfer_shipping_config"


@pytest.fixture
def call(db):
    yard = Yard()
    yard.stock((0, 10))
    yard.parcel(yard.order((0, 2)), (0, 1))
    return caller(person("erp", is_superuser=True, stock_scope=ALL, document_scope=ALL))


def test_the_answers_about_transfers(call):
    sent = {
        "external_ref": "TR-9",
        "from_location_id": "GB-01",
        "to_location_id": "DE-01",
        "order_date": "2026-03-02T09:45:00",
        "due_date": "2026-03-09T00:00:00",
        "items": [{"product_id": "P0", "ordered_quantity": 2}],
    }
    order = fields_of(f"POST {ORDERS}", call("POST", ORDERS, sent), 201)["id"]
    begun = "/v0/i/inventory/stores/{store_id}/transfer_orders"
    answer = call("POST", begun.format(store_id="GB-01"), sent, idempotency_key="a")
    fields_of(f"POST {begun}", answer, 201)
    assert len(fields_of(f"GET {ORDERS}", call("GET", ORDERS))["items"]) == 3
    of_order = f"{ORDERS}/{{transfer_order_id}}"
    parcels = f"{of_order}/transfer_transactions"
    path = parcels.format(transfer_order_id=order)
    parcel = fields_of(f"POST {parcels}", call("POST", path), 201)["id"]
    box = {"items": [{"product_id": "P0", "quantity": 1}], "with_carrier": True, "carrier": "X"}
    for verb, body in (("ready", box), ("ship", {}), ("unpack", {})):
        if verb == "unpack":
            parcel = call("POST", path).json()["id"]
        answer = call("POST", f"{PARCELS}/{parcel}/{verb}", body, idempotency_key=verb)
        told = fields_of(f"POST {PARCELS}/{{transfer_id}}/{verb}", answer)
        assert told["result"]["status"] in ("ready", "shipped", "unpacked")
        fields_of(f"GET {PARCELS}/{{transfer_id}}", call("GET", f"{PARCELS}/{parcel}"))
    assert len(fields_of(f"GET {parcels}", call("GET", path))["items"]) == 2
    fields_of(f"GET {of_order}", call("GET", f"{ORDERS}/{order}"))
    answer = call("POST", f"{ORDERS}/{order}/close", {}, idempotency_key="c")
    assert fields_of(f"POST {of_order}/close", answer)["status"] == "closed"


def test_the_answers_about_routes(call):
    route = {"from_location_id": "GB-01", "to_location_ids": ["*"], "service_level_ids": ["next"]}
    answer = call("POST", ROUTES, {"transfer_order_configuration": [route]})
    fields_of(f"POST {ROUTES}", answer)
    fields_of(f"GET {ROUTES}", call("GET", ROUTES))
