"""Quick search and Look up by keyboard, as a person and as a scanner use them."""

import re

from playwright.sync_api import expect


def test_the_box_is_reached_walked_and_left_by_keyboard(visit):
    page, watch = visit("operations", "/catalog/products/")
    page.keyboard.press("Control+k")
    box = page.locator("#quick-search")
    expect(box).to_be_focused()
    page.keyboard.type("Product 00")
    hits = page.locator("#quick-results a.qs-hit")
    expect(hits).to_have_count(8)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(hits).to_have_count(0)
    expect(page).to_have_url(re.compile("/catalog/products/$"))
    assert watch.faults == []


def test_a_scanner_types_a_code_and_enter(visit):
    page, watch = visit("operations", "/catalog/products/")
    page.locator("#quick-search").focus()
    page.keyboard.type("P-007")
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalog/products/P-007/")
    assert watch.faults == []


def test_look_up_takes_one_code_after_the_other(visit):
    page, watch = visit("operations", "/lookup/?store=DE-01")
    for code in ("P-007", "S-8"):
        expect(page.locator("#lookup-code")).to_be_focused()
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(page.locator("#lookup-name")).to_contain_text(f"Product 00{code[-1]}")
    assert watch.faults == []


def test_a_refused_camera_says_what_else_can_be_done(visit):
    page, _ = visit("operations", "/lookup/")
    page.locator("[data-camera-start]").click()
    expect(page.locator("[data-camera-said]")).to_contain_text("Type the code")
    expect(page.locator("[data-camera-start]")).to_be_visible()


def test_the_page_fits_a_phone(visit, tmp_path):
    page, watch = visit("operations", "/lookup/?store=DE-01&code=P-007")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/search/?q=Product")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watch.faults == []
