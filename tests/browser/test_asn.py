"""Notices on the desk and on the phone: closed with two clicks, scanned without a network.

The suite scans for three seconds; FAULTS=1 scans for a minute.
"""

import json
import os
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from asn import actions
from asn.models import Asn, Receipt, ReceiptScan
from inventory.models import AdjustmentReason, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product, ScanIdentifier
from omnichannel.locations.models import FulfillmentLocation
from tests.browser.looks import LOOKS, amiss_on, dressed
from tests.deciding import decide

pytestmark = pytest.mark.browser
S = "/store-operations/inventory"
SHIPPED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# At twenty a second, and for how long the network is gone each time.
SCANS, GONE = (1_200, 5_000) if os.environ.get("FAULTS") == "1" else (60, 500)
PHONE = {"width": 390, "height": 844}


class Yard:
    """A DC that sends to Berlin: one notice half received and overdue, one in cartons."""

    def __init__(self, world) -> None:
        self.berlin = world.berlin
        # What a migration filled is emptied between tests that commit.
        for position, kind in enumerate(("product_id", "sku"), start=1):
            ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})
        self.dc = FulfillmentLocation.objects.create(
            code="DC-1", kind="DC", name="Supplier", country_code="DE", time_zone="Europe/Berlin"
        )
        self.reason = AdjustmentReason.objects.create(
            type="Damage",
            subtype="Broken on arrival",
            origin=world.shelves["main"],
            destination=world.shelves["damaged"],
        )
        self.products = list(Product.objects.order_by("product_id")[:8])
        self.admin = User.objects.get(username="admin")
        self.half = self.announce(
            "ASN-204881", (0, 12), (1, 8), (2, 4), expected_date=SHIPPED.date()
        )
        self.receive(self.half, (0, 12), (1, 5), (2, 5))
        self.cartons = self.announce("ASN-CARTONS", (0, 3, "C-1"), (1, 2, "C-1"), (2, 6, "C-2"))

    def announce(self, number: str, *lines: tuple, **more) -> Asn:
        with transaction.atomic(durable=True):
            return actions.create_asn(
                origin_id=self.dc.pk,
                destination_id=self.berlin.pk,
                shipped_at=SHIPPED,
                lines=[actions.Expected(self.products[p].pk, *rest) for p, *rest in lines],
                source="API",
                number=number,
                **more,
            )

    def receive(self, asn: Asn, *items: tuple[int, int]) -> Receipt:
        session = actions.Session(by=self.admin, key=f"k{asn.pk}", kind="ITEMS")
        with transaction.atomic(durable=True):
            return actions.receive_items(
                asn_id=asn.pk,
                items=[actions.Arrived(self.products[p].pk, n) for p, n in items],
                session=session,
            ).receipt

    def begin(self, asn: Asn) -> Receipt:
        with transaction.atomic(durable=True):
            return actions.begin_receipt(by=self.admin, key=f"b{asn.pk}", asn_id=asn.pk)

    def held(self, product: int, shelf: str = "main") -> int:
        rows = StockOnHand.objects.filter(
            product=self.products[product], location=self.berlin, stock_location__name=shelf
        )
        return rows.values_list("quantity", flat=True).first() or 0


@pytest.fixture
def yard(world) -> Yard:
    return Yard(world)


def scan(page, code: str) -> None:
    """As a keyboard wedge does: letters, then Enter."""
    field = page.locator("#lookup-code")
    field.fill(code)
    field.press("Enter")


def scanned(receipt: Receipt) -> int:
    return ReceiptScan.objects.filter(receipt=receipt).count()


def waiting(page) -> int:
    return page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('scans:')).length")


def all_sent(page) -> None:
    for _n in range(400):
        if not waiting(page):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{waiting(page)} scans were never sent")


# ------------------------------------------------------------ on the desk
def test_from_the_overdue_list_to_a_closed_notice_in_two_clicks(visit, yard):
    page, watch = visit("operations", f"{S}/asns/?state=overdue")
    expect(page.locator("#results tbody")).to_contain_text("overdue")
    page.locator("#results tbody a", has_text="ASN-204881").click()
    expect(page.locator("h1")).to_contain_text("Partially Received")
    expect(page.locator(".asn-plot")).to_contain_text("22 of 24 items received")
    page.get_by_role("link", name="Force close ASN").click()
    dialog = page.locator("#close-asn")
    expect(dialog).to_contain_text("3 of 24 items have not arrived")
    expect(dialog.get_by_role("button", name="Keep open")).to_be_focused()
    dialog.get_by_role("button", name="Force close ASN").click()
    expect(page.locator("h1")).to_contain_text("Closed")
    expect(page.locator(".kv")).to_contain_text("Force closed by")
    expect(page.locator(".kv")).to_contain_text("operations")
    assert watch.faults == []


def test_chosen_rows_are_closed_with_a_result_each(visit, yard):
    page, watch = visit("operations", f"{S}/asns/")
    page.get_by_role("checkbox", name="Choose ASN-204881").check()
    page.get_by_role("checkbox", name="Choose ASN-CARTONS").check()
    page.get_by_role("button", name="Force close").click()
    page.get_by_role("button", name="Force close").click()
    expect(page.locator("main")).to_contain_text("2 of 2 are done")
    assert watch.faults == []


# ------------------------------------------------------------ on the phone
@pytest.fixture
def phone(visit, yard):
    """phone(notice, …) → (page, watch, session) at a scanning page."""

    def go(asn: Asn, **options):
        receipt = yard.begin(asn)
        page, watch = visit("admin", f"/receive/{receipt.uuid}/", **options)
        page.set_viewport_size(PHONE)
        return page, watch, receipt

    return go


def test_found_scanned_damaged_and_completed_and_a_carton_in_one_scan(visit, yard):
    page, watch = visit("admin", "/receive/?store=DE-01")
    page.set_viewport_size(PHONE)
    asn = yard.announce("ASN-NEW", (5, 3))
    scan(page, "ASN-NEW")
    page.get_by_role("button", name="Scan items").click()
    scan(page, "P-005")
    expect(page.locator("[data-scans-said]")).to_contain_text("1 of 3")
    expect(page.locator("[data-scans]")).to_have_attribute("data-flash", "hit")
    expect(page.locator("#lookup-code")).to_be_focused()
    before = yard.held(5)
    page.get_by_role("checkbox", name="Damaged").check()
    scan(page, "S-5")
    expect(page.locator(".scan-rows")).to_contain_text("1 damaged")
    expect(page.get_by_role("checkbox", name="Damaged")).not_to_be_checked()
    scan(page, "no such code")
    expect(page.locator("[data-scans]")).to_have_attribute("data-flash", "miss")
    page.get_by_role("button", name="Leave out").click()
    scan(page, "P-005")
    expect(page.locator("[data-scans-said]")).to_contain_text("3 of 3")
    page.get_by_role("button", name="Complete").click()
    expect(page.locator("main")).to_contain_text("3 units received")
    expect(page.locator("main")).to_contain_text("ASN ASN-NEW is closed")
    assert (yard.held(5) - before, yard.held(5, "damaged")) == (2, 1)
    assert Receipt.objects.get(asn=asn).lines.count() == 1
    page.goto("/receive/?store=DE-01")
    scan(page, "C-1")
    expect(page.locator("#lookup-code")).to_have_value("C-1")
    page.get_by_role("button", name="Receive carton").click()
    expect(page.locator(".toast")).to_contain_text("5 units")
    assert watch.faults == []


def test_where_the_configuration_says_so_each_scan_is_asked_about(phone, yard):
    decide(require_confirmation_on_scanning=True)
    page, watch, receipt = phone(yard.announce("ASN-ASKS", (5, 3)))
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    scan(page, "P-005")
    expect(page.locator("[data-scans-said]")).to_be_empty()
    page.once("dialog", lambda dialog: dialog.accept())
    scan(page, "P-005")
    expect(page.locator("[data-scans-said]")).to_contain_text("1 of 3")
    assert asked == ["Does this count: P-005 × 1?"]
    assert receipt.scans.count() == 1
    assert watch.faults == []


FEED = """(count) => {
  const form = document.querySelector("[data-scan-form]");
  window.fed = 0;
  const next = () => {
    form.elements.code.value = `P-00${window.fed % 3}`;
    form.requestSubmit();
    window.fed += 1;
    if (window.fed < count) setTimeout(next, 50);
  };
  next();
}"""


def fed(page, count: int) -> None:
    """The page's own policy lets nobody wait for an expression in it."""
    for _n in range(SCANS + 200):
        if page.evaluate("window.fed") >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{count} were never scanned")


def test_twenty_a_second_and_the_network_is_cut_twice(phone, yard):
    """None is lost and none is doubled; what waits survives the page that scanned it."""
    page, _watch, receipt = phone(yard.cartons)
    page.evaluate(FEED, SCANS)
    for cut in (1, 2):
        fed(page, SCANS * cut // 3)
        page.context.set_offline(True)
        page.wait_for_timeout(GONE)
        expect(page.locator("[data-scans-waiting]")).to_be_visible()
        assert waiting(page) > 0
        page.context.set_offline(False)
    fed(page, SCANS)
    all_sent(page)
    assert scanned(receipt) == SCANS
    page.context.set_offline(True)
    scan(page, "P-001")
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.context.set_offline(False)
    page.goto(f"/receive/{receipt.uuid}/")
    all_sent(page)
    assert scanned(receipt) == SCANS + 1
    expect(page.locator("[data-scans-waiting]")).to_be_hidden()


STRAIGHT = """async (scans) => {
  const box = document.querySelector("[data-scans]");
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  for (const scan of scans) {
    const body = JSON.stringify({ sent_at: Date.now(), scans: [{ ...scan, at: Date.now() }] });
    const sent = { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body };
    await fetch(box.dataset.send, sent).catch(() => null);
  }
}"""


def test_control_what_keeps_nothing_loses_what_is_scanned_without_a_network(phone, yard):
    """Proves that the network of the test above was really gone."""
    page, _watch, receipt = phone(yard.cartons)
    scans = [{"key": str(uuid.uuid4()), "code": "P-000", "quantity": 1} for _n in range(4)]
    page.evaluate(STRAIGHT, scans[:2])
    page.context.set_offline(True)
    page.evaluate(STRAIGHT, scans[2:])
    page.context.set_offline(False)
    page.wait_for_timeout(GONE)
    assert scanned(receipt) == 2


@pytest.mark.parametrize("keeps_keys", [True, False], ids=["design", "control"])
def test_an_answer_that_is_lost_counts_nothing_twice(phone, yard, keeps_keys):
    """The control names each scan anew when it is sent again, and counts too many."""
    page, _watch, receipt = phone(yard.cartons)
    lost = []

    def lose(route) -> None:
        """The server takes them, and nobody hears of it."""
        sent = json.loads(route.request.post_data)
        if not keeps_keys:
            sent["scans"] = [{**one, "key": str(uuid.uuid4())} for one in sent["scans"]]
        if len(lost) < 2:
            lost.append(route.fetch(post_data=json.dumps(sent)).status)
            route.abort()
        else:
            route.continue_(post_data=json.dumps(sent))

    page.route("**/scans/", lose)
    for _n in range(5):
        scan(page, "P-000")
    if keeps_keys:
        all_sent(page)
        assert scanned(receipt) == 5
    else:
        # Named anew, a scan sent again counts again; the loss of the second may still be under way.
        assert any(more_than(page, receipt, 5) and len(lost) == 2 for _n in range(400))
    assert lost == [200, 200]


def more_than(page, receipt: Receipt, count: int) -> bool:
    page.wait_for_timeout(50)
    return scanned(receipt) > count


def test_nothing_is_left_behind(phone, yard):
    """A list says what this device has not sent, and completing sends it first."""
    page, _watch, receipt = phone(yard.cartons)
    page.route("**/scans/", lambda route: route.abort())
    scan(page, "P-000")
    page.goto("/receive/?store=DE-01")
    expect(page.locator(f'[data-scans-of="receive:{receipt.uuid}"]')).to_contain_text("1 not sent")
    page.unroute("**/scans/")
    page.goto(f"/receive/{receipt.uuid}/")
    page.context.set_offline(True)
    for _n in range(2):
        scan(page, "P-000")
    page.get_by_role("button", name="Complete").click()
    expect(page.locator("[data-scans-said]")).to_contain_text("sent first")
    page.context.set_offline(False)
    expect(page.locator("main")).to_contain_text("3 units received")
    assert scanned(receipt) == 3


def test_signed_out_it_waits_and_what_is_never_taken_stays_on_show(phone, yard):
    page, _watch, receipt = phone(yard.cartons)
    kept = page.context.cookies()
    page.context.clear_cookies()
    scan(page, "P-000")
    expect(page.locator("[data-scans-said]")).to_contain_text("Sign in again")
    assert waiting(page) == 1
    page.context.add_cookies(kept)
    page.reload()
    all_sent(page)
    assert scanned(receipt) == 1
    with transaction.atomic(durable=True):
        actions.cancel_receipt(receipt_id=receipt.pk)
    page.locator("[name=quantity]").fill("4")
    scan(page, "P-000")
    refused = page.locator("[data-scans-refused]")
    expect(refused).to_contain_text("P-000 × 4")
    assert waiting(page) == 0
    page.get_by_role("button", name="Seen").click()
    expect(refused).to_be_hidden()


def test_without_scripts_goods_are_received_and_a_notice_is_closed(phone, yard):
    page, watch, _receipt = phone(yard.cartons, java_script_enabled=False)
    scan(page, "P-000")
    expect(page.locator("[data-scans-said]")).to_contain_text("1 of 3")
    scan(page, "P-000")
    page.get_by_role("button", name="One Product 000 less").click()
    expect(page.locator(".scan-rows")).to_contain_text("1 / 3")
    page.get_by_role("button", name="Complete").click()
    expect(page.locator("main")).to_contain_text("1 unit received")
    page.goto(f"{S}/asns/{yard.half.uuid}/")
    page.get_by_role("link", name="Force close ASN").click()
    expect(page.locator("h1")).to_have_text("Force close ASN ASN-204881?")
    page.locator("main").get_by_role("button", name="Force close ASN").click()
    expect(page.locator("h1")).to_contain_text("Closed")
    assert watch.faults == []


# ------------------------------------------------------------ all of them
def paths(yard: Yard) -> list[str]:
    closed = yard.announce("ASN-CLOSED", (3, 9))
    with transaction.atomic(durable=True):
        actions.force_close_asn(asn_id=closed.pk, by=yard.admin, key="x")
    receipt = Receipt.objects.get(asn=yard.half)
    session = yard.begin(yard.announce("ASN-OPEN", (4, 2), expected_date=timezone.now().date()))
    scans = [
        actions.Scan(session.uuid, code, product and product.pk, 3, timezone.now() - timedelta(1))
        for code, product in (("???", None),)
    ]
    with transaction.atomic(durable=True):
        actions.record_scans(receipt_id=session.pk, scans=scans)
    detail = f"{S}/asns/{yard.half.uuid}/"
    return [
        f"{S}/asns/",
        detail,
        f"{detail}close/",
        f"{detail}sheet/",
        f"{S}/asns/{closed.uuid}/",
        f"{S}/asns/{closed.uuid}/fate/",
        f"{S}/in-transit/",
        f"{S}/receipts/{receipt.uuid}/",
        f"{S}/receipts/{receipt.uuid}/correct/",
        "/receive/?store=DE-01",
        "/receive/?tab=completed",
        "/receive/?code=nothing",
        f"/receive/asn/{yard.cartons.uuid}/",
        f"/receive/asn/{closed.uuid}/",
        "/receive/blind/",
        f"/receive/{session.uuid}/",
        f"/receive/{receipt.uuid}/",
    ]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(visit, yard, theme, width):
    listed = paths(yard)
    page, watch = dressed(visit, theme, width)
    assert amiss_on(page, listed) == {}
    assert watch.faults == []
