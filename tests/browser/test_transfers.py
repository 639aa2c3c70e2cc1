"""Transfers at the desk: create, ship a part, receive a part, close; and every page in both looks."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product, ScanIdentifier
from omnichannel.locations.models import StockLocation
from tests.browser.looks import LOOKS, amiss_on, dressed
from transfers import actions
from transfers.models import TransferOrder, TransferTransaction

pytestmark = pytest.mark.browser
S = "/store-operations/inventory"
LIST, PARCELS = f"{S}/transfer-orders/", f"{S}/transfer-transactions/"


class Shops:
    """Berlin has stock and sends to Tokyo; one order is overdue and half shipped."""

    def __init__(self, world) -> None:
        self.berlin, self.tokyo = world.berlin, world.tokyo
        for name in (StockLocation.IN_TRANSIT, "_transfers"):
            StockLocation.objects.get_or_create(name=name, defaults={"display_name": name})
        for position, kind in enumerate(("product_id", "sku"), start=1):
            ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})
        self.products = list(Product.objects.order_by("product_id")[20:26])
        self.admin = User.objects.get(username="admin")
        with transaction.atomic(durable=True):
            self.order = actions.create_transfer_order(
                origin_id=self.berlin.pk,
                destination_id=self.tokyo.pk,
                lines=[actions.Ordered(product.pk, 6) for product in self.products[:3]],
                source="API",
                external_ref="ERP-TO-88121",
                due_date=timezone.localdate() - timedelta(days=4),
                key="erp",
            ).order
        self.gone = self.parcel(0, 1)
        self.acted(
            actions.ship, self.gone, handover=actions.Handover(True, "Blue Van", "", "JJD00034")
        )
        self.ready = self.parcel(2)
        self.acted(actions.make_ready, self.ready)
        self.picked = self.parcel(1)

    def parcel(self, *products: int) -> TransferTransaction:
        with transaction.atomic(durable=True):
            begun = actions.begin_transaction(
                order_id=self.order.pk, by=self.admin, key=f"p{products}"
            )
            lines = [actions.Picked(self.products[n].pk, 3) for n in products]
            return actions.set_picks(transaction_id=begun.pk, lines=lines)

    def acted(self, act, parcel: TransferTransaction, **more) -> None:
        with transaction.atomic(durable=True):
            act(transaction_id=parcel.pk, by=self.admin, key=f"{act.__name__}{parcel.pk}", **more)

    def paths(self) -> list[str]:
        one = f"{LIST}{self.order.uuid}/"
        picked, gone = f"{PARCELS}{self.picked.uuid}/", f"{PARCELS}{self.gone.uuid}/"
        product = self.products[3].product_id
        return [
            LIST,
            f"{LIST}?q=nothing-like-it",
            f"{LIST}new/?product={product}",
            *(one + sub for sub in ("", "close/", "ship/")),
            *(picked + sub for sub in ("", "quantities/", "ready/", "ship/", "unpack/", "slip/")),
            gone,
            f"{gone}slip/",
        ]


@pytest.fixture
def shops(world) -> Shops:
    return Shops(world)


def test_create_ship_a_part_receive_a_part_and_close(visit, shops):
    page, watch = visit("admin", LIST)
    page.get_by_role("link", name="Create transfer order").click()
    page.locator("#transfer-origin").select_option("DE-01")
    page.locator("#transfer-destination").select_option("JP-01")
    code = page.locator("#lookup-code")
    product = shops.products[4]
    code.fill(product.product_id)
    code.press("Enter")
    quantity = page.get_by_label(f"Quantity of {product.product_id}")
    expect(quantity).to_have_value("1")
    expect(page.locator("td[data-label=Available]")).to_have_text("23")
    quantity.fill("10")
    quantity.blur()
    expect(page.locator("#kept")).to_contain_text("Kept at")
    page.goto(LIST)
    page.get_by_role("link", name="Create transfer order").click()
    expect(page.get_by_label(f"Quantity of {product.product_id}")).to_have_value("10")
    page.get_by_role("button", name="Create transfer order").click()
    expect(page.locator("h1")).to_contain_text("TO-")

    page.get_by_role("link", name="Start a shipment").click()
    page.get_by_label(f"Quantity of {product.product_id}").fill("9")
    page.get_by_role("button", name="Start the shipment").click()
    page.get_by_role("link", name="Ship").click()
    page.get_by_role("button", name="Ship").click()
    expect(page.locator("h1")).to_contain_text("Shipped")
    page.get_by_role("link", name=re.compile("^TO-.*-1$")).first.click()
    page.go_back()
    order = TransferOrder.objects.latest("pk")

    page.goto(f"/receive/?store=JP-01&code={order.external_ref}")
    page.get_by_role("button", name=re.compile("^Receive|^Start|^Scan", re.I)).first.click()
    code = page.locator("#lookup-code")
    for number in (1, 2):
        code.fill(product.product_id)
        code.press("Enter")
        expect(page.locator("[data-scans-said]")).to_contain_text(f"{number} of 9")
    page.get_by_role("button", name="Complete").click()
    expect(page.locator("main")).to_contain_text("2 units received")

    page.goto(f"{LIST}{order.uuid}/")
    expect(page.locator("h1")).to_contain_text("In Progress")
    page.get_by_role("link", name="Close Transfer Order").click()
    dialog = page.locator("#close-transfer")
    expect(dialog).to_contain_text("9 of 10 ordered units were transferred")
    expect(dialog.get_by_role("button", name="Keep open")).to_be_focused()
    dialog.get_by_role("button", name="Close Transfer Order").click()
    expect(page.locator("h1")).to_contain_text("Closed")
    cells = page.locator("section").nth(1).locator("tbody td.num").all_inner_texts()
    assert cells == ["10", "9", "1", "0", "2", "7", "0"]
    assert watch.faults == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(visit, shops, theme, width):
    page, watch = dressed(visit, theme, width)
    assert amiss_on(page, shops.paths()) == {}
    assert watch.faults == []
