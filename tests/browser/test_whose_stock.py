"""Whose stock it is, taken over and closed, in a browser: on a desk, on a phone, in the dark."""

import pytest
from playwright.sync_api import expect

from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.browser.looks import LOOKS, amiss, dressed

pytestmark = pytest.mark.browser
PLACES = "/settings/locations/"
NEW = "/tools/imports/new/availabilities/"
OWN = ("IT-90/", "IT-90/take-over/", "DE-01/", "DE-01/close/", "DC-1/")
PAGES = (*(f"{PLACES}{path}" for path in OWN), NEW)


@pytest.fixture
def places(world):
    StockLocation.objects.get_or_create(
        name="_transfers", defaults={"display_name": "Set aside for transfers"}
    )
    for code, kind in (("IT-90", "STORE"), ("DC-1", "DC")):
        FulfillmentLocation.objects.create(
            code=code, kind=kind, store_id=code if kind == "STORE" else None, name=f"Place {code}",
            country_code="IT", time_zone="Europe/Rome",
        )  # fmt: skip


def test_a_store_is_taken_over_and_says_that_nobody_counted_it(visit, places):
    page, watch = visit("admin", PLACES)
    page.get_by_role("link", name="Place IT-90").click()
    expect(page.locator("main")).to_contain_text("The ERP keeps the stock of this store")
    page.get_by_role("link", name="Take over its stock").click()
    expect(page.locator("main")).to_contain_text("No stock was ever imported")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Take over its stock").click()
    expect(page.locator("main")).to_contain_text("waits for its first count")
    assert FulfillmentLocation.objects.get(code="IT-90").is_inventory_master
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator("main")).to_contain_text("It is switched off")
    assert watch.faults == []


def test_the_steps_to_a_closed_store_make_transfer_orders(visit, places):
    page, watch = visit("admin", f"{PLACES}DE-01/close/")
    page.get_by_role("button", name="Make transfer orders").click()
    expect(page.locator("main")).to_contain_text("Transfer orders")
    expect(page.get_by_role("button", name="Close this store")).to_have_count(0)
    assert watch.faults == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(visit, places, theme, width, tmp_path):
    page, watch = dressed(visit, theme, width)
    for path in PAGES:
        page.goto(path)
        assert amiss(page) == [], path
        name = path.strip("/").replace("/", "-")
        page.screenshot(path=tmp_path / f"{name}-{theme}-{width}.png", full_page=True)
    assert watch.faults == []
