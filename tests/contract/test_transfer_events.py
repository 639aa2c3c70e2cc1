"""The five events around transfers against the contract's own schemas."""

import json

import pytest
from jsonschema import ValidationError

from omnichannel.catalog.models import Product
from omnichannel.eventstream.models import Event
from tests.transfers.conftest import Yard
from transfers import actions

from .schemas import check

ABOUT = "inventory_transaction."
CARRIER = actions.Handover(True, "Parcels Ltd", "next-day", "TRK-1")
# What the destination tells when it receives.
TOLD = [
    f"{ABOUT}{name}"
    for name in (
        "transfer_order_created",
        "items_ready_for_handover",
        "asn_created",
        "items_received",
        "asn_closed",
        "transfer_order_closed",
    )
]


@pytest.fixture
def yard(db):
    return Yard()


def test_a_store_s_transfer_is_told_in_the_contracts_words_from_begin_to_end(yard):
    yard.products[0].identifiers.create(type="EAN13", value="4006381333931")
    yard.stock((0, 10), (1, 5))
    order = yard.begun((0, 10), (1, 5))
    done = yard.ship(yard.parcel(order, (0, 9)), handover=CARRIER)
    yard.receive(done.asn, (0, 9))
    yard.close_order(order)
    rows = list(Event.objects.order_by("pk"))
    assert [row.name for row in rows] == TOLD
    created, ready, announced, received, _asn_closed, closed = map(check, rows)
    ids = {"sku": "S0", "ean13": "4006381333931"}
    assert created["id"] == ready["order_id"] == announced["transfer_order_id"] == str(order.uuid)
    assert created["items"][0] == {"product_id": "P0", "quantity": 10, "external_identifiers": ids}
    assert ready["id"] == announced["transfer_transaction_id"] == str(done.transaction.uuid)
    assert ready["items"] == [{"product_id": "P0", "quantity": 9, "external_identifiers": ids}]
    assert announced["id"] == received["asn_id"] == str(done.asn.uuid)
    assert received["shipment_ref"] == announced["shipment_ref"] == "TO-GB-01-1-1"
    assert received["order_ref"] == "TO-GB-01-1"
    assert closed == {"id": str(order.uuid), "external_ref": "TO-GB-01-1"}


def test_orders_of_many_products_are_told_in_chunks(yard):
    yard.products = Product.objects.bulk_create(
        Product(product_id=f"M{n}", sku=f"M{n}", name=f"Many {n}") for n in range(501)
    )
    many = [(n, 1) for n in range(501)]
    yard.stock(*many)
    order = yard.begun(*many)
    yard.ship(yard.parcel(order, *many), handover=CARRIER)
    for name in TOLD[:3]:
        chunks = [check(row) for row in Event.objects.filter(name=name).order_by("pk")]
        assert [(one["chunk_number"], one["total_chunks"]) for one in chunks] == [(1, 2), (2, 2)]
        assert [len(one["items"]) for one in chunks] == [500, 1]
        assert len({one["id"] for one in chunks}) == 1


def test_control_a_payload_of_other_words_is_found(yard):
    yard.stock((0, 1))
    yard.close_order(yard.begun((0, 1)))
    event = Event.objects.get(name=TOLD[0])
    body = json.loads(event.body)
    del body["payload"]["origin_stock_location"]
    event.body = json.dumps(body)
    with pytest.raises(ValidationError):
        check(event)
