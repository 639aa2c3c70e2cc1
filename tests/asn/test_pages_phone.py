"""Receiving on the phone: what is found, what a scan is told, and what a session becomes."""

import json
import re
import uuid

import pytest

from asn.models import Receipt, ReceiptMatch, ReceiptScan
from inventory.models import AdjustmentReason
from omnichannel.catalog.models import ScanIdentifier
from tests.asn.test_pages import text_of
from tests.deciding import decide
from tests.people import person, signed_in

from .conftest import allow_over_receipt

HOME = "/receive/"
NOW = 1_000_000


@pytest.fixture(autouse=True)
def _kinds(dock):
    # What a migration filled is emptied between tests that commit.
    for position, kind in enumerate(("product_id", "sku", "ean"), start=1):
        ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})


@pytest.fixture
def client(dock):
    return signed_in(person("anna", "Associate", stores=(dock.berlin,)))


def begin(client, asn) -> Receipt:
    client.post(f"{HOME}asn/{asn.uuid}/", {"act": "begin", "key": str(uuid.uuid4())})
    return Receipt.objects.get(asn=asn, status="IN_PROGRESS")


def page(receipt) -> str:
    return f"{HOME}{receipt.uuid}/"


def scan(code: str, quantity: int = 1, **more) -> dict:
    return {"key": str(uuid.uuid4()), "at": NOW, "code": code, "quantity": quantity, **more}


def send(client, receipt, *scans):
    body = json.dumps({"sent_at": NOW, "scans": scans})
    return client.post(f"{page(receipt)}scans/", body, content_type="application/json")


def told(answer) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in answer.json()["outcomes"].values()]


def complete(client, receipt, **more):
    return client.post(page(receipt), {"act": "complete", **more}, follow=True)


# ------------------------------------------------------------ finding
@pytest.mark.parametrize("code", ["N-1", "PO-5", "ORDER-9", "CARTON-1"])
def test_a_scanned_reference_leads_to_its_notice(dock, client, code):
    asn = dock.asn((0, 1, "CARTON-1"), number="N-1", order_ids=["ORDER-9"], po_number="PO-5")
    answer = client.get(HOME, {"code": code})
    assert answer.status_code == 302
    assert f"/receive/asn/{asn.uuid}/" in answer["Location"]
    assert ("carton=CARTON-1" in answer["Location"]) == (code == "CARTON-1")


def test_what_nobody_announced_can_be_received_without_asn(dock, client):
    dock.asn((0, 1), number="THEIRS", destination_id=dock.london.pk)
    answer = client.get(HOME, {"code": "THEIRS"})
    assert "No ASN of this store has “THEIRS”" in text_of(answer)
    assert "/receive/blind/?shipment=THEIRS" in answer.content.decode()


def test_open_and_completed_notices_are_two_tabs(dock, client):
    dock.asn((0, 1), number="WAITS")
    done = dock.asn((0, 1), number="DONE")
    dock.receive(done, (0, 1))
    first, second = text_of(client.get(HOME)), text_of(client.get(f"{HOME}?tab=completed"))
    assert ("WAITS" in first, "DONE" in first) == (True, False)
    assert ("WAITS" in second, "DONE" in second) == (False, True)


def test_a_foreign_stores_goods_are_out_of_reach(dock, client):
    asn = dock.asn((0, 1), destination_id=dock.london.pk)
    london = person("gb", "Associate", stores=(dock.london,))
    receipt = begin(signed_in(london), asn)
    assert client.get(f"{HOME}asn/{asn.uuid}/").status_code == 404
    assert client.get(page(receipt)).status_code == 404
    assert client.post(page(receipt), {"act": "cancel"}).status_code == 404
    answer = send(client, receipt, scan("P0"))
    assert answer.status_code == 404
    assert "not yours" in answer.json()["message"]
    assert ReceiptScan.objects.count() == 0
    blind = client.post(f"{HOME}blind/", {"store": "GB-01", "shipment": "X"})
    assert blind.status_code == 302
    assert Receipt.objects.get(kind="BLIND").location == dock.berlin


# ------------------------------------------------------------ scanning
def test_scans_are_counted_once_however_often_they_are_sent(dock, client):
    receipt = begin(client, dock.asn((0, 3), (1, 2)))
    first = [scan("P0"), scan("S0"), scan("P1", 2)]
    assert told(send(client, receipt, *first)) == [
        ("hit", "Product 0: 2 of 3"),
        ("hit", "Product 0: 2 of 3"),
        ("hit", "Product 1: 2 of 2"),
    ]
    for _n in range(3):
        assert send(client, receipt, *reversed(first)).status_code == 200
    send(client, receipt, first[0], scan("P0"))
    result = text_of(complete(client, receipt))
    assert "5 units received" in result
    assert "ASN A-1 is closed." in result
    assert (dock.held(0), dock.held(1)) == (3, 2)
    complete(client, receipt)
    assert dock.held(0) == 3
    dock.agree()


def test_too_many_and_not_announced_are_kept_and_heard(dock, client):
    receipt = begin(client, dock.asn((0, 1)))
    kinds = [kind for kind, _text in told(send(client, receipt, scan("P0", 2), scan("P5")))]
    assert kinds == ["miss", "miss"]
    answer = text_of(client.get(page(receipt)))
    assert "1 too many" in answer
    assert "Not announced" in answer
    assert "Too many or not announced 2" in text_of(complete(client, receipt))


def test_where_none_may_be_too_many_the_scan_is_refused_and_a_sent_one_stays(dock, client):
    allow_over_receipt(False)
    receipt = begin(client, dock.asn((0, 2)))
    good = scan("P0", 2)
    assert told(send(client, receipt, good)) == [("hit", "Product 0: 2 of 2")]
    assert told(send(client, receipt, good, scan("P0"), scan("P4")))[0][0] == "hit"
    kinds = [kind for kind, _text in told(send(client, receipt, good, scan("P0"), scan("P4")))]
    assert kinds == ["hit", "refused", "refused"]
    assert "2 units received" in text_of(complete(client, receipt))


def test_an_unknown_code_is_kept_until_somebody_says_what_it_is(dock, client):
    receipt = begin(client, dock.asn((0, 5)))
    ((kind, text),) = told(send(client, receipt, scan("???", 2)))
    assert (kind, "Nobody knows ???" in text) == ("miss", True)
    refused = complete(client, receipt)
    assert refused.status_code == 409
    assert "Nobody knows these codes yet: ???" in text_of(refused)
    wrong = client.post(page(receipt), {"act": "settle:???", "means": "nothing"})
    assert wrong.status_code == 400
    client.post(page(receipt), {"act": "settle:???", "means": "S0"})
    send(client, receipt, scan("!!!"))
    client.post(page(receipt), {"act": "leave:!!!"})
    result = text_of(complete(client, receipt))
    assert "2 units received" in result
    assert re.search(r"Left out: !!! × 1", result)


def test_a_code_of_several_products_is_asked_about(dock, client):
    for product in dock.products[:2]:
        product.identifiers.create(type="ean", value="4006381333931")
    receipt = begin(client, dock.asn((0, 5), (1, 5)))
    ((kind, text),) = told(send(client, receipt, scan("4006381333931")))
    assert (kind, "several products" in text) == ("miss", True)
    answer = client.get(page(receipt)).content.decode()
    assert re.search(r'<option value="P0">.*?<option value="P1">', answer, re.S)
    client.post(page(receipt), {"act": "settle:4006381333931", "means": "P1"})
    complete(client, receipt)
    assert (dock.held(0), dock.held(1)) == (0, 1)


def test_damaged_goes_on_to_damaged_in_the_same_step(dock, client):
    receipt = begin(client, dock.asn((0, 5)))
    refused = told(
        send(client, receipt, scan("P0", damaged="1"), scan("P0", damaged="1", reason="x"))
    )
    assert {kind for kind, _text in refused} == {"refused"}
    reason = str(dock.broken.uuid)
    send(client, receipt, scan("P0", 4), scan("P0", damaged="1", reason=reason))
    assert "1 damaged" in text_of(complete(client, receipt))
    assert (dock.held(0), dock.held(0, "damaged")) == (4, 1)
    dock.agree()


def test_a_reason_that_leads_nowhere_is_not_offered(dock, client):
    AdjustmentReason.objects.create(type="Shrink", subtype="Gone", origin_id=dock.shelf["main"])
    receipt = begin(client, dock.asn((0, 5)))
    answer = text_of(client.get(page(receipt)))
    assert "Broken on arrival" in answer
    assert "Gone" not in answer


def test_one_less_takes_back_what_was_scanned_last(dock, client):
    receipt = begin(client, dock.asn((0, 5)))
    send(client, receipt, scan("P0", 3))
    client.post(page(receipt), {"act": "less:P0", "key": str(uuid.uuid4())})
    client.post(page(receipt), {"act": "less:P9"})
    assert "2 units received" in text_of(complete(client, receipt))


@pytest.mark.parametrize("quantity", [0, 1_000_001, 10**12])
def test_an_absurd_quantity_is_refused_and_the_others_stay(dock, client, quantity):
    receipt = begin(client, dock.asn((0, 5)))
    kinds = {kind for kind, _text in told(send(client, receipt, scan("P0", quantity), scan("P0")))}
    assert kinds <= {"refused", "hit", "miss"}
    assert "hit" in kinds or "miss" in kinds


def test_nothing_that_is_scanned_is_markup(dock, client):
    receipt = begin(client, dock.asn((0, 5)))
    code = '"><img src=x onerror=alert(1)>'
    answer = send(client, receipt, scan(code), scan("\u202e\U0001f9e6" * 90))
    assert "<img" not in answer.json()["html"]
    assert "<img" not in client.get(page(receipt)).content.decode()


def test_without_scripts_each_scan_is_a_form_and_counts_once(dock, client):
    receipt = begin(client, dock.asn((0, 3)))
    form = {"act": "scan", "code": "P0", "quantity": "2", "key": str(uuid.uuid4())}
    for _n in range(2):
        answer = client.post(page(receipt), form)
        assert "Product 0: 2 of 3" in text_of(answer)
    bad = client.post(page(receipt), {**form, "key": "no uuid", "quantity": "two"})
    assert "is no quantity" in text_of(bad)
    assert client.post(page(receipt), {"act": "dance"}).status_code == 400
    assert ReceiptScan.objects.count() == 1


def test_a_session_is_left_and_found_again_by_a_colleague(dock, client):
    receipt = begin(client, dock.asn((0, 3)))
    send(client, receipt, scan("P0"))
    colleague = signed_in(person("ben", "Associate", stores=(dock.berlin,)))
    assert f"/receive/{receipt.uuid}/" in colleague.get(HOME).content.decode()
    send(colleague, receipt, scan("P0"))
    assert "2 units received" in text_of(complete(colleague, receipt))
    late = send(client, receipt, scan("P0"))
    assert late.status_code == 409
    assert dock.held(0) == 2


def test_a_session_that_is_left_receives_nothing(dock, client):
    receipt = begin(client, dock.asn((0, 3)))
    send(client, receipt, scan("P0"))
    client.post(page(receipt), {"act": "cancel"})
    assert dock.held(0) == 0
    assert "nothing of it was received" in text_of(client.get(page(receipt)))
    assert client.post(page(receipt), {"act": "complete"}).status_code == 409


def test_what_was_begun_before_a_close_is_completed_after_it(dock, client):
    asn = dock.asn((0, 3))
    receipt = begin(client, asn)
    send(client, receipt, scan("P0", 2))
    dock.close(asn)
    assert "closed meanwhile" in text_of(client.get(page(receipt)))
    assert "2 units received" in text_of(complete(client, receipt))
    again = client.post(f"{HOME}asn/{asn.uuid}/", {"act": "begin"})
    assert again.status_code == 409


# ------------------------------------------------------------ cartons, late, blind
def test_a_carton_is_received_in_one_scan_and_only_once(dock, client):
    asn = dock.asn((0, 3, "C-1"), (1, 2, "C-1"), (0, 4, "C-2"))
    url = f"{HOME}asn/{asn.uuid}/"
    form = {"act": "carton", "code": "C-1", "key": str(uuid.uuid4())}
    answer = client.post(url, form, follow=True)
    assert "Carton C-1 is received: 5 units." in text_of(answer)
    client.post(url, form)
    assert (dock.held(0), dock.held(1)) == (3, 2)
    again = client.post(url, {**form, "key": str(uuid.uuid4())})
    assert again.status_code == 409
    assert "was received already" in text_of(again)
    nowhere = client.post(url, {**form, "code": "C-9", "key": str(uuid.uuid4())})
    assert "There is no carton C-9" in text_of(nowhere)


def test_a_carton_scanned_among_items_is_refused_in_words(dock, client):
    asn = dock.asn((0, 3, "C-1"))
    receipt = begin(client, asn)
    ((kind, text),) = told(send(client, receipt, scan("C-1")))
    assert (kind, "C-1 is a carton" in text) == ("refused", True)
    assert ReceiptScan.objects.count() == 0
    answer = client.post(f"{HOME}asn/{asn.uuid}/", {"act": "carton", "code": "C-1"})
    assert answer.status_code == 409


def test_a_late_arrival_undoes_the_fate(dock, client):
    asn = dock.asn((0, 5), (1, 5))
    dock.close(asn)
    url = f"{HOME}asn/{asn.uuid}/"
    line = dock.line(asn)
    empty = client.post(url, {"act": "late", "key": "k"})
    assert empty.status_code == 400
    form = {"act": "late", "key": "k", f"quantity-{line.pk}": "2", "code": "S3", "quantity": ""}
    result = text_of(client.post(url, form, follow=True))
    assert "3 units received" in result
    assert "Late arrival" in result
    client.post(url, form)
    line = dock.line(asn)
    assert (line.received, line.never_shipped) == (2, 3)
    assert dock.held(3) == 1
    dock.agree()


def test_blind_goods_are_offered_their_notice_and_go_on_with_a_reason(dock, client):
    asn = dock.asn((0, 5), po_number="PO-5")
    offered = client.post(f"{HOME}blind/", {"order": "PO-5"})
    assert "These goods are announced" in text_of(offered)
    assert f"/receive/asn/{asn.uuid}/" in offered.content.decode()
    assert Receipt.objects.count() == 0
    form = {"order": "PO-5", "note": "another pallet", "key": str(uuid.uuid4())}
    for _n in range(2):
        client.post(f"{HOME}blind/", form)
    receipt = Receipt.objects.get()
    send(client, receipt, scan("P0"))
    assert "1 unit received" in text_of(complete(client, receipt, note="another pallet"))
    assert ReceiptMatch.objects.get().asn == asn
    assert dock.line(asn).received == 0
    assert client.post(f"{HOME}blind/", {"shipment": " "}).status_code == 400


def test_a_notice_that_comes_in_meanwhile_takes_the_session_over(dock, client):
    client.post(f"{HOME}blind/", {"shipment": "S-9"})
    receipt = Receipt.objects.get()
    send(client, receipt, scan("P0", 2), scan("???"))
    client.post(page(receipt), {"act": "leave:???"})
    asn = dock.asn((0, 5), number="S-9")
    refused = complete(client, receipt, note="")
    assert refused.status_code == 409
    assert f"switch:{asn.uuid}" in refused.content.decode()
    client.post(page(receipt), {"act": f"switch:{asn.uuid}"})
    begun = Receipt.objects.get(asn=asn)
    assert "2 units received" in text_of(complete(client, begun))
    assert dock.line(asn).received == 2
    receipt.refresh_from_db()
    assert receipt.status == "CANCELLED"


def test_who_may_not_receive_sees_none_of_it(dock, client):
    receipt = begin(client, dock.asn((0, 3)))
    viewer = signed_in(dock.viewer)
    for path in (HOME, f"{HOME}blind/", page(receipt), f"{HOME}asn/{receipt.asn.uuid}/"):
        assert viewer.get(path).status_code == 403
    assert send(viewer, receipt, scan("P0")).status_code == 403


# ------------------------------------------------------------ paper
def test_the_sheet_has_blank_columns_and_a_code_for_every_line(dock, client):
    asn = dock.asn((0, 3, "C-1"), (1, 2, "C-1"), (2, 1))
    answer = signed_in(dock.manager).get(f"/store-operations/inventory/asns/{asn.uuid}/sheet/")
    body = answer.content.decode().split('class="sheet"')[1].split("</main>")[0]
    assert body.count("<svg") == 4
    assert "Carton C-1" in text_of(answer)
    assert body.count("<td></td><td></td><td></td>") >= 3


def test_a_session_costs_the_same_however_much_was_scanned(
    dock, client, django_assert_max_num_queries
):
    receipt = begin(client, dock.asn(*((n, 50) for n in range(6))))
    send(client, receipt, *(scan(f"P{n % 6}") for n in range(150)))
    with django_assert_max_num_queries(45):
        send(client, receipt, *(scan("P0") for _n in range(60)))


# ------------------------------------------------------------ what the configuration lets phones do
def test_a_store_that_does_not_receive_is_told_so_and_finishes_what_it_began(dock, client):
    begun = begin(client, dock.asn((0, 5), number="N-1"))
    waiting = dock.asn((0, 5), number="N-2")
    decide(enabled_receiving_stores=["GB-01"])
    assert "Receiving is switched off for this store" in text_of(client.get(HOME))
    assert "Receive without ASN" not in text_of(client.get(HOME))
    for act in ("begin", "carton", "late"):
        refused = client.post(f"{HOME}asn/{waiting.uuid}/", {"act": act, "code": "C", "key": "k"})
        assert refused.status_code == 409
        assert "Receiving: switched off for" in text_of(refused)
    refused = client.post(f"{HOME}blind/", {"shipment": "X", "key": "k"})
    assert refused.status_code == 409
    assert Receipt.objects.count() == 1
    assert told(send(client, begun, scan("P0")))[0][0] == "hit"
    complete(client, begun)
    begun.refresh_from_db()
    assert begun.status == "COMPLETED"


def test_cartons_and_goods_without_a_notice_have_switches_of_their_own(dock, client):
    asn = dock.asn((0, 5), number="N-1")
    decide(enabled_carton_receiving_stores=[], enabled_receiving_without_asn_stores=[])
    assert "Receive without ASN" not in text_of(client.get(HOME))
    refused = client.post(f"{HOME}asn/{asn.uuid}/", {"act": "carton", "code": "C", "key": "k"})
    assert (refused.status_code, Receipt.objects.count()) == (409, 0)
    assert "Receiving by carton: switched off" in text_of(refused)
    refused = client.post(f"{HOME}blind/", {"shipment": "X", "key": "k"})
    assert (refused.status_code, Receipt.objects.count()) == (409, 0)
    begin(client, asn)


def test_where_quantities_are_not_typed_every_unit_is_scanned(dock, client):
    receipt = begin(client, dock.asn((0, 5), number="N-1"))
    assert '<input class="inp scan-q"' in client.get(page(receipt)).content.decode()
    decide(allow_receiving_manual_quantity_editing=False)
    assert '<input class="inp scan-q"' not in client.get(page(receipt)).content.decode()
    answers = told(send(client, receipt, scan("P0", 2), scan("P0"), scan("P0", -1)))
    assert [kind for kind, _text in answers] == ["refused", "hit", "hit"]
    assert "not typed here" in answers[0][1]
