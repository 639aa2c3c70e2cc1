"""Transfers on the phone in a real browser: scanned without a network, shipped once.

The suite scans for three seconds; FAULTS=1 scans for a minute.
"""

import os
import uuid

import pytest
from django.db import transaction
from playwright.sync_api import expect

from inventory.models import StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product, ScanIdentifier
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.browser.looks import LOOKS, amiss_on, dressed
from tests.browser.test_asn import FEED, STRAIGHT, all_sent, scan, waiting
from transfers import actions
from transfers.models import PickScan, TransferOrder, TransferTransaction

pytestmark = pytest.mark.browser
SCANS, GONE = (1_200, 5_000) if os.environ.get("FAULTS") == "1" else (60, 500)
PHONE = {"width": 390, "height": 844}
LOOKS = LOOKS


class Ramp:
    """Berlin, which sends to Tokyo."""

    def __init__(self, world) -> None:
        # What a migration filled is emptied between tests that commit.
        for position, kind in enumerate(("product_id", "sku"), start=1):
            ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})
        StockLocation.objects.get_or_create(
            name="_transfers", defaults={"display_name": "Set aside for transfers"}
        )
        self.berlin, self.tokyo = world.berlin, world.tokyo
        FulfillmentLocation.objects.filter(pk=self.tokyo.pk).update(is_enabled=True)
        self.products = list(Product.objects.order_by("product_id"))
        self.admin = User.objects.get(username="admin")

    def order(self, *lines: tuple[int, int], ref: str = "TR-1", **more) -> TransferOrder:
        with transaction.atomic(durable=True):
            return actions.create_transfer_order(
                origin_id=self.berlin.pk,
                destination_id=self.tokyo.pk,
                lines=[actions.Ordered(self.products[p].pk, units) for p, units in lines],
                source="API",
                external_ref=ref,
                key=ref,
                **more,
            ).order

    def parcel(self, order: TransferOrder, *lines: tuple[int, int]) -> TransferTransaction:
        with transaction.atomic(durable=True):
            parcel = actions.begin_transaction(
                order_id=order.pk, by=self.admin, key=str(uuid.uuid4())
            )
            picked = [actions.Picked(self.products[p].pk, units) for p, units in lines]
            if picked:
                actions.set_picks(transaction_id=parcel.pk, lines=picked)
            return parcel

    def held(self, product: int, shelf: str) -> int:
        rows = StockOnHand.objects.filter(
            product=self.products[product], location=self.berlin, stock_location__name=shelf
        )
        return rows.values_list("quantity", flat=True).first() or 0


@pytest.fixture
def ramp(world) -> Ramp:
    return Ramp(world)


@pytest.fixture
def phone(visit, ramp):
    """phone(parcel, …) → (page, watch) at its scanning page."""

    def go(parcel: TransferTransaction, **options):
        page, watch = visit("admin", f"/transfer/{parcel.uuid}/", **options)
        page.set_viewport_size(PHONE)
        return page, watch

    return go


def counted(parcel: TransferTransaction) -> int:
    return sum(parcel.lines.values_list("quantity", flat=True))


def test_from_the_list_an_order_is_picked_made_ready_and_handed_to_a_carrier(visit, ramp):
    order = ramp.order((7, 2), (8, 1))
    page, watch = visit("admin", "/transfer/?store=DE-01")
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="TR-1").click()
    page.get_by_role("button", name="Pick into a parcel").click()
    expect(page.locator("#to-do-title")).to_have_text("2 products left")
    scan(page, "P-007")
    expect(page.locator("[data-scans-said]")).to_contain_text("1 of 2")
    expect(page.locator("#lookup-code")).to_be_focused()
    scan(page, "S-7")
    scan(page, "P-007")
    expect(page.locator("[data-scans]")).to_have_attribute("data-flash", "miss")
    expect(page.locator("[data-scans-said]")).to_contain_text("1 too many")
    page.get_by_role("button", name="Ready for handover").click()
    expect(page.get_by_role("alert").first).to_contain_text("3 packed, 2 still to ship")
    page.get_by_role("button", name="One Product 007 less").click()
    expect(page.locator("[data-scans-said]")).to_contain_text("2 of 2")
    row = page.get_by_role("textbox", name="Units of Product 007")
    row.fill("1")
    row.press("Enter")
    expect(page.locator(".scan-rows")).to_contain_text("/ 2")
    expect(page.get_by_role("textbox", name="Units of Product 007")).to_have_value("1")
    expect(page.get_by_role("textbox", name="Carrier", exact=True)).to_be_hidden()
    page.get_by_role("radio", name="With a carrier").check()
    page.get_by_role("textbox", name="Carrier", exact=True).fill("Parcel service")
    page.get_by_role("textbox", name="Tracking number").fill("1Z-0007")
    page.get_by_role("button", name="Ready for handover").click()
    expect(page.locator("h1")).to_contain_text("Ready for handover")
    page.get_by_role("button", name="Handed over: ship it").click()
    expect(page.locator("main")).to_contain_text("1 unit shipped")
    expect(page.locator("main")).to_contain_text("2 units of TR-1 are still to ship")
    assert (ramp.held(7, "_in_transit"), ramp.held(7, "_transfers")) == (1, 1)
    carton = order.transactions.get().asn.lines.get().carton_id
    assert carton == "1Z-0007"
    # The browser's word for the refusal, which is the only one.
    assert [fault for fault in watch.faults if "409 (Conflict)" not in fault] == []


def test_a_store_begins_scans_and_ships_a_transfer_of_its_own(visit, ramp):
    page, watch = visit("admin", "/transfer/?store=DE-01")
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="New transfer").click()
    page.get_by_role("combobox", name="Where to").select_option(ramp.tokyo.code)
    page.get_by_role("button", name="Scan what goes there").click()
    for _n in range(3):
        scan(page, "P-009")
    page.get_by_role("button", name="Create the transfer").click()
    expect(page.locator("h1")).to_contain_text("TO-DE-01-1-1")
    page.get_by_role("button", name="Ship it now").click()
    expect(page.locator("main")).to_contain_text("3 units shipped")
    expect(page.locator("main")).to_contain_text("TO-DE-01-1 is Completed")
    assert ramp.held(9, "_in_transit") == 3
    assert watch.faults == []


def fed(page, count: int) -> None:
    for _n in range(SCANS + 200):
        if page.evaluate("window.fed") >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{count} were never scanned")


def test_the_network_is_cut_while_a_parcel_is_picked_and_no_unit_is_lost_or_doubled(phone, ramp):
    parcel = ramp.parcel(ramp.order((0, 999), (1, 999), (2, 999)))
    page, _watch = phone(parcel)
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
    assert counted(parcel) == PickScan.objects.count() == SCANS
    page.context.set_offline(True)
    for _n in range(2):
        scan(page, "P-000")
    page.get_by_role("button", name="Ready for handover").click()
    expect(page.locator("[data-scans-said]")).to_contain_text("sent first")
    assert TransferTransaction.objects.get().status == "PICKED"
    page.context.set_offline(False)
    expect(page.locator("h1")).to_contain_text("Ready for handover")
    assert TransferTransaction.objects.get().quantity_total == counted(parcel) == SCANS + 2


def test_control_what_keeps_nothing_loses_what_is_scanned_without_a_network(phone, ramp):
    """Proves that the network of the test above was really gone."""
    parcel = ramp.parcel(ramp.order((0, 9)))
    page, _watch = phone(parcel)
    scans = [{"key": str(uuid.uuid4()), "code": "P-000", "quantity": 1} for _n in range(4)]
    page.evaluate(STRAIGHT, scans[:2])
    page.context.set_offline(True)
    page.evaluate(STRAIGHT, scans[2:])
    page.context.set_offline(False)
    page.wait_for_timeout(GONE)
    assert counted(parcel) == 2


def test_without_scripts_a_parcel_is_picked_and_shipped(phone, ramp):
    parcel = ramp.parcel(ramp.order((7, 2)))
    page, watch = phone(parcel, java_script_enabled=False)
    for _n in range(2):
        scan(page, "P-007")
    expect(page.locator("[data-scans-said]")).to_contain_text("2 of 2")
    page.get_by_role("button", name="One Product 007 less").click()
    expect(page.get_by_role("textbox", name="Units of Product 007")).to_have_value("1")
    page.get_by_role("button", name="Ship it now").click()
    expect(page.locator("main")).to_contain_text("1 unit shipped")
    assert watch.faults == []


# ------------------------------------------------------------ all of them
def paths(ramp: Ramp) -> list[str]:
    order = ramp.order((7, 5), (8, 3), (0, 4), note="By the back door.")
    picked = ramp.parcel(order, (7, 1))
    ready, shipped = ramp.parcel(order, (7, 1)), ramp.parcel(order, (8, 1))
    with transaction.atomic(durable=True):
        actions.make_ready(transaction_id=ready.pk, by=ramp.admin, key="r")
        actions.ship(transaction_id=shipped.pk, by=ramp.admin, key="s")
        draft = actions.begin_draft(
            origin_id=ramp.berlin.pk, destination_id=ramp.tokyo.pk, by=ramp.admin, key="d"
        )
        unknown = actions.Scan(uuid.uuid4(), "???", None, 1, draft.created_at)
        over = actions.Scan(uuid.uuid4(), "x", ramp.products[8].pk, 9, draft.created_at)
        actions.record_draft_scans(draft_id=draft.pk, scans=[unknown, over])
        actions.record_picks(transaction_id=picked.pk, scans=[unknown, over])
    return [
        "/transfer/?store=DE-01",
        "/transfer/?tab=shipped",
        "/transfer/?code=nothing",
        f"/transfer/order/{order.uuid}/",
        "/transfer/new/",
        f"/transfer/new/{draft.uuid}/",
        *(f"/transfer/{parcel.uuid}/" for parcel in (picked, ready, shipped)),
    ]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(visit, ramp, theme, width):
    listed = paths(ramp)
    page, watch = dressed(visit, theme, width)
    assert amiss_on(page, listed) == {}
    assert watch.faults == []
