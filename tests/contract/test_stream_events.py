"""What the event stream sends, judged as it arrives: the contract's schemas, the official verifier."""

import json
import uuid
from pathlib import Path

import pytest
from django.db import transaction
from jsonschema import ValidationError
from standardwebhooks.webhooks import Webhook

from inventory import actions
from inventory.models import AdjustmentReason
from omnichannel.eventstream import integrations, names, nudging
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Event
from tests.eventstream.receiver import Server
from tests.kit.conftest import World
from tests.people import person

from .schemas import SCHEMAS, check

pytestmark = pytest.mark.django_db(transaction=True)
ADJUSTED = "inventory_transaction.adjustment_created"
NAMES = [
    line
    for line in Path(__file__).with_name("event-names.txt").read_text().splitlines()
    if not line.startswith("#")
]


class Shop(World):
    """A store with stock, reasons of every direction, and somebody who may adjust."""

    def __init__(self) -> None:
        super().__init__()
        main, damaged = self.shelves["main"], self.shelves["damaged"]
        self.ways = [
            AdjustmentReason.objects.create(
                type="Grund", subtype=str(n), origin=way[0], destination=way[1]
            )
            for n, way in enumerate([(main, damaged), (main, None), (None, main)])
        ]
        self.by = person("manager", "Store Manager", stores=(self.berlin,))

    def adjust(self, reason: AdjustmentReason, *lines: tuple, **more: str):
        with transaction.atomic():
            return actions.adjust_stock(
                location_id=self.berlin.pk,
                reason_id=reason.pk,
                lines=[actions.Typed(product.pk, quantity) for product, quantity in lines],
                by=self.by,
                key=str(uuid.uuid4()),
                **more,
            ).document


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setattr(nudging, "nudge", lambda: None)
    return Shop()


def test_the_names_are_those_of_the_contract_and_each_of_ours_has_a_schema():
    assert len(NAMES) == 44
    assert sorted(names.EVENT_NAMES) == sorted(NAMES)
    assert set(names.INVENTORY) == set(SCHEMAS["payloads"])


def test_adjustments_of_every_way_are_told_in_the_contracts_words(shop):
    shirt, mug = shop.product("85123A"), shop.product("MUG-Ü")
    shirt.identifiers.create(type="ean", value="4006381333931")
    shop.post((shirt, 20), (mug, 20))
    Event.objects.all().delete()
    first = shop.adjust(shop.ways[0], (shirt, 3), (mug, 1), note="naß \N{DROPLET}", reference="R")
    shop.adjust(shop.ways[1], (shirt, 1))
    shop.adjust(shop.ways[2], (mug, 2))
    with transaction.atomic():
        actions.swap_products(
            location_id=shop.berlin.pk,
            reason_id=shop.ways[2].pk,
            left=shirt.pk,
            arrived=mug.pk,
            quantity=1,
            by=shop.by,
            key="swap",
        )
    with transaction.atomic():
        actions.correct_transaction(pk=first.pk, by=shop.by)
    rows = list(Event.objects.order_by("pk"))
    payloads = [check(row) for row in rows]
    assert {row.name for row in rows} == {ADJUSTED}
    assert payloads[0]["note"] == "naß \N{DROPLET}"
    assert payloads[0]["items"][0]["external_identifiers"]["ean"] == "4006381333931"
    keys = [(payload["id"], payload["chunk_number"]) for payload in payloads]
    assert len(set(keys)) == len(keys) >= 6
    for payload in payloads:
        way = {"origin_stock_location_name", "destination_stock_location_name"} & set(payload)
        assert way
        assert all(item["quantity"] > 0 for item in payload["items"])


def test_a_long_document_goes_in_chunks_that_add_up(shop):
    products = [shop.product(f"P-{n}") for n in range(1_001)]
    document = shop.adjust(shop.ways[2], *((product, 2) for product in products))
    payloads = [check(row) for row in Event.objects.filter(name=ADJUSTED).order_by("pk")]
    assert [(p["chunk_number"], p["total_chunks"], len(p["items"])) for p in payloads] == [
        (1, 3, 500),
        (2, 3, 500),
        (3, 3, 1),
    ]
    assert {payload["id"] for payload in payloads} == {str(document.uuid)}
    told = [item["product_id"] for payload in payloads for item in payload["items"]]
    assert sorted(told) == sorted(product.product_id for product in products)


def test_what_arrives_is_what_was_judged_and_is_signed_through_two_rotations(shop, settings):
    mug = shop.product("MUG")
    with Server() as sink:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [sink.place]}
        with transaction.atomic():
            erp, secret = integrations.register("erp", callback_url=sink.url())
        secrets = [secret]
        for _rotation in range(3):
            shop.adjust(shop.ways[2], (mug, 1))
            drain()
            call = sink.calls[-1]
            # Whichever of its secrets the receiver knows: the newest, or one of before.
            for known in secrets:
                assert Webhook(known).verify(call.body, call.headers) == json.loads(call.body)
            with transaction.atomic():
                secrets.append(integrations.rotate_secret(pk=erp.pk))
    assert [call.body.decode() for call in sink.calls] == list(
        Event.objects.filter(name=ADJUSTED).order_by("pk").values_list("body", flat=True)
    )
    for row in Event.objects.all():
        check(row)


def test_control_a_wrong_word_a_missing_one_and_a_number_as_text_are_found(shop):
    shop.adjust(shop.ways[2], (shop.product("MUG"), 1))
    event = Event.objects.get()
    for change in (
        lambda payload: payload.update(fulfillment_location_id=payload["fulfillment_node_id"]),
        lambda payload: payload.pop("fulfillment_node_id"),
        lambda payload: payload["items"][0].update(quantity="1"),
        lambda payload: payload.update(chunk_number=0),
    ):
        body = json.loads(event.body)
        change(body["payload"])
        with pytest.raises((ValidationError, AssertionError)):
            check(Event(name=event.name, body=json.dumps(body)))
