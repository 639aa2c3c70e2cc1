"""Notices in the browser: who sees and closes what, and what a page says before and after."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from asn.models import Asn, Fate, FateDecision, Receipt
from omnichannel.eventstream.models import Event
from tests.kit.every_list import exported, rows_of
from tests.people import person, signed_in

S = "/store-operations/inventory"
LIST = f"{S}/asns/"


def page_of(asn: Asn, sub: str = "") -> str:
    return f"{LIST}{asn.uuid}/{sub}"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def client(dock):
    return signed_in(dock.manager)


def form_of(client, url: str) -> dict[str, str]:
    """What the page's form would send untouched."""
    page = client.get(url).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return {name: hidden[name] for name in ("key", "revision") if name in hidden}


# ------------------------------------------------------------ the list
def test_the_list_has_the_documented_columns_and_says_what_is_overdue(dock, client):
    now = timezone.now()
    # Of the store's calendar, which turns its page before that of UTC.
    today = timezone.localdate(timezone=ZoneInfo(dock.berlin.time_zone))
    dock.asn((0, 3), (1, 4), number="LATE", order_ids=["O-1", "O-2"], shipped_at=now - timedelta(days=30),
             expected_date=today - timedelta(days=3))  # fmt: skip
    dock.asn((0, 3), number="SOON", shipped_at=now, expected_date=today + timedelta(days=3))
    closed = dock.asn((0, 3), number="DONE", shipped_at=now - timedelta(days=300))
    dock.receive(closed, (0, 3))
    assert client.get(f"{LIST}?export=csv").status_code == 409
    (row,) = exported(client, f"{LIST}?state=overdue&export=csv")
    assert list(row) == [
        "Time", "ASN Number", "Order ID", "From ID", "From", "To ID", "To", "Status",
        "Expected Arrival", "Products", "Items",
    ]  # fmt: skip
    assert (row["ASN Number"], row["Order ID"], row["Products"], row["Items"]) == (
        "LATE",
        "O-1, O-2",
        "2",
        "7",
    )
    told = text_of(client.get(LIST))
    assert told.count("days overdue") == 1
    assert "3 days overdue" in told


def test_without_an_expected_arrival_patience_ends_after_the_configured_days(
    dock, client, settings
):
    days = settings.ASN_OVERDUE_DAYS
    dock.asn((0, 3), number="OLD", shipped_at=timezone.now() - timedelta(days=days + 2))
    dock.asn((0, 3), number="NEW", shipped_at=timezone.now() - timedelta(days=days - 2))
    rows = exported(client, f"{LIST}?state=overdue&export=csv")
    assert [row["ASN Number"] for row in rows] == ["OLD"]


@pytest.mark.parametrize("text", ["N-77", "ORDER-9", "PO-5", "CARTON-1"])
def test_found_by_number_order_purchase_order_and_carton(dock, client, text):
    dock.asn((0, 1, "CARTON-1"), number="N-77", order_ids=["X", "ORDER-9"], po_number="PO-5")
    dock.asn((0, 1, "CARTON-11"), number="N-777", order_ids=["ORDER-99"], po_number="PO-55")
    rows = exported(client, f"{LIST}?q={text}&export=csv")
    assert [row["ASN Number"] for row in rows] == ["N-77"]


def test_a_part_of_the_number_is_found_and_a_pattern_is_no_pattern(dock, client):
    dock.asn((0, 1), number="abc-100%-def")
    assert len(rows_of(client.get(f"{LIST}?q=C-100%25"))) == 1
    assert len(rows_of(client.get(f"{LIST}?q=%25"))) == 1
    assert len(rows_of(client.get(f"{LIST}?q=c_1"))) == 0


def test_a_foreign_stores_notice_is_nowhere(dock):
    asn = dock.asn((0, 5))
    other = signed_in(person("gb", "Store Manager", stores=(dock.london,)))
    assert "A-1" not in text_of(other.get(LIST))
    assert rows_of(other.get(f"{LIST}?q=A-1")) == []
    for sub in ("", "lines/", "close/", "fate/"):
        assert other.get(page_of(asn, sub)).status_code == 404
    assert other.post(page_of(asn, "close/")).status_code == 404


# ------------------------------------------------------------ one notice
def test_the_detail_has_the_documented_columns_and_who_received_when(dock, client):
    asn = dock.asn((0, 5), (1, 4, "C-1"), order_ids=["O-7"], po_number="PO-7")
    dock.products[0].identifiers.create(type="ean", value="4006381333931")
    dock.products[0].identifiers.create(type="UPC", value="036000291452")
    dock.receive(asn, (0, 6), (2, 1))
    told = text_of(client.get(page_of(asn)))
    for words in ("O-7", "PO-7", "7 of 9 items received", "Supplier", "Store DE-01", "manager"):
        assert words in told
    rows = exported(client, page_of(asn, "lines/"))
    assert list(rows[0])[:12] == [
        "Product Name", "Product ID", "SKU", "EAN", "UPC", "Size", "Color", "Fit", "Carton",
        "Expected", "Received", "Variance",
    ]  # fmt: skip
    first, carton, unexpected = rows
    assert (first["EAN"], first["UPC"]) == ("4006381333931", "036000291452")
    assert [first[name] for name in ("Expected", "Received", "Variance")] == ["5", "6", "1"]
    assert (carton["Carton"], carton["Variance"]) == ("C-1", "-4")
    assert [unexpected[name] for name in ("Expected", "Received", "Variance")] == ["0", "1", "1"]


def test_nothing_a_sender_writes_is_markup(dock, client):
    asn = dock.asn((0, 5, "<b>C</b>"), number="<i>N</i>", order_ids=["<u>"], note="<script>x")
    page = client.get(page_of(asn)).content.decode() + client.get(LIST).content.decode()
    assert not re.search(r"<(b>C|i>N|u>|script>x)", page)
    assert "&lt;i&gt;N" in page


# ------------------------------------------------------------ force close
def test_two_clicks_close_with_the_default_and_say_who(dock, client):
    asn = dock.asn((0, 24))
    dock.receive(asn, (0, 21))
    page = client.get(page_of(asn)).content.decode()
    assert 'data-dialog="close-asn"' in page
    assert "3 of 24 items have not arrived" in text_of(client.get(page_of(asn)))
    answer = client.post(page_of(asn, "close/"), form_of(client, page_of(asn)), follow=True)
    told = text_of(answer)
    assert "ASN A-1 is closed." in told
    assert re.search(r"Force closed by\s+manager", told)
    assert "Decisions about the remainder" in told
    assert 'data-dialog="close-asn"' not in answer.content.decode()
    line = dock.line(asn)
    assert (line.received, line.never_shipped, line.in_transit) == (21, 3, 0)
    assert len(dock.told("asn_closed")) == 1
    assert "inventory_transaction.items_received" in told
    assert "inventory_transaction.asn_closed" in told


def test_sent_twice_it_closes_once(dock, client):
    asn = dock.asn((0, 5))
    form = form_of(client, page_of(asn))
    first, second = (client.post(page_of(asn, "close/"), form) for _n in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert len(dock.told("asn_closed")) == 1
    assert FateDecision.objects.count() == 1


def test_who_comes_second_is_told_who_was_first_and_how_it_ended(dock, client):
    asn = dock.asn((0, 5))
    dock.receive(asn, (0, 2))
    form = form_of(client, page_of(asn))
    rival = person("rival", "Store Manager", stores=(dock.berlin,))
    dock.close(asn, by=rival)
    before = Event.objects.count()
    answer = client.post(page_of(asn, "close/"), form)
    assert answer.status_code == 409
    told = text_of(answer)
    assert "by rival" in told
    assert "2 of 5 units received" in told
    assert Event.objects.count() == before


def test_what_was_received_meanwhile_is_shown_before_anything_is_closed(dock, client):
    asn = dock.asn((0, 5))
    form = form_of(client, page_of(asn))
    dock.receive(asn, (0, 2))
    answer = client.post(page_of(asn, "close/"), form)
    assert answer.status_code == 409
    assert "2 of 5 units are received now" in text_of(answer)
    asn.refresh_from_db()
    assert asn.status == "PARTIALLY_RECEIVED"


def test_one_fate_for_all_and_another_for_one_line(dock, client):
    asn = dock.shipped((0, 5), (1, 4))
    line = dock.line(asn, 1)
    form = {**form_of(client, page_of(asn, "close/")), "fate": "LOST", f"fate-{line.pk}": "RETURN"}
    assert client.post(page_of(asn, "close/"), form).status_code == 302
    assert dock.line(asn, 0).lost == 5
    assert dock.line(asn, 1).returned == 4
    assert "T-1-R1" in text_of(client.get(page_of(asn)))
    dock.agree()


def test_a_fate_that_moves_stock_needs_adjust_inventory(dock):
    asn = dock.shipped((0, 5))
    viewer = signed_in(dock.viewer)
    page = viewer.get(page_of(asn, "close/")).content.decode()
    assert re.search(r'<option value="LOST" disabled>', page)
    form = form_of(viewer, page_of(asn, "close/"))
    answer = viewer.post(page_of(asn, "close/"), {**form, "fate": "LOST"})
    assert answer.status_code == 409
    assert "Adjust Inventory" in text_of(answer)
    assert dock.line(asn).in_transit == 5
    assert viewer.post(page_of(asn, "close/"), {**form, "fate": ""}).status_code == 302


def test_arrived_elsewhere_names_a_receipt_that_the_user_may_see(dock, client):
    asn = dock.asn((0, 5))
    blind = dock.blind((0, 5), shipment_ref="LOOSE")
    form = form_of(client, page_of(asn, "close/"))
    asked = {**form, "fate": "ELSEWHERE"}
    nowhere = client.post(page_of(asn, "close/"), asked)
    assert nowhere.status_code == 409
    assert "Choose the receipt" in text_of(nowhere)
    assert str(blind.uuid) in client.get(page_of(asn, "close/")).content.decode()
    assert client.post(page_of(asn, "close/"), {**asked, "receipt": "no uuid"}).status_code == 409
    done = client.post(page_of(asn, "close/"), {**asked, "receipt": blind.uuid})
    assert done.status_code == 302
    assert dock.line(asn).received_elsewhere == 5


@pytest.mark.parametrize("fate", ["EATEN", "lost", "<b>", "LOST "])
def test_an_unknown_fate_closes_nothing(dock, client, fate):
    asn = dock.asn((0, 5))
    answer = client.post(page_of(asn, "close/"), {"fate": fate})
    assert answer.status_code == 400
    assert "is no fate" in text_of(answer)
    asn.refresh_from_db()
    assert asn.status == "OPEN"


def test_only_the_destination_closes(dock):
    asn = dock.shipped((0, 5))
    sender = signed_in(person("sender", "Store Manager", stores=(dock.london,)))
    assert sender.get(page_of(asn)).status_code == 200
    assert "data-dialog" not in sender.get(page_of(asn)).content.decode().split("<main")[1]
    assert sender.post(page_of(asn, "close/")).status_code == 404


def test_with_the_setting_off_only_force_close_asns_closes(dock, client, settings):
    asn = dock.asn((0, 5))
    settings.FORCE_CLOSE_NEEDS_ONLY_VIEW = False
    viewer = signed_in(dock.viewer)
    assert viewer.get(page_of(asn, "close/")).status_code == 403
    assert viewer.post(page_of(asn, "close/")).status_code == 403
    assert viewer.post(f"{LIST}close/").status_code == 403
    assert viewer.post(LIST, {"act": "close", "row": asn.uuid}).status_code == 400
    assert "Force close" not in text_of(viewer.get(page_of(asn)))
    assert client.post(page_of(asn, "close/"), form_of(client, page_of(asn))).status_code == 302


# ------------------------------------------------------------ several at once
def test_chosen_rows_are_closed_each_with_its_own_result(dock, client):
    mine = [dock.asn((0, n + 1), number=f"N-{n}") for n in range(3)]
    dock.receive(mine[0], (0, 1))
    theirs = dock.shipped((0, 9), number="OUT")
    Asn.objects.filter(pk=theirs.pk).update(
        origin=dock.berlin, destination=dock.london, holder=None
    )
    chosen = [str(asn.uuid) for asn in (*mine, theirs)]
    asked = client.post(LIST, {"act": "close", "row": chosen})
    assert asked.status_code == 200
    assert Asn.objects.filter(is_force_closed=True).count() == 0
    assert "Closed already" in text_of(asked)
    key = re.search(r'name="key" value="([^"]+)"', asked.content.decode())[1]
    form = {
        "act": "confirm",
        "key": key,
        "asn": chosen,
        "fate": "DECIDE_LATER",
        "note": "stocktake",
    }
    first = text_of(client.post(f"{LIST}close/", form))
    assert "2 of 4 are done" in first
    assert "closed on" in first
    assert "Only Store GB-01 closes it." in first
    assert text_of(client.post(f"{LIST}close/", form)) == first
    assert len(dock.told("asn_closed")) == 3
    assert dock.line(mine[2]).in_transit == 3


def test_nonsense_among_the_chosen_is_left_out(dock, client):
    form = {"act": "confirm", "key": "k", "asn": ["x", "", str(Receipt().uuid), "\u202e"]}
    answer = client.post(f"{LIST}close/", form)
    assert answer.status_code == 200
    assert "0 of 0 are done" in text_of(answer)


# ------------------------------------------------------------ afterwards
def test_a_fate_changes_later_and_both_decisions_stay_readable(dock, client):
    asn = dock.shipped((0, 5))
    dock.close(asn)
    line = dock.line(asn)
    form = form_of(client, page_of(asn, "fate/"))
    row = f"{line.pk}-{Fate.DECIDE_LATER}"
    nothing = client.post(page_of(asn, "fate/"), form)
    assert nothing.status_code == 400
    bad = client.post(
        page_of(asn, "fate/"), {**form, f"after-{row}": "LOST", f"quantity-{row}": "six"}
    )
    assert bad.status_code == 400
    assert "“six” is no quantity" in text_of(bad)
    many = client.post(
        page_of(asn, "fate/"), {**form, f"after-{row}": "LOST", f"quantity-{row}": "6"}
    )
    assert many.status_code == 409
    asked = {**form, f"after-{row}": "LOST", f"quantity-{row}": "2", "note": "fell off"}
    assert client.post(page_of(asn, "fate/"), asked).status_code == 302
    assert client.post(page_of(asn, "fate/"), asked).status_code == 302
    line = dock.line(asn)
    assert (line.lost, line.in_transit) == (2, 3)
    assert FateDecision.objects.count() == 1
    assert "fell off" in text_of(client.get(page_of(asn)))
    dock.agree()


def test_a_receipt_is_corrected_by_another_one(dock, client):
    asn = dock.asn((0, 5), (1, 5))
    receipt = dock.receive(asn, (0, 3), (1, 2))
    url = f"{S}/receipts/{receipt.uuid}/"
    assert "Correct this receipt" in text_of(client.get(url))
    form = form_of(client, f"{url}correct/")
    line = receipt.lines.get(product=dock.products[0])
    assert client.post(f"{url}correct/", form).status_code == 400
    too_many = client.post(f"{url}correct/", {**form, f"quantity-{line.pk}": "4"})
    assert too_many.status_code == 409
    assert "3 units of this receipt can be taken back, 4 asked" in text_of(too_many)
    asked = {**form, f"quantity-{line.pk}": "2", "note": "counted twice"}
    done = client.post(f"{url}correct/", asked, follow=True)
    assert "counted twice" in text_of(done)
    assert client.post(f"{url}correct/", asked).status_code == 302
    assert dock.held(0) == 1
    assert "Corrected by" in text_of(client.get(url))
    again = client.get(f"{url}correct/").content.decode()
    assert re.search(rf'data-label="Received" class="num">1<.*?quantity-{line.pk}"', again, re.S)
    dock.agree()


def test_goods_under_way_are_told_by_pair_and_document(dock, client):
    dock.products[0].prices.create(pricebook=dock.berlin.pricebook, value="2.50")
    asn = dock.shipped((0, 4), (1, 1))
    dock.asn((0, 7), number="FAR")
    told = text_of(client.get(f"{S}/in-transit/"))
    assert "Store GB-01 → Store DE-01" in told
    assert "€10.00" in told
    assert "(1 without a price)" in told
    rows = {row["Document"]: row for row in exported(client, f"{S}/in-transit/?export=csv")}
    assert rows["T-1"]["Value"] == "10.00"
    assert (rows["T-1"]["Units"], rows["T-1"]["Booked"]) == ("5", "Sender's stock")
    assert rows["FAR"]["Booked"] == "Outside"
    assert int(rows["FAR"]["Age in Days"]) == (timezone.now() - asn.shipped_at).days
    narrow = text_of(client.get(f"{S}/in-transit/?origin=DC-1"))
    assert "Store GB-01 → Store DE-01" not in narrow
    dock.receive(asn, (0, 4), (1, 1))
    rows = exported(client, f"{S}/in-transit/?export=csv")
    assert [row["Document"] for row in rows] == ["FAR"]


def test_detail_and_list_take_a_flat_number_of_queries(dock, client, django_assert_max_num_queries):
    asn = dock.asn(*((n, 5) for n in range(6)))
    for n in range(4):
        dock.receive(asn, (n, 1))
    client.get(page_of(asn))
    with django_assert_max_num_queries(34):
        client.get(page_of(asn))
