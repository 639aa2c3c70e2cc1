"""The frame in a browser: the look changes in place, and what fails can be tried again."""

import re

import pytest
from playwright.sync_api import expect

STOCK = "/store-operations/inventory/stock-on-hand/"


def test_the_look_changes_in_place_and_stays(visit):
    page, watch = visit("operations", STOCK)
    page.evaluate("window.same = true")
    page.locator(".user summary").click()
    page.get_by_role("button", name="Dark").click()
    page.locator(".look").get_by_role("button", name="Compact rows").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("[data-density-toggle]")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.same")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    page.locator(".user summary").click()
    page.get_by_role("group", name="Colour theme").get_by_role("button", name="Automatic").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")
    assert watch.faults == []


def test_the_look_changes_without_scripts(visit):
    page, _ = visit("operations", f"{STOCK}?level=negative", java_script_enabled=False)
    page.locator(".user summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith(f"{STOCK}?level=negative")


@pytest.mark.parametrize("fault", ["aborted", "refused"])
def test_retry_asks_again_for_what_failed(visit, fault):
    page, _ = visit("operations", STOCK)

    def break_it(route):
        route.abort() if fault == "aborted" else route.fulfill(status=503, body="busy")

    page.route("**/stock-on-hand/?*", break_it)
    page.locator("thead a", has_text="Product ID").click()
    expect(page.locator("#toasts [role=alert]")).to_be_visible()
    page.unroute("**/stock-on-hand/?*")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Product ID")
    assert "sort=product_id" in page.url


def test_a_toast_that_is_read_stays(visit):
    page, watch = visit("operations", STOCK)
    page.clock.install()
    page.goto("/styleguide/?toasts")
    toasts = page.locator("#toasts [data-toast]")
    expect(toasts).to_have_count(3)
    page.locator("#toasts .toast-success button").focus()
    page.locator("#toasts .toast-success").hover()
    page.mouse.move(0, 0)
    page.clock.run_for(20_000)
    # The error stays until it is dismissed, the one in focus while it is.
    expect(toasts).to_have_count(2)
    page.locator("#main").focus()
    page.clock.run_for(20_000)
    expect(toasts).to_have_count(1)
    expect(page.locator("#toasts .toast-error")).to_be_visible()
    assert watch.faults == []


def test_the_drawer_of_a_phone(visit):
    page, watch = visit("operations", STOCK)
    page.set_viewport_size({"width": 390, "height": 844})
    link = page.locator("#side").get_by_role("link", name="Movements")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Navigation").click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(page.locator("[data-toggle-side]")).to_be_focused()
    expect(page.locator("[data-toggle-side]")).to_have_attribute("aria-expanded", "false")
    assert watch.faults == []


def test_fingers_hit_what_they_aim_at(visit):
    page, _ = visit("operations", STOCK)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".user summary").click()
    sizes = page.locator(
        ".top button, .top summary, .look button, .mi, .fbtn, .fsearch input, .pager a, .sizes a"
    ).evaluate_all("all => all.filter(e => e.offsetParent).map(e => [e.className, e.offsetHeight])")
    assert len(sizes) > 15
    assert [(name, height) for name, height in sizes if height < 40] == []


def test_paper_carries_title_scope_and_reader_but_no_buttons(visit):
    page, _ = visit("operations", f"{STOCK}?level=negative")
    page.emulate_media(media="print")
    for said in ("Omnichannel Manager", "Store scope: All stores", "Level: Negative", "operations"):
        expect(page.locator(".print-only:visible").filter(has_text=said)).to_have_count(1)
    expect(page.locator("h1")).to_be_visible()
    for hidden in (".side", ".top", ".filters", ".pager", "#toasts"):
        expect(page.locator(hidden)).to_be_hidden()
    assert re.search(r"\d\d:\d\d", page.locator("#results .print-only").inner_text())


BOXES = """() => [...document.querySelectorAll(".tscroll")].map(box => {
    const after = box.nextElementSibling?.getBoundingClientRect().top;
    const card = box.closest(".card").getBoundingClientRect().bottom;
    return Math.round(box.getBoundingClientRect().bottom - (after ?? card));
})"""


@pytest.mark.parametrize("height", [900, 420])
@pytest.mark.parametrize(
    "path", ["/styleguide/", STOCK, f"{STOCK}?level=negative", "/catalog/products/P-000/"]
)
def test_no_table_covers_what_follows_it(visit, path, height):
    page, _ = visit("operations", path)
    page.set_viewport_size({"width": 1440, "height": height})
    boxes = page.evaluate(BOXES)
    assert boxes
    assert max(boxes) <= 0


def test_a_list_fills_the_window_and_no_more(visit):
    page, _ = visit("operations", STOCK)
    tall = "document.documentElement.scrollHeight"
    assert page.evaluate(tall) == 900
    expect(page.locator(".pager")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1440, "height": 420})
    assert page.locator("#rows").bounding_box()["height"] > 250
