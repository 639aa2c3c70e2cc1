"""Notices and receiving over JSON: the contract's words, and whose they are."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from asn.models import Asn, Receipt
from inventory.models import InventoryTransaction
from omnichannel.accounts import tokens
from omnichannel.accounts.scopes import SCOPES
from tests.people import person

from .conftest import allow_over_receipt

ASNS = "/v0/i/inventory/asns"
RECEIPTS = "/v1/inventory/receiving/receipts"
NO_SUCH = "00000000-0000-4000-8000-000000000000"


class Caller:
    """A program with a token, which sends and reads JSON."""

    def __init__(self, user: Any) -> None:
        issued = tokens.issue(user, SCOPES)
        self.headers = {"Authorization": f"Bearer {issued.access_token}"}
        self.client = Client()

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query, headers=self.headers)

    def post(self, path: str, body: Any, key: str = "") -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(path, body, content_type="application/json", headers=headers)


@pytest.fixture
def erp(dock):
    return Caller(person("erp", "Admin", document_scope="ALL_STORES"))


def notice(*items: dict, **fields: Any) -> dict[str, Any]:
    return {
        "fulfillment_node_id": "DE-01",
        "from_location": "DC-1",
        "shipment_date": "2026-03-02T09:30:00",
        "references": {"shipment_ref": "IF-1", "po_number": "PO-1"},
        "items": list(items) or [{"product_id": "P0", "expected_quantity": 5}],
        **fields,
    }


def made(erp: Caller, *items: dict, **fields: Any) -> str:
    answer = erp.post(ASNS, notice(*items, **fields))
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def receipts(asn: str) -> str:
    return f"/v1/inventory/receiving/asns/{asn}/receipts"


def closing(asn: str) -> str:
    return f"/v1/inventory/receiving/asns/{asn}/actions"


# ------------------------------------------------------------------ create
def test_a_notice_is_announced_and_read_back(dock, erp):
    answer = erp.post(
        ASNS,
        notice(
            {"product_id": "P0", "quantity": 3},
            {"product_id": "P0", "expected_quantity": 4, "quantity": 9, "carton_id": None},
            {"product_id": "P1", "expected_quantity": 0, "carton_id": "C1"},
            unknown_field="is ignored",
            order_ids=["SO-1"],
            expected_arrival="2026-03-09",
        ),
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["success"] is True
    assert answer.headers["Location"] == f"{ASNS}/{body['id']}"
    found = erp.get(answer.headers["Location"]).json()
    assert {key: found[key] for key in ("status", "revision", "completion_date")} == {
        "status": "open", "revision": 1, "completion_date": None,
    }  # fmt: skip
    assert (found["fulfillment_node_id"], found["from_location"]) == ("DE-01", "DC-1")
    assert found["to_location_label"] == "Store DE-01"
    assert found["references"] == {"shipment_ref": "IF-1", "po_number": "PO-1"}
    assert found["shipment_date"] == "2026-03-02T09:30:00.000Z"
    assert (found["order_ids"], found["expected_arrival"]) == (["SO-1"], "2026-03-09")
    assert (found["item_total"], found["received_item_total"]) == (7, 0)
    first, second = found["line_items"]
    assert (first["product_id"], first["expected_quantity"], first["quantity"]) == ("P0", 7, 7)
    assert first["product"]["external_identifiers"] == {"sku": "S0"}
    assert (second["carton_id"], second["expected_quantity"]) == ("C1", 0)
    assert not InventoryTransaction.objects.exists()


def test_a_taken_reference_is_a_conflict_that_clients_know(dock, erp):
    made(erp)
    answer = erp.post(ASNS, notice({"product_id": "P1", "expected_quantity": 1}))
    assert answer.status_code == 409
    assert answer.json()["error_code"] == "asn_already_exists"
    assert b"asn_already_exists" in answer.content
    assert Asn.objects.count() == 1


def test_the_same_key_creates_once(dock, erp):
    first = erp.post(ASNS, notice(), key="k")
    again = erp.post(ASNS, notice(), key="k")
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert Asn.objects.count() == 1


def test_notices_without_a_reference_do_not_meet(dock, erp):
    first = made(erp, references={"shipment_ref": None})
    second = made(erp, references={})
    assert first != second
    assert erp.get(f"{ASNS}/{first}").json()["references"]["shipment_ref"] is None


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"fulfillment_node_id": "NO"}, 400, "NO"),
        ({"from_location": "NO"}, 400, "NO"),
        ({"items": [{"product_id": "X1", "quantity": 1}, {"product_id": "X2", "quantity": 1}]},
         400, "X1, X2"),
        ({"items": []}, 422, "items"),
        ({"items": [{"product_id": "P0"}]}, 422, "expected_quantity"),
        ({"items": [{"product_id": "P0", "quantity": -1}]}, 422, "quantity"),
        ({"items": [{"product_id": "P0", "quantity": 2**40}]}, 422, "quantity"),
        ({"items": [{"product_id": "P0", "quantity": "5"}]}, 422, "quantity"),
        ({"items": [{"product_id": "P0", "quantity": 1.5}]}, 422, "quantity"),
        ({"items": [{"product_id": "", "quantity": 1}]}, 422, "product_id"),
        ({"references": None}, 422, "references"),
        ({"references": "IF-1"}, 422, "references"),
        ({"items": [5]}, 422, "items"),
        ({"references": {"shipment_ref": "  "}}, 422, "shipment_ref"),
        ({"references": {"shipment_ref": "x" * 257}}, 422, "shipment_ref"),
        ({"shipment_date": "yesterday"}, 422, "shipment_date"),
        ({"from_location": "DE-01"}, 400, "Name two"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_written(dock, erp, change, status, says):
    answer = erp.post(ASNS, {**notice(), **change})
    assert (answer.status_code, says in answer.content.decode()) == (status, True), answer.content
    assert not Asn.objects.exists()


def test_unknown_products_are_the_error_that_clients_look_for(dock, erp):
    answer = erp.post(ASNS, notice({"product_id": "NOPE", "quantity": 1}))
    assert answer.json()["error_code"] == "missing_products"


def test_texts_of_all_kinds_come_back_as_they_were(dock, erp):
    text = "IF0000001 - 9990001 =cmd|' /C' 送り状 \U0001f4e6 ﷽"
    asn = made(erp, references={"shipment_ref": text, "po_number": text})
    assert erp.get(f"{ASNS}/{asn}").json()["references"]["shipment_ref"] == text
    erp.post(receipts(asn), {"items": [{"product_id": "P0", "quantity": 1}]}, key="k")
    assert dock.told("items_received")[0]["shipment_ref"] == text


# ------------------------------------------------------------------ lists
def test_the_list_is_paged_filtered_and_sorted(dock, erp):
    ids = [
        made(erp, references={"shipment_ref": f"IF-{n}", "po_number": f"PO-{n}"},
             shipment_date=f"2026-03-0{n}T23:59:59Z", order_ids=[f"SO-{n}"],
             from_location="GB-01" if n == 3 else "DC-1",
             fulfillment_node_id="GB-01" if n == 4 else "DE-01")
        for n in range(1, 6)
    ]  # fmt: skip
    erp.post(receipts(ids[0]), {"items": [{"product_id": "P0", "quantity": 1}]}, key="a")
    erp.post(closing(ids[1]), {"type": "CLOSE"})

    def found(**query: Any) -> list[int]:
        items = erp.get(ASNS, **query).json()["items"]
        return [ids.index(item["id"]) + 1 for item in items]

    assert found() == [5, 4, 3, 2, 1]
    assert found(sort="created_at") == [1, 2, 3, 4, 5]
    assert found(sort="-updated_at")[:2] == [2, 1]
    assert found(count=2, offset=1) == [4, 3]
    assert found(status=["partially_completed", "closed"]) == [2, 1]
    assert found(status="partially_completed,closed") == [2, 1]
    assert found(origin_id="GB-01") == [3]
    assert found(destination_id=["GB-01"]) == [4]
    assert found(destination_id=["NO"]) == []
    assert found(search="IF-3") == [3]
    assert found(search="PO-2") == [2]
    assert found(search="SO-5") == [5]
    assert found(search="%") == []
    assert found(start_shipment_date="2026-03-02", end_shipment_date="2026-03-04") == [4, 3, 2]
    assert found(end_shipment_date="9999-12-31") == [5, 4, 3, 2, 1]
    page = erp.get(ASNS, count=2, offset=2).json()["pagination_info"]
    assert (page["total"], page["count"], page["offset"]) == (5, 2, 2)
    assert erp.get(page["next_url"]).status_code == 200
    item = erp.get(ASNS).json()["items"][0]
    assert item["line_items"][0]["received_quantity"] == 0
    for wrong in ({"status": "done"}, {"sort": "number"}, {"start_shipment_date": "soon"}):
        assert erp.get(ASNS, **wrong).status_code == 422, wrong


def test_a_store_lists_what_leads_to_it_by_either_of_its_names(dock, erp):
    type(dock.berlin).objects.filter(pk=dock.berlin.pk).update(store_id="berlin-1")
    asn = made(erp)
    made(erp, references={}, fulfillment_node_id="GB-01")
    for name in ("DE-01", "berlin-1"):
        answer = erp.get(f"/v0/i/inventory/stores/{name}/asns", status="open").json()
        assert [item["id"] for item in answer["items"]] == [asn]
    answer = erp.get("/v0/i/inventory/stores/NO/asns")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "location_not_found")


def test_the_list_reads_as_often_for_ten_notices_as_for_one(dock, erp):
    made(erp)
    erp.get(ASNS)
    with CaptureQueriesContext(connection) as one:
        erp.get(ASNS)
    for _ in range(9):
        made(erp, references={})
    with CaptureQueriesContext(connection) as ten:
        assert len(erp.get(ASNS).json()["items"]) == 10
    assert len(ten) == len(one)


# ------------------------------------------------------------------ receive
def test_items_are_received_with_a_key_and_once(dock, erp):
    asn = made(erp)
    body = {"items": [{"product_id": "P0", "quantity": 2}], "associate_id": "a-7"}
    assert erp.post(receipts(asn), body).status_code == 400
    first = erp.post(receipts(asn), body, key="k")
    assert first.status_code == 201
    told = first.json()
    assert (told["asn_id"], told["asn_status"]) == (asn, "partially_completed")
    assert erp.post(receipts(asn), body, key="k").json() == told
    assert dock.held(0) == 2
    (event,) = dock.told("items_received")
    assert (event["id"], event["associate_id"]) == (told["id"], "a-7")
    other = {"items": [{"product_id": "P0", "quantity": 3}]}
    assert erp.post(receipts(asn), other, key="k").status_code == 422
    rest = erp.post(receipts(asn), other, key="k2").json()
    assert rest["asn_status"] == "closed"
    found = erp.get(f"{ASNS}/{asn}").json()
    assert (found["status"], found["force_closed_by"]) == ("closed", None)
    assert found["completion_date"] is not None
    assert (found["received_item_total"], found["received_product_total"]) == (5, 1)


def test_a_carton_is_received_in_one_call(dock, erp):
    asn = made(
        erp,
        {"product_id": "P0", "quantity": 2, "carton_id": "C1"},
        {"product_id": "P1", "quantity": 3, "carton_id": "C2"},
    )
    assert erp.post(receipts(asn), {"carton_id": "C2"}, key="a").status_code == 201
    assert (dock.held(0), dock.held(1)) == (0, 3)
    missing = erp.post(receipts(asn), {"carton_id": "C3"}, key="b")
    assert (missing.status_code, "no carton C3" in missing.json()["message"]) == (400, True)
    erp.post(receipts(asn), {"items": [{"product_id": "P1", "quantity": 1}]}, key="c")
    late = erp.post(receipts(asn), {"carton_id": "C1"}, key="d")
    assert (late.status_code, "one by one" in late.json()["message"]) == (400, True)


def test_damage_is_said_in_the_same_call(dock, erp):
    asn = made(erp)
    item = {"product_id": "P0", "quantity": 5, "damaged_quantity": 2}
    answer = erp.post(receipts(asn), {"items": [item]}, key="a")
    assert answer.status_code == 400
    item["reason_id"] = str(dock.broken.uuid)
    assert erp.post(receipts(asn), {"items": [item]}, key="b").status_code == 201
    assert (dock.held(0), dock.held(0, "damaged")) == (3, 2)
    unknown = {**item, "reason_id": NO_SUCH}
    answer = erp.post(receipts(asn), {"items": [unknown], "is_late_arrival": True}, key="c")
    assert (answer.status_code, NO_SUCH in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": [{"product_id": "P0", "quantity": 0}]},
        {"items": [{"product_id": "P0", "quantity": -1}]},
        {"items": [{"product_id": "P0", "quantity": 10**10}]},
        {"items": [{"product_id": "P0", "quantity": 1}], "carton_id": "C1"},
        {"carton_id": ""},
        {"items": "P0"},
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_receipt_that_makes_no_sense_is_422(dock, erp, body):
    asn = made(erp)
    assert erp.post(receipts(asn), body, key="k").status_code == 422
    assert not Receipt.objects.exists()


def test_refusals_have_codes_to_branch_on(dock, erp):
    asn = made(erp)
    five = {"items": [{"product_id": "P0", "quantity": 5}]}
    future = {**five, "happened_at": "2999-01-01T00:00:00Z"}
    assert erp.post(receipts(asn), future, key="f").status_code == 400
    stale = erp.post(receipts(asn), {**five, "revision": 9}, key="s")
    assert (stale.status_code, stale.json()["error_code"]) == (409, "stale_revision")
    allow_over_receipt(False)
    six = {"items": [{"product_id": "P0", "quantity": 6}]}
    over = erp.post(receipts(asn), six, key="o")
    assert (over.status_code, over.json()["error_code"]) == (409, "over_received")
    allow_over_receipt(True)
    assert erp.post(receipts(asn), five, key="r").status_code == 201
    closed = erp.post(receipts(asn), six, key="c")
    assert (closed.status_code, closed.json()["error_code"]) == (409, "asn_closed")
    late = erp.post(receipts(asn), {**six, "is_late_arrival": True}, key="l")
    assert (late.status_code, late.json()["is_late_arrival"]) == (201, True)
    unknown = {"items": [{"product_id": "NO-1", "quantity": 1}]}
    missing = erp.post(receipts(asn), unknown, key="u")
    assert missing.json()["missing_products"] == ["NO-1"]
    assert erp.post(receipts(NO_SUCH), five, key="n").status_code == 404
    assert erp.post(receipts("no-uuid"), five, key="n").status_code == 422


def test_blind_goods_are_offered_their_notice_and_go_past_it_with_a_reason(dock, erp):
    asn = made(erp)
    body = {
        "location_id": "DE-01",
        "shipment_ref": "PO-1",
        "items": [{"product_id": "P0", "quantity": 2}],
    }
    offer = erp.post(RECEIPTS, body, key="a")
    assert (offer.status_code, offer.json()["error_code"]) == (409, "asn_offered")
    assert [one["id"] for one in offer.json()["asns"]] == [asn]
    assert dock.held(0) == 0
    done = erp.post(RECEIPTS, {**body, "reason": "no label"}, key="a")
    assert (done.status_code, done.json()["asn_id"]) == (201, None)
    assert dock.held(0) == 2
    bare = {key: value for key, value in body.items() if key != "shipment_ref"}
    assert erp.post(RECEIPTS, bare, key="b").status_code == 400
    assert erp.post(RECEIPTS, {**body, "location_id": "NO"}, key="c").status_code == 404
    assert erp.post(RECEIPTS, {**body, "reason": "no label"}).status_code == 400


# ------------------------------------------------------------------ close
def test_close_takes_the_default_or_a_fate(dock, erp):
    first = erp.post(closing(made(erp)), {"type": "CLOSE"})
    assert first.status_code == 200
    told = first.json()
    assert (told["status"], told["force_closed_by"]) == ("closed", "erp")
    assert told["line_items"][0]["never_shipped_quantity"] == 5
    asn = made(
        erp,
        {"product_id": "P0", "quantity": 5},
        {"product_id": "P1", "quantity": 4, "carton_id": "C1"},
        references={},
    )
    wanted = {"product_id": "P1", "carton_id": "C1", "fate": "return_to_source"}
    told = erp.post(closing(asn), {"type": "CLOSE", "fate": "lost", "line_items": [wanted]}).json()
    assert [line["written_off_quantity"] for line in told["line_items"]] == [5, 0]
    assert [line["returned_quantity"] for line in told["line_items"]] == [0, 4]
    again = erp.post(closing(asn), {"type": "CLOSE"})
    assert (again.status_code, again.json()["error_code"]) == (409, "asn_closed")
    assert "erp" in again.json()["message"]
    assert len(dock.told("asn_closed")) == 2


def test_close_says_which_receipt_has_the_goods(dock, erp):
    body = {
        "location_id": "DE-01",
        "shipment_ref": "parcel",
        "items": [{"product_id": "P0", "quantity": 5}],
    }
    receipt = erp.post(RECEIPTS, body, key="a").json()["id"]
    asn = made(erp)
    words = {"type": "CLOSE", "fate": "received_elsewhere"}
    assert erp.post(closing(asn), words).status_code == 400
    assert erp.post(closing(asn), {**words, "receipt_id": NO_SUCH}).status_code == 400
    told = erp.post(closing(asn), {**words, "receipt_id": receipt}).json()
    assert told["line_items"][0]["received_elsewhere_quantity"] == 5


@pytest.mark.parametrize(
    "body",
    [{}, {"type": "OPEN"}, {"type": "CLOSE", "fate": "vanished"}, {"type": "CLOSE", "revision": 0}],
    ids=str,
)
def test_an_act_that_is_none_is_422(dock, erp, body):
    assert erp.post(closing(made(erp)), body).status_code == 422


def test_close_of_what_the_caller_saw_differently_is_refused(dock, erp):
    asn = made(erp)
    erp.post(receipts(asn), {"items": [{"product_id": "P0", "quantity": 1}]}, key="k")
    stale = erp.post(closing(asn), {"type": "CLOSE", "revision": 1})
    assert (stale.status_code, stale.json()["error_code"]) == (409, "stale_revision")
    unknown = {"type": "CLOSE", "line_items": [{"product_id": "P5", "fate": "lost"}]}
    assert erp.post(closing(asn), unknown).status_code == 400
    assert Asn.objects.get().status == "PARTIALLY_RECEIVED"


# ------------------------------------------------------------------ who
def test_foreign_notices_are_not_there_and_the_sender_only_looks(dock, erp, settings):
    asn = made(erp, from_location="GB-01")
    sender = Caller(person("sender", "Store Manager", stores=(dock.london,)))
    stranger = Caller(person("stranger", "Store Manager", stores=(dock.erp,)))
    one = {"items": [{"product_id": "P0", "quantity": 1}]}
    assert sender.get(f"{ASNS}/{asn}").status_code == 200
    assert sender.post(closing(asn), {"type": "CLOSE"}).status_code == 403
    assert sender.post(receipts(asn), one, key="k").status_code == 403
    for path in (f"{ASNS}/{asn}", f"{ASNS}/{NO_SUCH}"):
        assert stranger.get(path).status_code == 404
    assert stranger.get(ASNS).json()["items"] == []
    assert stranger.post(closing(asn), {"type": "CLOSE"}).status_code == 404
    assert stranger.post(receipts(asn), one, key="k").status_code == 404
    assert stranger.get("/v0/i/inventory/stores/DE-01/asns").status_code == 404
    assert stranger.post(ASNS, notice(references={})).status_code == 400
    body = {**one, "location_id": "DE-01", "shipment_ref": "X"}
    assert stranger.post(RECEIPTS, body, key="k").status_code == 404
    assert Asn.objects.get().revision == 1


def test_who_may_force_close_follows_the_setting(dock, erp, settings):
    viewer = Caller(dock.viewer)
    first, second = made(erp), made(erp, references={})
    assert viewer.post(closing(first), {"type": "CLOSE"}).status_code == 200
    settings.FORCE_CLOSE_NEEDS_ONLY_VIEW = False
    assert viewer.post(closing(second), {"type": "CLOSE"}).status_code == 403
    assert erp.post(closing(second), {"type": "CLOSE"}).status_code == 200


def test_a_fate_that_moves_stock_is_refused_to_who_may_not_adjust(dock, erp):
    asn = dock.shipped((0, 5))
    viewer = Caller(dock.viewer)
    answer = viewer.post(closing(str(asn.uuid)), {"type": "CLOSE", "fate": "lost"})
    assert (answer.status_code, "Adjust Inventory" in answer.json()["message"]) == (403, True)
    assert viewer.post(closing(str(asn.uuid)), {"type": "CLOSE"}).status_code == 200


def test_two_callers_with_one_key_do_not_meet(dock, erp):
    other = Caller(person("other", "Admin", document_scope="ALL_STORES"))
    asn, one = made(erp), {"items": [{"product_id": "P0", "quantity": 1}]}
    key = str(uuid.uuid4())
    first, second = (caller.post(receipts(asn), one, key=key) for caller in (erp, other))
    assert first.json()["id"] != second.json()["id"]
    assert dock.held(0) == 2
