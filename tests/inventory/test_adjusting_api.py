"""Adjustments and returns over JSON: the contract's body, its errors, and one act per key."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from inventory import events
from inventory.models import AdjustmentReason, InventoryTransaction, StockOnHand
from omnichannel.accounts import scopes, tokens
from omnichannel.eventstream.models import Event
from omnichannel.locations.models import FulfillmentLocation, ReturnCondition
from tests.people import person

ADJUST, RETURN = "/v1/inventory/adjustments", "/v1/inventory/returns"


@pytest.fixture
def stocked(world):
    world.heart, world.mug = world.product("85123A"), world.product("MUG-1", "A mug")
    world.post((world.heart, 10), (world.mug, 4))
    world.damage = AdjustmentReason.objects.create(
        type="Damage", subtype="Broken", origin=world.shelves["main"],
        destination=world.shelves["damaged"],
    )  # fmt: skip
    world.erp = person("erp", "Store Manager", stores=(world.berlin,))
    return world


@pytest.fixture
def call(stocked):
    """call(address, body, key) as the ERP."""
    token = tokens.issue(stocked.erp, (scopes.TRANSACTIONS_WRITE,)).access_token
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def go(address, body, key: str = ""):
        headers = {"Idempotency-Key": key} if key else {}
        text = body if isinstance(body, str) else json.dumps(body)
        return client.post(address, text, content_type="application/json", headers=headers)

    return go


def held(world, product, shelf: str = "main") -> int:
    rows = StockOnHand.objects.filter(
        location=world.berlin, product=product, stock_location__name=shelf
    )
    return rows.values_list("quantity", flat=True).first() or 0


def adjusted(world, *lines: tuple[str, object], **more) -> dict:
    return {
        "location_id": "DE-01",
        "reason_id": str(world.damage.uuid),
        "line_items": [{"product_id": name, "quantity": number} for name, number in lines],
    } | more


def test_an_adjustment_of_the_erp_moves_stock_and_is_told(stocked, call):
    answer = call(ADJUST, adjusted(stocked, ("85123A", 3), note="wet", external_ref="R-9"))
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    document = InventoryTransaction.objects.get(uuid=answer.json()["id"])
    assert (document.type, document.note, document.reason) == ("ADJUSTMENT", "wet", stocked.damage)
    assert (held(stocked, stocked.heart), held(stocked, stocked.heart, "damaged")) == (7, 3)
    payload = json.loads(Event.objects.get(name=events.ADJUSTMENT_CREATED).body)["payload"]
    assert payload["id"] == answer.json()["id"]
    assert [(i["product_id"], i["quantity"]) for i in payload["items"]] == [("85123A", 3)]


def test_one_key_is_one_adjustment(stocked, call):
    body = adjusted(stocked, ("85123A", 3))
    answers = [call(ADJUST, body, "k-1") for _ in range(3)]
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["id"] for a in answers}) == 1
    assert held(stocked, stocked.heart) == 7
    other = call(ADJUST, adjusted(stocked, ("85123A", 4)), "k-1")
    assert (other.status_code, other.json()["error_code"]) == (422, "idempotency_key_reused")
    assert held(stocked, stocked.heart) == 7


def test_every_unknown_product_is_named_and_nothing_moves(stocked, call):
    body = adjusted(stocked, ("85123A", 1), ("Ü-404", 1), ("no-such", 2), ("Ü-404", 1))
    answer = call(ADJUST, body)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "missing_products"
    assert answer.json()["missing_products"] == ["Ü-404", "no-such"]
    assert held(stocked, stocked.heart) == 10


def test_more_than_there_is_is_refused_by_product(stocked, call):
    answer = call(ADJUST, adjusted(stocked, ("85123A", 1), ("MUG-1", 5)))
    assert (answer.status_code, answer.json()["error_code"]) == (409, "stock_too_low")
    assert answer.json()["shortages"] == [{"product_id": "MUG-1", "on_hand": 4, "asked": 5}]
    assert (held(stocked, stocked.heart), held(stocked, stocked.mug)) == (10, 4)


def test_a_store_of_others_is_not_there(stocked, call):
    answer = call(ADJUST, adjusted(stocked, ("85123A", 1), location_id="JP-01"))
    assert (answer.status_code, answer.json()["error_code"]) == (404, "location_not_found")
    nowhere = call(ADJUST, adjusted(stocked, ("85123A", 1), location_id="XX-99"))
    same = nowhere.json()["message"].replace("XX-99", "JP-01")
    assert same == answer.json()["message"]


def test_a_reason_that_is_not_there_or_switched_off_is_refused(stocked, call):
    other = "00000000-0000-4000-8000-000000000000"
    answer = call(ADJUST, adjusted(stocked, ("85123A", 1), reason_id=other))
    assert answer.status_code == 400
    assert other in answer.json()["message"]
    AdjustmentReason.objects.update(is_active=False)
    assert call(ADJUST, adjusted(stocked, ("85123A", 1))).status_code in (400, 409)
    assert held(stocked, stocked.heart) == 10


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "3", True, None, 2**40])
def test_a_quantity_that_is_no_positive_number_is_422(stocked, call, quantity):
    answer = call(ADJUST, adjusted(stocked, ("85123A", quantity)))
    assert answer.status_code == 422
    assert "quantity" in json.dumps(answer.json()["detail"])
    assert held(stocked, stocked.heart) == 10


@pytest.mark.parametrize("field", ["location_id", "reason_id", "line_items"])
def test_a_field_that_is_missing_is_named(stocked, call, field):
    body = adjusted(stocked, ("85123A", 1))
    del body[field]
    answer = call(ADJUST, body)
    assert answer.status_code == 422
    assert field in json.dumps(answer.json()["detail"])


def test_a_return_goes_where_its_condition_says(stocked, call):
    ReturnCondition.objects.create(condition_code=2, stock_location=stocked.shelves["damaged"])
    body = {
        "location_id": "DE-01",
        "line_items": [
            {"product_id": "85123A", "quantity": 1, "condition_code": 2},
            {"product_id": "MUG-1", "quantity": 2},
        ],
        "external_ref": "ORDER-7",
    }
    answer = call(RETURN, body, "back-1")
    assert answer.status_code == 201
    document = InventoryTransaction.objects.get(uuid=answer.json()["id"])
    assert (document.type, document.reference) == ("RETURN", "ORDER-7")
    assert held(stocked, stocked.heart, "damaged") == 1
    assert held(stocked, stocked.mug, "returns") == 2
    assert call(RETURN, body, "back-1").json() == answer.json()
    assert held(stocked, stocked.mug, "returns") == 2


def test_a_return_without_a_key_is_refused(stocked, call):
    body = {"location_id": "DE-01", "line_items": [{"product_id": "MUG-1", "quantity": 1}]}
    answer = call(RETURN, body)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["message"]
    assert held(stocked, stocked.mug, "returns") == 0


def test_of_an_erp_mastered_store_it_is_recorded_only(stocked, call):
    FulfillmentLocation.objects.filter(pk=stocked.berlin.pk).update(is_inventory_master=False)
    answer = call(ADJUST, adjusted(stocked, ("85123A", 30)))
    assert answer.status_code == 200
    assert held(stocked, stocked.heart) == 10


def test_without_permission_or_scope_nothing_is_done(stocked):
    body = json.dumps(adjusted(stocked, ("85123A", 1)))
    reader = tokens.issue(stocked.erp, (scopes.STOCK_READ,)).access_token
    viewer = person("looks", "Viewer", stores=(stocked.berlin,))
    may_not = tokens.issue(viewer, (scopes.TRANSACTIONS_WRITE,)).access_token
    for token in (reader, may_not):
        answer = Client().post(
            ADJUST,
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 403
    assert Client().post(ADJUST, body, content_type="application/json").status_code == 401
    assert held(stocked, stocked.heart) == 10


def test_it_is_dated_when_it_was_posted(stocked, call):
    before = timezone.now()
    answer = call(ADJUST, adjusted(stocked, ("85123A", 1)))
    document = InventoryTransaction.objects.get(uuid=answer.json()["id"])
    assert before <= document.completed_at <= timezone.now()
