"""One act per Idempotency-Key, however often and however fast it is sent (RELIABILITY rules 3, 6, 7)."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from inventory import ledger
from inventory.models import InventoryTransaction, StockOnHand
from omnichannel.accounts.models import AuditEvent
from omnichannel.api import idempotency
from omnichannel.api.models import IdempotencyKey
from omnichannel.api.tasks import forget_the_past
from omnichannel.locations.models import StockLocation
from tests.api.calling import caller, reference_world
from tests.inventory.test_posting_in_parallel import at_once
from tests.people import ALL, person

SHELVES, ADJUST, RETURNS = (
    "/v0/stock_locations",
    "/v1/inventory/adjustments",
    "/v1/inventory/returns",
)
ATTIC = {"name": "attic"}


def adjustment(world, quantity: int = 1, **more) -> dict:
    return {
        "location_id": "DE-01",
        "reason_id": str(world.reason.uuid),
        "line_items": [{"product_id": "85123A", "quantity": quantity}],
        **more,
    }


def on_hand(world) -> int:
    rows = StockOnHand.objects.filter(
        location=world.berlin, product=world.heart, stock_location__name="main"
    )
    return rows.get().quantity


def documents() -> int:
    return InventoryTransaction.objects.filter(type="ADJUSTMENT").count()


def test_the_same_call_again_is_answered_and_not_done_again(world, call):
    first = call("POST", SHELVES, ATTIC, Idempotency_Key="k")
    again = call("POST", SHELVES, ATTIC, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert json.loads(first.content) == json.loads(again.content)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert AuditEvent.objects.count() == 1
    control = call("POST", SHELVES, ATTIC, Idempotency_Key="another")
    assert control.status_code == 422, "control: without the key it is a second act"


def test_an_answer_without_a_body_is_replayed_without_one(world, call):
    for _ in range(2):
        answer = call("PATCH", f"{SHELVES}/main", {"display_name": "Floor"}, Idempotency_Key="k")
        assert (answer.status_code, answer.content) == (204, b"")
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", SHELVES, {"name": "cellar"}),
        ("POST", f"{SHELVES}?a=1", ATTIC),
        ("POST", f"{SHELVES}/return_process_configuration", ATTIC),
        ("PATCH", f"{SHELVES}/main", ATTIC),
    ],
)
def test_a_key_of_another_request_is_refused(world, call, method, path, body):
    call("POST", SHELVES, ATTIC, Idempotency_Key="k")
    before = StockLocation.objects.count()
    answer = call(method, path, body, Idempotency_Key="k")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "idempotency_key_reused")
    assert StockLocation.objects.count() == before


def test_a_key_belongs_to_whoever_sent_it(world, call):
    other = caller(person("other", is_superuser=True))
    assert call("POST", ADJUST, adjustment(world), Idempotency_Key="k").status_code == 200
    assert other("POST", ADJUST, adjustment(world, 2), Idempotency_Key="k").status_code == 200
    assert on_hand(world) == 7


def test_a_refusal_is_not_remembered(world, call):
    body = {"condition_code": 1, "stock_location_name": "attic"}
    path = f"{SHELVES}/return_process_configuration"
    assert call("POST", path, body, Idempotency_Key="k").status_code == 404
    assert not IdempotencyKey.objects.exists()
    assert call("POST", SHELVES, ATTIC).status_code == 201
    assert call("POST", path, body, Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "é", "a\tb", "x" * 256])
def test_a_key_that_is_none_is_refused_where_one_is_needed(world, call, key):
    body = {"location_id": "DE-01", "line_items": [{"product_id": "85123A", "quantity": 1}]}
    answer = call("POST", RETURNS, body, Idempotency_Key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["message"]
    assert not InventoryTransaction.objects.filter(type="RETURN").exists()


def test_a_key_is_1_to_255_characters(world, call):
    for number, key in enumerate(["k", "x" * 255, "a b/!~"]):
        body = {"name": f"shelf {number}"}
        assert call("POST", SHELVES, body, Idempotency_Key=key).status_code == 201


def test_an_act_that_failed_half_way_left_nothing(world, everybody, monkeypatch):
    call = caller(everybody, raise_request_exception=False)

    def broken(*args, **options):
        raise RuntimeError

    with monkeypatch.context() as broken_audit:
        broken_audit.setattr("omnichannel.accounts.audit.record", broken)
        assert call("POST", SHELVES, ATTIC, Idempotency_Key="k").status_code == 500
    assert not StockLocation.objects.filter(name="attic").exists()
    assert not IdempotencyKey.objects.exists()
    assert call("POST", SHELVES, ATTIC, Idempotency_Key="k").status_code == 201


class Deadlock(Exception):
    sqlstate = "40P01"


def broken_off(times: int):
    """Lets the database break the act off that often."""
    left = [times]
    real = StockLocation.objects.get_or_create

    def get_or_create(**options):
        found = real(**options)
        if left[0]:
            left[0] -= 1
            raise OperationalError from Deadlock()
        return found

    return get_or_create


def test_what_the_database_broke_off_is_tried_again_and_done_once(world, call, monkeypatch):
    monkeypatch.setattr(StockLocation.objects, "get_or_create", broken_off(3))
    monkeypatch.setattr("omnichannel.locations.api.shelves.StockLocation", StockLocation)
    answer = call("POST", SHELVES, ATTIC, Idempotency_Key="k")
    assert answer.status_code == 201
    assert AuditEvent.objects.count() == 1


def test_and_in_the_end_it_says_when_to_come_back(world, call, monkeypatch):
    monkeypatch.setattr(StockLocation.objects, "get_or_create", broken_off(99))
    answer = call("POST", SHELVES, ATTIC, Idempotency_Key="k")
    assert (answer.status_code, answer.json()["error_code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert not StockLocation.objects.filter(name="attic").exists()


def test_keys_of_acts_that_moved_stock_are_kept_for_ever(world, call):
    call("POST", ADJUST, adjustment(world), Idempotency_Key="stock")
    call("POST", SHELVES, ATTIC, Idempotency_Key="name")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=31))
    call("POST", SHELVES, {"name": "young"}, Idempotency_Key="young")
    forget_the_past()
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"stock", "young"}
    forget_the_past()
    assert call("POST", ADJUST, adjustment(world), Idempotency_Key="stock").status_code == 200
    assert on_hand(world) == 9


# ------------------------------------------------------------------ many at once


@pytest.fixture
def shared(transactional_db):
    """A world that threads share: everything in it is committed."""
    cache.clear()
    world = reference_world()
    world.erp = person("erp", is_superuser=True, stock_scope=ALL, document_scope=ALL)
    return world


def sent_at_once(world, number: int, key):
    call = caller(world.erp)

    def act(index: int):
        def send():
            answer = call("POST", ADJUST, adjustment(world), Idempotency_Key=key(index))
            return answer.status_code, answer.json()

        return send

    return at_once([act(index) for index in range(number)])


def test_twenty_at_once_under_one_key_are_one_act(shared):
    results = sent_at_once(shared, 20, lambda index: "k")
    assert [r for r in results if isinstance(r, Exception)] == []
    assert {status for status, _body in results} <= {200, 409}
    done = [body["id"] for status, body in results if status == 200]
    assert len(set(done)) == 1
    assert {b["error_code"] for s, b in results if s == 409} <= {"idempotency_key_in_use"}
    assert (documents(), on_hand(shared)) == (1, 9)
    assert ledger.verify().differences == 0


def test_control_twenty_keys_are_twenty_acts(shared):
    shared.post((shared.heart, 30), type="RECEIVING")
    results = sent_at_once(shared, 20, lambda index: f"k-{index}")
    assert {status for status, _body in results} == {200}
    assert (documents(), on_hand(shared)) == (20, 20)


def test_while_one_runs_the_next_is_told_so(shared):
    call = caller(shared.erp)
    name = idempotency.operation_key(
        type("Asked", (), {"user": shared.erp})(),  # type: ignore[arg-type]
        "k",
    )

    def hold() -> int:
        """In the same second as the other, which holds the lock of the same key."""
        answer = call("POST", ADJUST, adjustment(shared), Idempotency_Key="k")
        return answer.status_code

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        try:
            (status,) = at_once([hold])
            assert status == 409
            assert documents() == 0
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    assert at_once([hold]) == [200]
