"""Every event of receiving and closing against the contract's own schemas."""

import json
import uuid

import pytest
from django.db import transaction
from jsonschema import ValidationError

from asn import events, queries
from asn.models import Fate
from omnichannel.eventstream import outbox
from omnichannel.eventstream.models import Event
from tests.asn.conftest import Dock

from .schemas import check

TOLD = {
    "inventory_transaction.items_received",
    "inventory_transaction.asn_closed",
    "inventory_transaction.adjustment_created",
}


@pytest.fixture
def dock(db):
    return Dock()


def test_whatever_happens_to_a_notice_is_told_in_the_contracts_words(dock):
    dock.products[0].identifiers.create(type="EAN13", value="4006381333931")
    asn = dock.shipped((0, 10), (1, 5), po_number="PO-1", order_ids=["SO-1", "SO-2"])
    first = dock.receive(asn, dock.arrived(0, 4, damaged=1, reason_id=dock.broken.pk), (2, 1))
    dock.close(asn, Fate.LOST)
    dock.receive(asn, (1, 2), is_late=True)
    dock.correct(dock.receive(asn, (1, 1), is_late=True))
    dock.blind((3, 2), order_ref="SO-9")
    dock.receive(dock.asn((0, 1), number="", order_ids=[]), (0, 1))
    rows = list(Event.objects.order_by("pk"))
    payloads = [check(row) for row in rows]
    assert {row.name for row in rows} == TOLD
    received = [p for r, p in zip(rows, payloads, strict=True) if r.name == events.ITEMS_RECEIVED]
    assert received[0]["id"] == str(first.transaction.uuid)
    assert received[0]["order_ref"] == "SO-1, SO-2"
    assert received[0]["items"][0]["external_identifiers"] == {
        "sku": "S0", "ean13": "4006381333931",
    }  # fmt: skip
    assert {p["stock_location_name"] for p in received} == {"main"}
    assert received[-2]["order_ref"] == "SO-9"
    # No word of ours for what the sender did not say.
    assert "shipment_ref" not in received[-2]
    assert "shipment_ref" not in received[-1]
    assert received[-1]["order_ref"] is None


def test_a_notice_of_a_transfer_is_told_in_chunks(dock):
    asn = dock.shipped((0, 3), (1, 2), po_number="PO-1")
    transfer = events.TransferRefs(uuid.uuid4(), uuid.uuid4(), "TO-1", "TR-1")
    items = queries.items_told({dock.products[n].pk: 3 - n for n in range(2)}) * 300
    with transaction.atomic():
        for payload in events.asn_created(asn, transfer, items):
            outbox.publish(events.ASN_CREATED, payload, entity_id=str(asn.uuid))
    first, second = [check(row) for row in Event.objects.order_by("pk")]
    assert (first["origin_id"], first["destination_id"]) == ("GB-01", "DE-01")
    assert first["shipment_date"] == "2026-03-02T09:30:00.000Z"
    assert (first["purchase_order_number"], first["transfer_order_ref"]) == ("PO-1", "TO-1")
    assert [len(chunk["items"]) for chunk in (first, second)] == [500, 100]


def test_control_a_payload_of_other_words_is_found(dock):
    dock.receive(dock.asn((0, 1)), (0, 1))
    event = Event.objects.filter(name=events.ITEMS_RECEIVED).get()
    body = json.loads(event.body)
    body["payload"]["items"][0]["quantity"] = "1"
    event.body = json.dumps(body)
    with pytest.raises(ValidationError):
        check(event)
    body["payload"]["items"][0]["quantity"] = 1
    body["payload"]["location"] = "DE-01"
    event.body = json.dumps(body)
    with pytest.raises(AssertionError):
        check(event)
