"""Adjusting stock: acts, their events, and the forms in the browser and on the phone."""

import html
import json
import re
import threading
import uuid

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from inventory import actions, events, ledger
from inventory.models import AdjustmentReason, InventoryTransaction, StockMovement, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.eventstream.models import Event
from omnichannel.locations.models import FulfillmentLocation, ReturnCondition, StockLocation
from tests.deciding import decide
from tests.people import person, signed_in

NEW = "/store-operations/inventory/adjustments/new/"
SWAP = "/store-operations/inventory/adjustments/swap/"
PHONE = "/adjust/"


@pytest.fixture
def stocked(world):
    world.heart, world.mug = world.product("85123A"), world.product("MUG-1", "A mug")
    world.post((world.heart, 10), (world.mug, 4))
    world.damage = AdjustmentReason.objects.create(
        type="Damage", subtype="Broken", origin=world.shelves["main"],
        destination=world.shelves["damaged"],
    )  # fmt: skip
    world.found = AdjustmentReason.objects.create(
        type="Found", subtype="Behind the shelf", destination=world.shelves["main"]
    )
    world.manager = person("manager", "Store Manager", stores=(world.berlin,))
    return world


@pytest.fixture
def client(stocked):
    return signed_in(stocked.manager)


def held(world, product, shelf: str = "main", where=None) -> int:
    rows = StockOnHand.objects.filter(
        location=where or world.berlin, product=product, stock_location=world.shelves[shelf]
    )
    return rows.values_list("quantity", flat=True).first() or 0


def adjust(world, *lines, reason=None, key: str = "", **more):
    with transaction.atomic():
        return actions.adjust_stock(
            location_id=world.berlin.pk,
            reason_id=(reason or world.damage).pk,
            lines=[actions.Typed(product.pk, quantity) for product, quantity in lines],
            by=world.manager,
            key=key or str(uuid.uuid4()),
            **more,
        )


def told() -> list[dict]:
    rows = Event.objects.filter(name=events.ADJUSTMENT_CREATED).order_by("pk")
    return [json.loads(row.body)["payload"] for row in rows]


def text_of(response) -> str:
    return html.unescape(response.content.decode())


# ------------------------------------------------------------------ the act
def test_an_adjustment_moves_what_its_reason_says_and_tells_the_stream(stocked):
    stocked.heart.identifiers.create(type="ean", value="4006381333931")
    done = adjust(stocked, (stocked.heart, 3), (stocked.mug, 1), note="wet", reference="R-9")
    assert held(stocked, stocked.heart) == 7
    assert held(stocked, stocked.heart, "damaged") == 3
    document = done.document
    assert (document.type, document.reason, document.note) == ("ADJUSTMENT", stocked.damage, "wet")
    assert document.associate_id == stocked.manager.associate
    (payload,) = told()
    assert payload["id"] == str(document.uuid)
    assert payload["fulfillment_node_id"] == "DE-01"
    assert payload["adjustment_type"] == "Damage"
    assert payload["adjustment_reason"] == "Broken"
    assert payload["origin_stock_location_name"] == "main"
    assert payload["destination_stock_location_name"] == "damaged"
    assert (payload["chunk_number"], payload["total_chunks"]) == (1, 1)
    assert payload["items"][0]["external_identifiers"] == {"ean": "4006381333931"}
    assert {i["product_id"]: i["quantity"] for i in payload["items"]} == {"85123A": 3, "MUG-1": 1}


def test_a_side_outside_the_books_is_not_told(stocked):
    adjust(stocked, (stocked.heart, 2), reason=stocked.found)
    (payload,) = told()
    assert payload["destination_stock_location_name"] == "main"
    assert "origin_stock_location_name" not in payload
    assert held(stocked, stocked.heart) == 12


def test_below_zero_is_refused_by_name_and_nothing_leaves(stocked, settings):
    with pytest.raises(ledger.StockTooLow, match="MUG-1: 4 on hand, 5 asked"):
        adjust(stocked, (stocked.heart, 1), (stocked.mug, 5))
    assert (held(stocked, stocked.heart), held(stocked, stocked.mug)) == (10, 4)
    assert not Event.objects.exists()
    settings.ALLOW_NEGATIVE_ADJUSTMENTS = True
    adjust(stocked, (stocked.mug, 5))
    assert held(stocked, stocked.mug) == -1


def test_the_same_act_twice_moves_and_tells_once(stocked):
    first = adjust(stocked, (stocked.heart, 2), key="k")
    again = adjust(stocked, (stocked.heart, 2), key="k")
    assert (first.is_replay, again.is_replay) == (False, True)
    assert first.document == again.document
    assert held(stocked, stocked.heart) == 8
    assert len(told()) == 1
    with pytest.raises(ledger.OperationKeyReused):
        adjust(stocked, (stocked.heart, 3), key="k")


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_below_one_is_refused(stocked, quantity):
    with pytest.raises(ActionError, match="Line 1"):
        adjust(stocked, (stocked.heart, quantity))


def test_a_reason_that_is_switched_off_is_refused(stocked):
    AdjustmentReason.objects.update(is_active=False)
    with pytest.raises(ActionError, match="not in use any more"):
        adjust(stocked, (stocked.heart, 1))


def test_of_an_erp_mastered_store_it_is_recorded_and_told_and_moves_nothing(stocked):
    FulfillmentLocation.objects.filter(pk=stocked.berlin.pk).update(is_inventory_master=False)
    done = adjust(stocked, (stocked.heart, 30))
    assert held(stocked, stocked.heart) == 10
    assert done.document.lines.count() == 1
    assert len(told()) == 1


def test_many_lines_leave_in_chunks_of_500_with_one_id(stocked):
    products = [stocked.product(f"N-{n}") for n in range(1_001)]
    adjust(stocked, *((p, 1) for p in products), reason=stocked.found)
    payloads = told()
    assert [len(p["items"]) for p in payloads] == [500, 500, 1]
    assert [p["chunk_number"] for p in payloads] == [1, 2, 3]
    assert {p["total_chunks"] for p in payloads} == {3}
    assert len({p["id"] for p in payloads}) == 1


def test_the_cost_does_not_grow_with_the_lines(stocked):
    products = [stocked.product(f"N-{n}") for n in range(60)]
    adjust(stocked, (products[0], 1), reason=stocked.found)
    with CaptureQueriesContext(connection) as one:
        adjust(stocked, (products[0], 1), reason=stocked.found)
    with CaptureQueriesContext(connection) as many:
        adjust(stocked, *((p, 1) for p in products), reason=stocked.found)
    assert len(one) == len(many)


def test_if_the_event_cannot_be_written_nothing_has_moved(stocked, monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("no stream")

    monkeypatch.setattr("omnichannel.eventstream.outbox.publish", broken)
    with pytest.raises(RuntimeError):
        adjust(stocked, (stocked.heart, 3))
    assert held(stocked, stocked.heart) == 10
    assert not InventoryTransaction.objects.filter(type="ADJUSTMENT").exists()


# ------------------------------------------------------------------ swap and correction
def test_a_swap_is_one_document_and_one_event_for_each_way(stocked):
    with transaction.atomic():
        done = actions.swap_products(
            location_id=stocked.berlin.pk, reason_id=stocked.damage.pk, left=stocked.heart.pk,
            arrived=stocked.mug.pk, quantity=2, by=stocked.manager, key="s",
        )  # fmt: skip
    assert (held(stocked, stocked.heart), held(stocked, stocked.mug)) == (8, 6)
    out, into = sorted(told(), key=lambda p: "origin_stock_location_name" not in p)
    assert out["id"] == into["id"] == str(done.document.uuid)
    assert {out["chunk_number"], into["chunk_number"]} == {1, 2}
    assert out["origin_stock_location_name"] == into["destination_stock_location_name"] == "main"
    assert [i["product_id"] for i in out["items"]] == ["85123A"]
    assert [i["product_id"] for i in into["items"]] == ["MUG-1"]


def test_a_swap_of_a_product_with_itself_is_refused(stocked):
    with pytest.raises(ActionError, match="two different products"), transaction.atomic():
        actions.swap_products(
            location_id=stocked.berlin.pk, reason_id=stocked.damage.pk, left=stocked.heart.pk,
            arrived=stocked.heart.pk, quantity=1, by=stocked.manager, key="s",
        )  # fmt: skip


def correct(world, document, by=None):
    with transaction.atomic():
        return actions.correct_transaction(pk=document.pk, by=by or world.manager, note="typo")


def test_a_correction_undoes_line_by_line_names_the_first_and_happens_once(stocked):
    first = adjust(stocked, (stocked.heart, 3), (stocked.heart, 1), (stocked.mug, 1)).document
    done = correct(stocked, first)
    assert (held(stocked, stocked.heart), held(stocked, stocked.mug)) == (10, 4)
    assert done.document.corrects == first
    assert told()[1]["origin_stock_location_name"] == "damaged"
    assert correct(stocked, first).is_replay
    assert held(stocked, stocked.heart) == 10
    other = person("other", "Store Manager", stores=(stocked.berlin,))
    with pytest.raises(ActionError, match="was corrected already, by manager"):
        correct(stocked, first, other)
    with pytest.raises(ActionError, match="not an adjustment that can be corrected"):
        correct(stocked, done.document)


def test_what_is_no_longer_there_cannot_be_corrected_away(stocked):
    first = adjust(stocked, (stocked.heart, 5), reason=stocked.found).document
    stocked.post((stocked.heart, -14))
    with pytest.raises(ledger.StockTooLow):
        correct(stocked, first)
    assert held(stocked, stocked.heart) == 1


# ------------------------------------------------------------------ returns
def test_a_return_goes_where_its_condition_says_and_never_to_main_unmapped(stocked):
    returns = StockLocation.objects.get(name="returns")
    stocked.shelves["returns"] = returns
    ReturnCondition.objects.create(condition_code=1, stock_location=stocked.shelves["main"])
    ReturnCondition.objects.create(condition_code=2, stock_location=stocked.shelves["damaged"])
    lines = [actions.Returned(stocked.heart.pk, 1, code) for code in (1, 2, 99, None)]
    with transaction.atomic():
        actions.return_items(
            location_id=stocked.berlin.pk, lines=lines, by=stocked.manager, key="r"
        )
    assert held(stocked, stocked.heart) == 11
    assert held(stocked, stocked.heart, "damaged") == 1
    assert held(stocked, stocked.heart, "returns") == 2
    with pytest.raises(ActionError, match="Line 1"), transaction.atomic():
        actions.return_items(
            location_id=stocked.berlin.pk,
            lines=[actions.Returned(stocked.heart.pk, 0, 1)],
            by=stocked.manager,
            key="r2",
        )


# ------------------------------------------------------------------ the form
def form(world, **fields) -> dict:
    given = {"key": str(uuid.uuid4()), "store": "DE-01", "reason": str(world.damage.uuid)}
    return {**given, **fields}


def test_scanning_adds_and_counts_up_and_shows_the_effect(client, stocked):
    page = client.post(NEW, form(stocked, act="add", code="85123A"))
    assert re.search(r'name="quantity"[^>]*value="1"', text_of(page))
    page = client.post(NEW, form(stocked, act="add", code="85123A", product="85123A", quantity="2"))
    assert re.search(r'name="quantity"[^>]*value="3"', text_of(page))
    assert re.sub(r"<[^>]+>", "", text_of(page)).count("Main: 10 → 7") == 1
    assert "Damaged: 0 → 3" in re.sub(r"<[^>]+>", "", text_of(page))
    assert held(stocked, stocked.heart) == 10


def test_saving_adjusts_once_however_often_the_form_is_sent(client, stocked):
    fields = form(stocked, act="save", product=["85123A", "MUG-1"], quantity=["3", "1"], note="x")
    first, again = client.post(NEW, fields), client.post(NEW, fields)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert (held(stocked, stocked.heart), held(stocked, stocked.mug)) == (7, 3)
    page = text_of(client.get(first["Location"]))
    assert "Correct this adjustment" in page
    assert "Broken" in page


def test_enter_after_a_scan_never_saves(client, stocked):
    page = client.post(NEW, form(stocked, act="save", code="MUG-1", product="85123A", quantity="1"))
    assert page.status_code == 400
    assert held(stocked, stocked.heart) == 10
    assert text_of(page).count('name="product"') == 2


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"store": "", "product": "85123A", "quantity": "1"}, ""),
        ({"reason": "", "product": "85123A", "quantity": "1"}, "Choose why the stock is adjusted."),
        ({"reason": "nonsense", "product": "85123A", "quantity": "1"}, "Choose why"),
        ({}, "Add at least one product"),
        ({"product": "85123A", "quantity": "0"}, "Give a whole number of 1 or more."),
        ({"product": "85123A", "quantity": "-3"}, "Give a whole number of 1 or more."),
        ({"product": "85123A", "quantity": "1.5"}, "Give a whole number of 1 or more."),
        ({"product": "85123A", "quantity": "²"}, "Give a whole number of 1 or more."),
        ({"product": "85123A", "quantity": "9999999999"}, "Give a whole number of 1 or more."),
        ({"product": "85123A", "quantity": "11"}, "85123A: 10 on hand, 11 asked"),
        ({"product": "nothing", "quantity": "1"}, "Add at least one product"),
        ({"code": "nothing"}, "No product has the code or the name “nothing”."),
    ],
)
def test_bad_input_is_said_keeps_what_was_typed_and_changes_nothing(client, stocked, fields, fault):
    answer = client.post(NEW, form(stocked, act="save", note="kept", **fields))
    if not fault:
        # The manager has one store: there is nothing to choose.
        assert answer.status_code == 302
        return
    assert answer.status_code in {400, 409}
    assert fault in text_of(answer)
    assert 'value="kept"' in text_of(answer)
    assert held(stocked, stocked.heart) == 10


def test_a_pasted_list_is_read_line_by_line_and_the_bad_ones_stay(client, stocked):
    pasted = "85123A 3\nMUG-1;2\n\nnothing 4\nMUG-1\t0\n85123A"
    page = text_of(client.post(NEW, form(stocked, act="paste", pasted=pasted)))
    assert re.findall(r'name="quantity"[^>]*value="(\d+)"', page) == ["4", "2"]
    assert "Line 4: no product has the code “nothing”." in page
    assert "Line 5: “0” is no quantity" in page
    assert re.search(r"<textarea[^>]*>nothing 4\nMUG-1\t0</textarea>", page)


def test_one_code_for_two_products_asks(client, stocked):
    for product in (stocked.heart, stocked.mug):
        product.identifiers.create(type="ean", value="4006381333931")
    page = text_of(client.post(NEW, form(stocked, act="add", code="4006381333931")))
    assert "Which of these?" in page
    page = text_of(client.post(NEW, form(stocked, act="choose:MUG-1", code="4006381333931")))
    assert re.findall(r'name="product" value="([^"]+)"', page) == ["MUG-1"]


def test_a_word_of_the_name_offers_products(client, stocked):
    page = text_of(client.post(NEW, form(stocked, act="add", code="mug")))
    assert 'value="choose:MUG-1"' in page
    assert "No product has" not in page


def test_a_row_is_removed(client, stocked):
    fields = form(stocked, product=["85123A", "MUG-1"], quantity=["3", "1"])
    page = text_of(client.post(NEW, {**fields, "act": "remove:85123A"}))
    assert re.findall(r'name="product" value="([^"]+)"', page) == ["MUG-1"]


def test_a_foreign_store_cannot_be_adjusted(stocked):
    tokyo = signed_in(person("t", "Store Manager", stores=(stocked.tokyo, stocked.berlin)))
    foreign = signed_in(person("f", "Store Manager", stores=(stocked.tokyo,)))
    fields = form(stocked, act="save", product="85123A", quantity="1")
    answer = foreign.post(NEW, {**fields, "reason": str(stocked.found.uuid)})
    # His only store is Tokyo: whatever the form says, it is Tokyo that is adjusted.
    assert answer.status_code == 302
    assert held(stocked, stocked.heart) == 10
    assert held(stocked, stocked.heart, where=stocked.tokyo) == 1
    assert tokyo.post(NEW, {**fields, "store": "XX-99"}).status_code == 400


def test_a_store_that_does_not_adjust_is_told_beside_its_name(client, stocked):
    decide(enabled_adjustments_stores=["JP-01"])
    fields = form(stocked, act="save", product="85123A", quantity="1")
    answer = client.post(NEW, fields)
    assert answer.status_code == 400
    assert "Adjusting is switched off for" in text_of(answer)
    assert held(stocked, stocked.heart) == 10
    decide(enabled_adjustments_stores=["DE-01"])
    assert client.post(NEW, fields).status_code == 302


def test_where_quantities_are_not_typed_products_are_scanned_one_by_one(client, stocked):
    decide(allow_adjustments_manual_quantity_editing=False)
    page = text_of(client.post(NEW, form(stocked, act="add", code="85123A")))
    assert 'type="hidden" name="quantity" value="1"' in page
    fields = form(stocked, product="85123A", quantity="1")
    page = text_of(client.post(NEW, {**fields, "act": "add", "code": "85123A"}))
    assert 'name="quantity" value="2"' in page
    refused = text_of(client.post(NEW, {**fields, "act": "paste", "pasted": "85123A 50"}))
    assert "Quantities are not typed here" in refused
    assert 'name="quantity" value="1"' in refused
    assert "Paste a list" not in refused


def test_the_usual_reasons_of_the_shop_come_first(client, stocked):
    for n in range(3):
        adjust(stocked, (stocked.heart, 1), reason=stocked.found, key=f"u{n}")
    adjust(stocked, (stocked.heart, 1), key="d")
    page = text_of(client.get(NEW))
    usual = re.search(r'<optgroup label="Usual here">(.*?)</optgroup>', page, re.S)[1]
    assert re.findall(r">([^<]+)</option>", usual) == [
        "Behind the shelf · Found",
        "Broken · Damage",
    ]


def test_the_phone_adjusts_and_waits_for_the_next(client, stocked):
    fields = form(stocked, act="save", product="85123A", quantity="1")
    answer = client.post(PHONE, fields, follow=True)
    assert answer.redirect_chain == [(PHONE, 302)]
    assert "Scan the next one." in text_of(answer)
    assert held(stocked, stocked.heart) == 9
    assert answer["Permissions-Policy"] == "camera=(self)"


def test_the_swap_form(client, stocked):
    fields = {
        "store": "DE-01", "left": "85123A", "arrived": "MUG-1", "quantity": "2",
        "reason": str(stocked.damage.uuid), "key": str(uuid.uuid4()),
    }  # fmt: skip
    assert client.get(SWAP).status_code == 200
    assert client.post(SWAP, fields).status_code == 302
    assert client.post(SWAP, fields).status_code == 302
    assert (held(stocked, stocked.heart), held(stocked, stocked.mug)) == (8, 6)
    for wrong in (
        {"left": "nothing"},
        {"arrived": "85123A"},
        {"quantity": "0"},
        {"quantity": "99"},
    ):
        answer = client.post(SWAP, {**fields, "key": str(uuid.uuid4()), **wrong})
        assert answer.status_code in {400, 409}, wrong
    decide(enabled_adjustments_stores=["GB-01"])
    answer = client.post(SWAP, {**fields, "key": str(uuid.uuid4())})
    assert answer.status_code == 400
    assert "Adjusting is switched off for" in text_of(answer)
    assert (held(stocked, stocked.heart), held(stocked, stocked.mug)) == (8, 6)


def test_correcting_in_the_browser(client, stocked):
    first = adjust(stocked, (stocked.heart, 3)).document
    url = f"/store-operations/inventory/transactions/{first.uuid}/correct/"
    assert "both documents stay" in text_of(client.get(url))
    answer = client.post(url, {"note": "typo"}, follow=True)
    assert "Corrects" in text_of(answer)
    assert held(stocked, stocked.heart) == 10
    page = text_of(client.get(f"/store-operations/inventory/transactions/{first.uuid}/"))
    assert "Corrected by" in page
    assert "Correct this adjustment" not in page
    foreign = signed_in(person("f", "Store Manager", stores=(stocked.tokyo,)))
    assert foreign.get(url).status_code == 404
    assert foreign.post(url).status_code == 404


# ------------------------------------------------------------------ at the same time
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_take_no_more_than_there_is(stocked):
    """Each takes three of ten: three win, the others are told, and nothing is below zero."""
    barrier, results = threading.Barrier(20), []
    by = User.objects.get(pk=stocked.manager.pk)

    def act(number: int) -> None:
        try:
            barrier.wait()
            with transaction.atomic():
                actions.adjust_stock(
                    location_id=stocked.berlin.pk, reason_id=stocked.damage.pk,
                    lines=[actions.Typed(stocked.heart.pk, 3)], by=by, key=f"race-{number}",
                )  # fmt: skip
            results.append("won")
        except ledger.StockTooLow:
            results.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["told"] * 17 + ["won"] * 3
    assert held(stocked, stocked.heart) == 1
    moved = StockMovement.objects.filter(
        product=stocked.heart, stock_location=stocked.shelves["main"]
    ).aggregate(total=Sum("quantity"))["total"]
    assert moved == 1
    assert len(told()) == 3
