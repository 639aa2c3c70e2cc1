"""Transfers on the phone: who may, what a scan is told, and what a parcel and a draft become."""

import html
import json
import re
import uuid

import pytest

from omnichannel.catalog.models import ScanIdentifier
from omnichannel.eventstream.models import Event
from tests.deciding import decide
from tests.people import person, signed_in
from transfers.actions import Handover
from transfers.models import (
    DraftScan,
    PickScan,
    TransferDraft,
    TransferOrder,
    TransferTransaction,
)

HOME = "/transfer/"
NOW = 1_000_000


@pytest.fixture(autouse=True)
def _kinds(yard):
    # What a migration filled is emptied between tests that commit.
    for position, kind in enumerate(("product_id", "sku", "ean"), start=1):
        ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})


@pytest.fixture
def client(yard):
    return signed_in(person("gwen", "Associate", stores=(yard.london,)))


def text_of(answer) -> str:
    main = answer.content.decode().partition('<main id="main"')[2] or answer.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page(document) -> str:
    where = "new/" if isinstance(document, TransferDraft) else ""
    return f"{HOME}{where}{document.uuid}/"


def scan(code: str, quantity: int = 1, **more) -> dict:
    return {"key": str(uuid.uuid4()), "at": NOW, "code": code, "quantity": quantity, **more}


def send(client, document, *scans):
    body = json.dumps({"sent_at": NOW, "scans": scans})
    return client.post(f"{page(document)}scans/", body, content_type="application/json")


def told(answer) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in answer.json()["outcomes"].values()]


def act(client, document, name: str, **more):
    words = {"act": name, "key": str(uuid.uuid4()), **more}
    return client.post(page(document), words, follow=True)


def begin(client, order) -> TransferTransaction:
    answer = client.post(f"{HOME}order/{order.uuid}/", {"key": str(uuid.uuid4())})
    assert answer.status_code == 302, text_of(answer)
    return TransferTransaction.objects.get(uuid=answer["Location"].split("/")[-2])


def draft_to(client, place, **more) -> TransferDraft:
    words = {"to": place.code, "key": str(uuid.uuid4()), **more}
    answer = client.post(f"{HOME}new/", words)
    assert answer.status_code == 302, text_of(answer)
    return TransferDraft.objects.get(uuid=answer["Location"].split("/")[-2])


def units(parcel) -> dict[str, int]:
    return dict(parcel.lines.values_list("product__product_id", "quantity"))


def events() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("name", flat=True))


# ------------------------------------------------------------ who sees what
def test_a_store_sees_what_it_has_to_ship_and_nothing_of_others(yard, client):
    yard.stock((0, 9))
    yard.order((0, 3), ref="OURS")
    theirs = yard.order((0, 3), ref="THEIRS", origin=yard.berlin, destination=yard.london)
    parcel = yard.parcel(theirs)
    shown = text_of(client.get(HOME))
    assert ("OURS" in shown, "THEIRS" in shown) == (True, False)
    assert client.get(f"{HOME}order/{theirs.uuid}/").status_code == 404
    assert client.post(f"{HOME}order/{theirs.uuid}/").status_code == 404
    assert client.get(page(parcel)).status_code == 404
    assert act(client, parcel, "ship").status_code == 404
    refused = send(client, parcel, scan("P0"))
    assert (refused.status_code, refused.json()["message"][:21]) == (404, "This parcel is not yo")
    assert PickScan.objects.count() == 0
    nobody = signed_in(person("merch", "Merchandiser", stores=(yard.london,)))
    assert nobody.get(HOME).status_code == 403


@pytest.mark.parametrize("by", ["reference", "number", "tracking"])
def test_a_scanned_code_leads_to_its_order_or_parcel(yard, client, by):
    order = yard.order((0, 3), ref="TR-9")
    parcel = yard.parcel(order, (0, 1))
    yard.ready(parcel, handover=Handover(True, "UPS", "", "1Z999"))
    code = {"reference": "TR-9", "number": "TR-9-1", "tracking": "1Z999"}[by]
    answer = client.get(HOME, {"code": code})
    assert answer["Location"] == (
        f"{HOME}order/{order.uuid}/" if by == "reference" else page(parcel)
    )
    assert "No open transfer of this store has “nope”" in text_of(
        client.get(HOME, {"code": "nope"})
    )


# ------------------------------------------------------------ a parcel
def test_picked_by_scan_shipped_and_received_by_the_other_end(yard, client):
    yard.stock((0, 9), (1, 9))
    order = yard.order((0, 2), (1, 1))
    parcel = begin(client, order)
    assert told(send(client, parcel, scan("P0"), scan("S1"))) == [
        ("hit", "Product 0: 1 of 2"),
        ("hit", "Product 1: 1 of 1"),
    ]
    told(send(client, parcel, scan("P0")))
    shown = text_of(act(client, parcel, "ship", how="carrier", carrier="UPS", tracking_number="1Z"))
    assert "3 units shipped" in shown
    assert f"{order.external_ref} is Completed" in shown
    parcel.refresh_from_db()
    assert (parcel.asn.destination, parcel.asn.lines.first().carton_id) == (yard.berlin, "1Z")
    assert yard.shelves(0) == (7, 0, 2)
    assert events() == [
        "inventory_transaction.items_ready_for_handover",
        "inventory_transaction.asn_created",
        "inventory_transaction.transfer_order_closed",
    ]
    yard.agree()


def test_scans_count_once_however_often_and_in_whatever_order_they_come(yard, client):
    parcel = begin(client, yard.order((0, 5)))
    scans = [scan("P0"), scan("P0", 2), scan("P0", -1)]
    for _n in range(3):
        send(client, parcel, *reversed(scans))
        send(client, parcel, scans[2], scans[2])
    assert units(parcel) == {"P0": 2}
    assert PickScan.objects.count() == 3


def test_too_many_and_not_ordered_are_kept_heard_and_refused_when_it_is_closed(yard, client):
    yard.stock((0, 9), (5, 9))
    parcel = begin(client, yard.order((0, 1)))
    assert told(send(client, parcel, scan("P0", 3), scan("P5"))) == [
        ("miss", "Product 0: 3 of 1, 2 too many. Take them out."),
        ("miss", "Product 5 is not wanted here: 1"),
    ]
    for name in ("ready", "ship"):
        refused = act(client, parcel, name, how="own")
        assert refused.status_code == 409
        assert "P0: 3 packed, 1 still to ship; P5: 1 packed, 0 still to ship" in text_of(refused)
    parcel.refresh_from_db()
    assert (parcel.status, events()) == ("PICKED", [])
    for _n in range(2):
        act(client, parcel, "less:P0")
    act(client, parcel, "set:P5", units="0")
    assert "1 unit shipped" in text_of(act(client, parcel, "ship", how="own"))


def test_more_than_is_there_is_refused_with_product_quantities_and_a_way_to_count_it(yard):
    yard.stock((0, 1))
    manager = signed_in(yard.packer)
    parcel = begin(manager, yard.order((0, 4)))
    assert told(send(manager, parcel, scan("P0", 4))) == [
        ("miss", "Product 0: 4 in the box, 1 in the books. Count it.")
    ]
    refused = act(manager, parcel, "ship", how="own")
    assert refused.status_code == 409
    assert "P0: 1 on hand, 4 asked" in text_of(refused)
    assert "products=P0" in refused.content.decode()
    assert yard.shelves(0) == (0, 1, 0)


def test_a_typed_quantity_more_than_is_ordered_is_refused_and_nonsense_too(yard, client):
    parcel = begin(client, yard.order((0, 3)))
    assert act(client, parcel, "set:P0", units="4").status_code == 409
    for text in ("", "-1", "x", "9" * 12, "²"):
        assert act(client, parcel, "set:P0", units=text).status_code == 400
    assert act(client, parcel, "set:NONE", units="1").status_code == 400
    assert act(client, parcel, "nonsense").status_code == 400
    assert act(client, parcel, "set:P0", units="3").status_code == 200
    assert units(parcel) == {"P0": 3}


def test_an_unknown_code_is_kept_until_somebody_says_what_it_is(yard, client):
    yard.stock((0, 5))
    parcel = begin(client, yard.order((0, 5)))
    ((kind, text),) = told(send(client, parcel, scan("???", 2)))
    assert (kind, "Nobody knows ???" in text) == ("miss", True)
    refused = act(client, parcel, "ship", how="own")
    assert (refused.status_code, "Nobody knows these codes yet: ???" in text_of(refused)) == (
        409,
        True,
    )
    assert act(client, parcel, "settle:???", means="nothing").status_code == 400
    act(client, parcel, "settle:???", means="P0")
    send(client, parcel, scan("!!!"))
    act(client, parcel, "leave:!!!")
    assert units(parcel) == {"P0": 2}
    assert "2 units shipped" in text_of(act(client, parcel, "ship", how="own"))


def test_made_ready_it_is_closed_then_unpacked_or_shipped_once(yard, client):
    yard.stock((0, 9))
    order = yard.order((0, 4))
    first, second = begin(client, order), begin(client, order)
    send(client, first, scan("P0", 2))
    nameless = act(client, first, "ready", how="carrier")
    assert (nameless.status_code, "Name the carrier" in text_of(nameless)) == (400, True)
    assert "Handed over: ship it" in text_of(act(client, first, "ready", how="own"))
    late = send(client, first, scan("P0"))
    assert (late.status_code, "Ready for handover" in late.json()["message"]) == (409, True)
    send(client, second, scan("P0", 4))
    assert "4 packed, 2 still to ship" in text_of(act(client, second, "ready", how="own"))
    key = str(uuid.uuid4())
    for _n in range(2):
        client.post(page(first), {"act": "ship", "key": key})
    assert yard.shelves(0) == (5, 2, 2)
    act(client, second, "unpack")
    assert sorted(order.transactions.values_list("status", flat=True)) == ["SHIPPED", "UNPACKED"]
    assert act(client, second, "ship").status_code == 409
    assert act(client, first, "unpack").status_code == 409
    yard.agree()


# ------------------------------------------------------------ a transfer of the store's own
def test_a_store_scans_creates_ships_and_the_stream_is_told(yard, client):
    yard.stock((0, 9))
    draft = draft_to(client, yard.berlin)
    assert told(send(client, draft, scan("P0"), scan("P0", 2))) == [("hit", "Product 0: 3")] * 2
    assert "To go on with New transfer to" in text_of(client.get(HOME))
    assert yard.shelves(0) == (9, 0, 0)
    for _n in range(2):
        answer = act(client, draft, "create")
    order, parcel = TransferOrder.objects.get(), TransferTransaction.objects.get()
    assert (order.external_ref, order.source, units(parcel)) == ("TO-GB-01-1", "STORE", {"P0": 3})
    assert answer.redirect_chain[-1][0] == page(parcel)
    assert yard.shelves(0) == (6, 3, 0)
    assert events() == ["inventory_transaction.transfer_order_created"]
    assert send(client, draft, scan("P0")).status_code == 409
    assert "3 units shipped" in text_of(act(client, parcel, "ship", how="own"))
    assert yard.shelves(0) == (6, 0, 3)
    yard.agree()


def test_what_the_store_does_not_have_is_refused_by_product_and_nothing_is_made(yard, client):
    yard.stock((0, 2), (1, 1))
    draft = draft_to(client, yard.berlin)
    send(client, draft, scan("P0", 2), scan("P1", 4))
    refused = act(client, draft, "create")
    assert refused.status_code == 409
    assert "P1: 1 on hand, 4 asked" in text_of(refused)
    assert (TransferOrder.objects.count(), events(), yard.shelves(0)) == (0, [], (2, 0, 0))
    act(client, draft, "set:P1", units="1")
    act(client, draft, "create")
    assert units(TransferTransaction.objects.get()) == {"P0": 2, "P1": 1}


def test_a_draft_is_left_once_and_an_empty_one_makes_no_order(yard, client):
    draft = draft_to(client, yard.berlin)
    assert "Nothing was scanned" in text_of(act(client, draft, "create"))
    send(client, draft, scan("P0"), scan("P0", -2))
    assert "More was taken out than was put in: P0" in text_of(act(client, draft, "create"))
    assert "nothing was moved" in text_of(act(client, draft, "drop"))
    assert send(client, draft, scan("P0")).status_code == 409
    assert act(client, draft, "create").status_code == 409
    assert "This transfer was left" in text_of(client.get(page(draft)))
    assert (DraftScan.objects.count(), TransferOrder.objects.count()) == (2, 0)


def test_a_draft_of_another_store_is_out_of_reach(yard, client):
    theirs = signed_in(person("anna", "Associate", stores=(yard.berlin,)))
    draft = draft_to(theirs, yard.london)
    assert "New transfer to" not in text_of(client.get(HOME))
    assert client.get(page(draft)).status_code == 404
    assert act(client, draft, "create").status_code == 404
    assert send(client, draft, scan("P0")).status_code == 404
    foreign = client.post(f"{HOME}new/", {"to": "GB-01", "from": "DE-01", "key": "k"})
    assert (foreign.status_code, TransferDraft.objects.count()) == (409, 1)


@pytest.mark.parametrize("to", ["", "XX-99", "GB-01"], ids=["none", "unknown", "himself"])
def test_a_transfer_needs_another_place(yard, client, to):
    answer = client.post(f"{HOME}new/", {"to": to, "key": "k"})
    assert answer.status_code in (400, 409)
    assert TransferDraft.objects.count() == 0


def test_the_same_form_twice_is_one_draft_and_one_parcel(yard, client):
    order = yard.order((0, 3))
    for _n in range(2):
        client.post(f"{HOME}new/", {"to": "DE-01", "key": "the same"})
        client.post(f"{HOME}order/{order.uuid}/", {"key": "the same"})
    assert (TransferDraft.objects.count(), order.transactions.count()) == (1, 1)


# ------------------------------------------------------------ what was decided for phones
def test_where_transfers_are_switched_off_what_was_begun_is_finished_and_nothing_begun(
    yard, client
):
    yard.stock((0, 9))
    order = yard.order((0, 3))
    parcel, draft = begin(client, order), draft_to(client, yard.berlin)
    decide(enabled_transfers_stores=["DE-01"])
    shown = text_of(client.get(HOME))
    assert "Transfers are switched off for this store" in shown
    assert "New transfer Transfers" not in shown
    for answer in (
        client.post(f"{HOME}order/{order.uuid}/"),
        client.post(f"{HOME}new/", {"to": "DE-01"}),
    ):
        assert answer.status_code == 409
        assert "Transfers are switched off for" in text_of(answer)
    send(client, parcel, scan("P0"))
    assert "1 unit shipped" in text_of(act(client, parcel, "ship", how="own"))
    send(client, draft, scan("P0"))
    act(client, draft, "create")
    assert TransferOrder.objects.count() == 2


def test_where_stores_begin_none_they_ship_against_orders_only(yard, client):
    decide(enabled_store_initiated_transfers_stores=[])
    assert "/transfer/new/" not in client.get(HOME).content.decode()
    refused = client.post(f"{HOME}new/", {"to": "DE-01"})
    assert (refused.status_code, "ships against orders only" in text_of(refused)) == (409, True)
    assert "switched off" in text_of(client.get(f"{HOME}new/"))
    assert begin(client, yard.order((0, 3)))


def test_where_no_quantity_is_typed_every_unit_is_scanned(yard, client):
    parcel, draft = begin(client, yard.order((0, 5))), draft_to(client, yard.berlin)
    decide(allow_transfers_manual_quantity_editing=False)
    for document in (parcel, draft):
        assert 'name="units"' not in client.get(page(document)).content.decode()
        assert [kind for kind, _text in told(send(client, document, scan("P0", 3)))] == ["refused"]
        refused = act(client, document, "set:P0", units="3")
        assert (refused.status_code, "not typed here" in text_of(refused)) == (409, True)
        send(client, document, scan("P0"), scan("P0"))
        act(client, document, "less:P0")
        assert "1" in text_of(client.get(page(document)))
    assert units(parcel) == {"P0": 1}
    assert sum(DraftScan.objects.values_list("quantity", flat=True)) == 1


# ------------------------------------------------------------ hostile
@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"sent_at": 1, "scans": []}', '{"sent_at": 1, "scans": [{"key": "x"}]}'],
)
def test_a_batch_that_cannot_be_read_keeps_nothing(yard, client, body):
    parcel = begin(client, yard.order((0, 5)))
    answer = client.post(f"{page(parcel)}scans/", body, content_type="application/json")
    assert (answer.status_code, PickScan.objects.count()) == (400, 0)


def test_strange_codes_and_quantities_break_nothing(yard, client):
    parcel, draft = begin(client, yard.order((0, 5))), draft_to(client, yard.berlin)
    strange = ["<script>alert(1)</script>", "🚚" * 40, "'; DROP TABLE x; --", "-1", "é" * 300]
    for document in (parcel, draft):
        kinds = [k for k, _t in told(send(client, document, *(scan(one) for one in strange)))]
        assert kinds == ["miss"] * len(strange)
        assert "<script>alert" not in client.get(page(document)).content.decode()
        for number in (0, 10_000, -10_000, 10**9, 10**15):
            ((kind, _text),) = told(send(client, document, scan("P0", number)))
            assert kind == "refused"
