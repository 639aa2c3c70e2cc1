"""Transfers at the desk: who sees and does what, and what a page says before and after."""

import html
import re
import uuid
from datetime import timedelta

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image, ImageDraw

from omnichannel.catalog.models import Product, ScanIdentifier
from tests.kit.every_list import exported, rows_of
from tests.people import person, signed_in
from transfers import actions
from transfers.actions import Handover
from transfers.models import ShippingRoute, TransferOrder, TransferTransaction

S = "/store-operations/inventory"
LIST = f"{S}/transfer-orders/"
PARCELS = f"{S}/transfer-transactions/"
HANDED = Handover(True, "Blue Van", "next day", "TRACK-9")


def page_of(order: TransferOrder, sub: str = "") -> str:
    return f"{LIST}{order.uuid}/{sub}"


def parcel_page(parcel: TransferTransaction, sub: str = "") -> str:
    return f"{PARCELS}{parcel.uuid}/{sub}"


def text_of(response) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return html.unescape(re.sub(r"\s+", " ", text))


def form_of(client, url: str) -> dict[str, str]:
    """What the page's form would send untouched."""
    page = client.get(url).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return {name: hidden[name] for name in ("key", "revision") if hidden.get(name)}


@pytest.fixture
def client(yard):
    for position, kind in enumerate(("product_id", "sku"), start=1):
        ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})
    return signed_in(yard.packer)


@pytest.fixture
def other_end(yard):
    return signed_in(yard.manager)


# ------------------------------------------------------------ the list
def test_the_list_has_the_documented_columns_and_is_exported_without_a_gate(yard, client):
    today = timezone.now().date()
    yard.order((0, 3), (1, 4), ref="LATE", due_date=today - timedelta(days=3))
    yard.order((0, 3), ref="SOON", due_date=today + timedelta(days=3))
    done = yard.order((0, 3), ref="DONE", due_date=today - timedelta(days=9))
    yard.close_order(done)
    assert len(exported(client, f"{LIST}?export=csv")) == 3
    assert client.get(f"{LIST}?export=xlsx").status_code == 200
    (row,) = exported(client, f"{LIST}?state=overdue&export=csv")
    assert list(row)[:5] == ["External Reference", "Order Date", "From", "To", "Status"]
    assert [row[name] for name in ("External Reference", "From", "To", "Status", "Ordered")] == [
        "LATE", yard.london.name, yard.berlin.name, "Open", "7",
    ]  # fmt: skip
    assert text_of(client.get(LIST)).count("days overdue") == 1


@pytest.mark.parametrize(
    "words", ["q=TR-1-1", "q=TRACK-9", "reference=TR-1", "product=P0", "q=R-1"]
)
def test_found_by_reference_parcel_tracking_number_and_product(yard, client, words):
    yard.stock((0, 5), (1, 5))
    order, _other = yard.order((0, 3), ref="TR-1"), yard.order((1, 3), ref="OTHER")
    yard.ship(yard.parcel(order, (0, 1)), handover=HANDED)
    rows = exported(client, f"{LIST}?{words}&export=csv")
    assert [row["External Reference"] for row in rows] == ["TR-1"]


def test_seen_from_both_ends_and_changed_only_by_who_sends(yard, client, other_end):
    yard.stock((0, 5))
    order = yard.order((0, 3))
    parcel = yard.parcel(order, (0, 1))
    stranger = signed_in(person("fr", "Store Manager", stores=(yard.erp,)))
    for browser, seen in ((client, 1), (other_end, 1), (stranger, 0)):
        assert len(rows_of(browser.get(LIST))) == seen
        status = 200 if seen else 404
        for url in (page_of(order), page_of(order, "lines/"), parcel_page(parcel, "slip/")):
            assert browser.get(url).status_code == status
    page = other_end.get(page_of(order)).content.decode()
    assert "Start a shipment" not in page
    assert "close-transfer" not in page
    acts = [page_of(order, sub) for sub in ("close/", "ship/")]
    acts += [parcel_page(parcel, sub) for sub in ("quantities/", "ready/", "ship/", "unpack/")]
    for url in acts:
        assert other_end.get(url).status_code == 404
        assert other_end.post(url, {"act": "save"}).status_code == 404
    assert TransferTransaction.objects.get(pk=parcel.pk).status == "PICKED"


# ------------------------------------------------------------ one order
def test_the_detail_tells_what_variance_means_and_where_everything_is(yard, client):
    yard.stock((0, 9), (1, 2))
    order = yard.order((0, 10), (1, 2), ref="TR-1")
    shipped = yard.ship(yard.parcel(order, (0, 9)))
    yard.receive(shipped.asn, (0, 4))
    page = client.get(page_of(order))
    told = text_of(page)
    for words in (
        "Variance (ordered − transferred)", "9 of 12 units transferred", "TR-1-1", "In Progress",
        "Received at Destination", "inventory_transaction.asn_created",
    ):  # fmt: skip
        assert words in told
    assert f"{S}/asns/{shipped.asn.uuid}/" in page.content.decode()
    first, second = exported(client, page_of(order, "lines/"))
    assert list(first)[:8] == [
        "Product Name", "Product ID", "SKU", "Size", "Color", "Ordered Quantity",
        "Transferred Quantity", "Variance",
    ]  # fmt: skip
    names = ("Ordered Quantity", "Transferred Quantity", "Variance", "Received at Destination",
             "In Transit", "Set Aside")  # fmt: skip
    assert [first[name] for name in names] == ["10", "9", "1", "4", "5", "0"]
    assert [second[name] for name in names] == ["2", "0", "2", "0", "0", "2"]


def test_nothing_a_sender_writes_is_markup(yard, client):
    order = yard.order((0, 5), ref="<i>N</i>", note="<script>x")
    parcel = yard.parcel(order, (0, 1))
    urls = (LIST, page_of(order), page_of(order, "close/"), parcel_page(parcel, "slip/"))
    page = "".join(client.get(url).content.decode() for url in urls)
    assert not re.search(r"<(i>N|script>x)", page)
    assert "&lt;i&gt;N" in page


# ------------------------------------------------------------ close
def test_closing_shows_both_numbers_and_gives_back_what_was_set_aside(yard, client):
    yard.stock((0, 10))
    order = yard.order((0, 10))
    yard.ship(yard.parcel(order, (0, 9)))
    parcel = yard.parcel(order, (0, 1))
    told = text_of(client.get(page_of(order)))
    assert "9 of 10 ordered units were transferred" in told
    assert "1 ASN of this order stays open" in told
    assert f"{parcel.number} is still being picked" in told
    form = form_of(client, page_of(order))
    answers = [client.post(page_of(order, "close/"), form) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    told = text_of(client.get(page_of(order)))
    assert re.search(r"Closed by\s+packer", told)
    assert "Close Transfer Order" not in told
    assert yard.shelves() == (1, 0, 9)
    assert len(yard.told("transfer_order_closed")) == 1
    yard.agree()


def test_a_parcel_that_is_ready_stands_in_the_way_and_is_named_with_a_link(yard, client):
    yard.stock((0, 10))
    order = yard.order((0, 10))
    parcel = yard.ready(yard.parcel(order, (0, 4)))
    page = client.get(page_of(order, "close/"))
    assert "Ship or unpack it first" in text_of(page)
    assert parcel_page(parcel) in page.content.decode()
    assert 'type="submit">Close Transfer Order' not in page.content.decode()
    answer = client.post(page_of(order, "close/"), {"key": "k"})
    assert answer.status_code == 409
    assert TransferOrder.objects.get(pk=order.pk).status == "OPEN"


def test_what_shipped_meanwhile_is_shown_before_anything_is_closed(yard, client):
    yard.stock((0, 10))
    order = yard.order((0, 10))
    form = form_of(client, page_of(order))
    yard.ship(yard.parcel(order, (0, 2)))
    answer = client.post(page_of(order, "close/"), form)
    assert answer.status_code == 409
    assert "has changed since you opened it" in text_of(answer)
    assert "2 of 10 ordered units" in text_of(answer)


def test_several_are_closed_with_a_result_for_each(yard, client, settings):
    yard.stock((0, 10))
    mine, ready, done = (yard.order((0, 2), ref=ref) for ref in ("MINE", "READY", "DONE"))
    inbound = yard.order((0, 2), ref="INBOUND", origin=yard.berlin, destination=yard.london)
    foreign = yard.order((0, 2), ref="FOREIGN", origin=yard.berlin, destination=yard.erp)
    yard.ready(yard.parcel(ready, (0, 1)))
    yard.close_order(done)
    orders = (mine, ready, done, inbound, foreign)
    asked = client.post(LIST, {"act": "close", "row": [order.uuid for order in orders]})
    assert "Close these transfer orders?" in text_of(asked)
    words = {"act": "confirm", "key": "k", "order": [*(o.uuid for o in orders), "nonsense"]}
    told = text_of(client.post(f"{LIST}close/", words))
    assert "1 of 4 are done" in told
    assert "Only Store DE-01 closes it." in told
    assert "Ship or unpack it first" in told
    assert "FOREIGN" not in told
    settings.FORCE_CLOSE_NEEDS_ONLY_VIEW = False
    viewer = signed_in(yard.viewer)
    assert viewer.post(f"{LIST}close/", words).status_code == 403
    assert "Close transfer orders" not in text_of(viewer.get(LIST))


# ------------------------------------------------------------ create
def typed(yard, *lines: tuple[str, str], **more) -> dict:
    return {
        "act": "create",
        "key": "one-form",
        "destination": yard.berlin.code,
        "shelf": "main",
        "product": [code for code, _n in lines],
        "quantity": [number for _code, number in lines],
        **more,
    }


def test_an_order_is_made_once_and_numbered(yard, client):
    yard.stock((0, 10), (1, 5))
    words = typed(yard, ("P0", "3"), ("P1", "5"), due="2030-01-31", note="for the window")
    first, second = (client.post(f"{LIST}new/", words) for _n in range(2))
    assert first["Location"] == second["Location"]
    order = TransferOrder.objects.get()
    assert (order.external_ref, order.ordered_total, str(order.due_date)) == (
        f"TO-{yard.london.store_id}-1", 8, "2030-01-31",
    )  # fmt: skip
    assert yard.shelves(0) == (7, 3, 0)
    assert len(yard.told("transfer_order_created")) == 1


def test_what_is_short_is_named_with_its_numbers_and_a_count_of_it(yard, client):
    yard.stock((0, 2), (1, 5))
    answer = client.post(f"{LIST}new/", typed(yard, ("P0", "3"), ("P1", "5")))
    assert answer.status_code == 409
    told, page = text_of(answer), answer.content.decode()
    assert re.search(r"P0: 2 on hand, 3 asked", told)
    assert "Count this product now" in told
    assert re.search(
        r"count-tasks/new/\?store=GB-01&amp;shelf=main&amp;due=[\d-]+&amp;products=P0", page
    )
    assert 'value="3"' in page
    assert not TransferOrder.objects.exists()
    assert yard.shelves(1) == (5, 0, 0)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"destination": "GB-01"}, "transfer-destination-fault"),
        ({"destination": "nowhere"}, "transfer-destination-fault"),
        ({"shelf": "_in_transit"}, "transfer-shelf-fault"),
        ({"due": "2030-02-30"}, "transfer-due-fault"),
        ({"product": []}, "lookup-code-fault"),
        ({"quantity": ["-1"]}, 'aria-invalid="true"'),
        ({"quantity": ["١"]}, 'aria-invalid="true"'),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    yard, client, words, field
):
    yard.stock((0, 9))
    answer = client.post(f"{LIST}new/", {**typed(yard, ("P0", "3"), note="=kept=", **words)})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert field in page
    assert 'value="=kept="' in page
    assert not TransferOrder.objects.exists()


def test_products_are_scanned_searched_and_pasted_with_what_is_available(yard, client):
    yard.stock((0, 7))
    scan = client.post(f"{LIST}new/", {**typed(yard), "act": "add", "code": "S0"})
    assert re.search(r"Product 0.*? P0 7 more than", text_of(scan)) is None
    assert 'name="product" value="P0"' in scan.content.decode()
    assert re.search(r'data-label="Available">7<', scan.content.decode())
    named = client.post(f"{LIST}new/", {**typed(yard), "act": "add", "code": "Product"})
    assert "Which of these?" in text_of(named)
    pasted = {**typed(yard), "act": "paste", "pasted": "P0 9\nNOPE 3\nP1"}
    told = client.post(f"{LIST}new/", pasted)
    assert "Line 2: no product has the code “NOPE”" in text_of(told)
    assert "more than there is" in text_of(told)
    assert 'name="product" value="P1"' in told.content.decode()


def test_a_draft_is_kept_until_it_is_created_or_thrown_away(yard, client):
    yard.stock((0, 7))
    words = typed(yard, ("P0", "4"), note="half done")
    assert "Kept at" in text_of(client.post(f"{LIST}new/", {**words, "act": "keep"}))
    page = client.get(f"{LIST}new/")
    assert "This is what you typed before." in text_of(page)
    assert 'value="half done"' in page.content.decode()
    assert re.search(r'name="quantity"[^>]*value="4"', page.content.decode())
    brought = client.get(f"{LIST}new/?product=P1").content.decode()
    found = re.findall(r'name="product" value="(P\d)"><input[^>]*value="(\d+)"', brought)
    assert found == [("P0", "4"), ("P1", "1")]
    client.post(f"{LIST}new/", {"act": "over"})
    assert "half done" not in client.get(f"{LIST}new/").content.decode()
    client.post(f"{LIST}new/", {**words, "act": "check"})
    assert "half done" in client.get(f"{LIST}new/").content.decode()
    assert client.post(f"{LIST}new/", words).status_code == 302
    assert "half done" not in client.get(f"{LIST}new/").content.decode()


# ------------------------------------------------------------ packing and handing over
def test_a_shipment_proposes_what_is_left_and_there(yard, client):
    yard.stock((0, 10), (1, 2))
    order = yard.order((0, 6), (1, 5))
    yard.ship(yard.parcel(order, (0, 2)))
    page = client.get(page_of(order, "ship/"))
    lines = [yard.order_line(order, n).pk for n in (0, 1)]
    found = dict(re.findall(r'name="quantity-(\d+)"[^>]*value="(\d+)"', page.content.decode()))
    assert found == {str(lines[0]): "4", str(lines[1]): "2"}
    form = {**form_of(client, page_of(order, "ship/")), "act": "save"}
    words = {**form, f"quantity-{lines[0]}": "3", f"quantity-{lines[1]}": ""}
    first, second = (client.post(page_of(order, "ship/"), words) for _n in range(2))
    assert first["Location"] == second["Location"]
    parcel = TransferTransaction.objects.latest("pk")
    assert list(parcel.lines.values_list("product__product_id", "quantity")) == [("P0", 3)]
    for bad in ("5", "x", "-1", "9" * 12):
        answer = client.post(page_of(order, "ship/"), {**words, f"quantity-{lines[0]}": bad})
        assert answer.status_code == 400
        assert 'aria-invalid="true"' in answer.content.decode()
    scanned = client.post(page_of(order, "ship/"), {**words, "act": "add", "code": "S0"})
    assert re.search(rf'name="quantity-{lines[0]}"[^>]*value="4"', scanned.content.decode())


def test_from_picked_to_shipped_without_a_phone(yard, client):
    yard.stock((0, 10))
    order = yard.order((0, 6), ref="TR-1")
    parcel, line = yard.parcel(order, (0, 6)), yard.order_line(order)
    url = parcel_page(parcel, "quantities/")
    form = {**form_of(client, url), "act": "save", f"quantity-{line.pk}": "5"}
    assert client.post(url, form).status_code == 302
    stale = client.post(url, {**form, f"quantity-{line.pk}": "1"})
    assert stale.status_code == 409
    assert 'value="1"' in stale.content.decode()
    ready = parcel_page(parcel, "ready/")
    without = client.post(ready, {**form_of(client, ready), "how": "carrier"})
    assert without.status_code == 400
    assert "Name the carrier" in text_of(without)
    words = {"how": "carrier", "carrier": "Blue Van", "tracking_number": "TRACK-7"}
    assert client.post(ready, {**form_of(client, ready), **words}).status_code == 302
    assert "Change quantities" not in text_of(client.get(parcel_page(parcel)))
    ship = parcel_page(parcel, "ship/")
    form = form_of(client, ship)
    assert [client.post(ship, form).status_code for _n in range(2)] == [302, 302]
    told = text_of(client.get(parcel_page(parcel)))
    for words in ("Shipped", "Blue Van", "TRACK-7", "TR-1-1"):
        assert words in told
    parcel.refresh_from_db()
    assert parcel.asn.lines.get().carton_id == "TRACK-7"
    assert yard.shelves() == (4, 1, 5)
    assert len(yard.told("asn_created")) == 1
    assert client.post(parcel_page(parcel, "unpack/"), {"key": "k"}).status_code == 409
    yard.agree()


def test_stock_that_went_missing_is_named_where_it_is_shipped(yard, client, settings):
    settings.TRANSFERS_RESERVE = False
    yard.stock((0, 10))
    order = yard.order((0, 6))
    parcel = yard.parcel(order, (0, 6))
    yard.ship(yard.parcel(yard.order((0, 8)), (0, 8)))
    answer = client.post(parcel_page(parcel, "ship/"), {"key": "k", "how": "own"})
    assert answer.status_code == 409
    assert "P0: 2 on hand, 6 asked" in text_of(answer)
    assert "Count this product now" in text_of(answer)
    assert yard.shelves() == (2, 0, 8)


def test_service_levels_are_those_of_the_routes_between_the_two(yard, client):
    yard.stock((0, 5))
    ShippingRoute.objects.create(
        position=1, from_location_id="*", to_location_ids=["DE-01"], service_level_ids=["EXPRESS"]
    )
    ShippingRoute.objects.create(
        position=2, from_location_id="DE-01", to_location_ids=["*"], service_level_ids=["SEA"]
    )
    parcel = yard.parcel(yard.order((0, 5)), (0, 1))
    page = client.get(parcel_page(parcel, "ready/")).content.decode()
    assert '<option value="EXPRESS"' in page
    assert "SEA" not in page


def test_an_order_of_more_lines_than_a_form_has_fields_is_shipped_from_the_desk(yard, client):
    products = [Product.objects.create(product_id=f"Q{n:04}", name=f"Q {n}").pk for n in range(620)]
    order = yard.order((0, 1), lines=[actions.Ordered(pk, 2) for pk in products], origin=yard.erp)
    by = signed_in(person("erp-packer", "Store Manager", stores=(yard.erp,)))
    url = page_of(order, "ship/")
    page = by.get(url).content.decode()
    assert len(re.findall(r'name="quantity-', page)) == 300
    assert by.post(url, {**form_of(by, url), "act": "all"}).status_code == 302
    parcel = TransferTransaction.objects.get()
    assert parcel.quantity_total == 1240
    url = parcel_page(parcel, "quantities/?page=3")
    page = by.get(url).content.decode()
    fields = dict(re.findall(r'name="(quantity-\d+)"[^>]*value="(\d+)"', page))
    assert len(fields) == 20
    words = {**form_of(by, url), "act": "save", "page": "3", **dict.fromkeys(fields, "0")}
    assert by.post(url, words).status_code == 302
    parcel.refresh_from_db()
    assert parcel.quantity_total == 1200
    scan = by.post(parcel_page(parcel, "quantities/"), {"act": "add", "code": "Q0400"})
    assert "Q0400 stands on page 2." in text_of(scan)


# ------------------------------------------------------------ paper
def drawing(path: str, columns: int, rows: int, scale: int = 6, height: int = 0) -> Image.Image:
    """The modules of an SVG path as a picture, with the quiet zone that it has."""
    picture = Image.new("L", (columns * scale, (height or rows * scale)), 255)
    pen = ImageDraw.Draw(picture)
    step = picture.height / rows
    for x, y, width, high in re.findall(r"M(\d+)[ ,](\d+)h(\d+)v(\d+)", path):
        box = [int(x) * scale, int(y) * step, (int(x) + int(width)) * scale - 1,
               (int(y) + int(high)) * step - 1]  # fmt: skip
        pen.rectangle(box, fill=0)
    return picture


def codes_of(page: str) -> list[str]:
    found = []
    for columns, rows, path in re.findall(
        r'viewBox="0 0 (\d+) (\d+)"[^>]*><path d="([^"]+)"', page
    ):
        picture = drawing(path, int(columns), int(rows), height=60 if rows == "1" else 0)
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    return found


def test_the_slip_carries_what_the_receiving_page_understands(yard, client, other_end):
    yard.stock((0, 5))
    parcel = yard.parcel(yard.order((0, 5), ref="TR-1"), (0, 2))
    before = client.get(parcel_page(parcel, "slip/"))
    assert "It has not shipped yet" in text_of(before)
    shipped = yard.ship(parcel, handover=HANDED)
    page = client.get(parcel_page(parcel, "slip/")).content.decode()
    codes = codes_of(page)
    assert codes == ["TR-1-1", "TRACK-9", "P0"]
    assert codes_of(before.content.decode())[0] == codes[0]
    for code in codes[:2]:
        found = other_end.get("/receive/", {"store": "DE-01", "code": code})
        assert found["Location"].startswith(f"/receive/asn/{shipped.asn.uuid}/")
    given_up = yard.unpack(yard.parcel(parcel.order))
    assert client.get(parcel_page(given_up, "slip/")).status_code == 404


# ------------------------------------------------------------ from everywhere else
def test_quick_search_and_the_product_page_lead_to_transfers(yard, client):
    order = yard.order((0, 5), ref="TR-4711")
    found = client.get("/search/", {"q": "4711"}).content.decode()
    assert page_of(order) in found
    product = client.get("/catalog/products/P0/").content.decode()
    assert f"{LIST}new/?product=P0" in product
    assert f"{LIST}?product=P0" in product
    filled = client.get(f"{LIST}new/?product=P0").content.decode()
    assert 'name="product" value="P0"' in filled
    assert f'href="{LIST}"' in client.get(LIST).content.decode()
    yard.stock((0, 5))
    shipped = yard.ship(yard.parcel(order, (0, 2)))
    documents = (
        f"{S}/asns/{shipped.asn.uuid}/",
        f"{S}/transactions/{shipped.transaction.posting.uuid}/",
    )
    for url in documents:
        assert f'href="{LIST}?reference=TR-4711"' in client.get(url).content.decode()


def test_a_foreign_uuid_is_nowhere(yard, client):
    for base in (LIST, PARCELS):
        assert client.get(f"{base}{uuid.uuid4()}/").status_code == 404
