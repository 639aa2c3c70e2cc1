"""Adjusting stock by hand: a scanner's Enter adds and never saves, on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from inventory.models import AdjustmentReason, StockOnHand
from omnichannel.locations.models import StockLocation

pytestmark = pytest.mark.browser
NEW = "/store-operations/inventory/adjustments/new/"


def reason(world):
    return AdjustmentReason.objects.create(
        type="Damage", subtype="Broken", origin=StockLocation.objects.get(name="main")
    )


def held(world) -> int:
    return StockOnHand.objects.get(
        product__product_id="P-020", location=world.berlin, stock_location__name="main"
    ).quantity


def scan(page, code: str) -> None:
    """As a keyboard wedge does: letters, then Enter."""
    field = page.locator("#lookup-code")
    field.fill(code)
    field.press("Enter")


def test_scanning_twice_counts_two_and_saving_once_moves_once(visit, world):
    reason(world)
    page, watch = visit("admin", NEW)
    page.locator("#adjust-store").select_option("DE-01")
    page.locator("#adjust-reason").select_option(label="Damage · Broken")
    scan(page, "P-020")
    expect(page.locator("[name=quantity]")).to_have_value("1")
    expect(page.locator("#lookup-code")).to_be_focused()
    scan(page, "P-020")
    expect(page.locator("[name=quantity]")).to_have_value("2")
    expect(page.locator(".effect")).to_contain_text("19 → 17")
    assert held(world) == 19
    page.get_by_role("button", name="Adjust stock").click()
    page.wait_for_url("**/transactions/**")
    assert held(world) == 17
    page.go_back()
    page.get_by_role("button", name="Adjust stock").click()
    page.wait_for_url("**/transactions/**")
    assert held(world) == 17
    page.get_by_role("link", name="Correct this adjustment").click()
    page.get_by_role("button", name="Correct the adjustment").click()
    expect(page.locator(".toast")).to_contain_text("corrected")
    assert held(world) == 19
    assert watch.faults == []


def test_on_a_phone_without_scripts_more_than_there_is_is_refused(visit, world):
    reason(world)
    page, watch = visit("admin", "/adjust/", java_script_enabled=False)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#adjust-store").select_option("DE-01")
    page.locator("#adjust-reason").select_option(label="Damage · Broken")
    with page.expect_navigation():
        scan(page, "P-020")
    page.locator("[name=quantity]").fill("20")
    page.get_by_role("button", name="Adjust stock").click()
    assert "P-020: 19 on hand, 20 asked" in page.locator("[role=alert]").first.inner_text()
    assert page.locator("[name=quantity]").input_value() == "20"
    assert held(world) == 19
    page.locator("[name=quantity]").fill("19")
    page.get_by_role("button", name="Adjust stock").click()
    assert page.url.endswith("/adjust/")
    assert held(world) == 0
    # The browser itself reports the refusal.
    assert [fault for fault in watch.faults if "409" not in fault] == []
