"""Views, columns, chosen rows and what is copied, by hand and by keys, with and without scripts."""

import re

from playwright.sync_api import expect

from omnichannel.web.models import SavedView

STOCK = "/store-operations/inventory/stock-on-hand/"
PRODUCTS = "/catalog/products/"


def rows(page):
    return page.locator("#results tbody tr")


def heads(page) -> list[str]:
    return [text.strip() for text in page.locator("#results th").all_inner_texts()]


def test_a_view_is_saved_opened_edited_and_reset(visit):
    page, watch = visit("operations", STOCK)
    page.locator("#f-level").click()
    page.get_by_role("checkbox", name="Negative").check()
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator("summary", has_text="Save view").click()
    page.get_by_label("Name of the view").fill("Below zero")
    page.locator("#save-view").get_by_role("button", name="Save", exact=True).click()
    tab = page.get_by_role("navigation", name="Saved views").get_by_role("link", name="Below zero")
    expect(tab).to_have_attribute("aria-current", "true")
    expect(rows(page)).to_have_count(1)
    page.locator("#sort-size").click()
    expect(page.locator("#view-state")).to_contain_text("Edited")
    page.locator("#view-state").get_by_role("button", name="Save").click()
    expect(page.locator("#view-state .badge")).to_have_count(0)
    assert SavedView.objects.get().words == "level=negative&sort=size"
    page.get_by_role("link", name="All", exact=True).click()
    expect(rows(page)).to_have_count(50)
    page.go_back()
    expect(rows(page)).to_have_count(1)
    assert watch.faults == []


def test_columns_are_ordered_by_keys_and_stay(visit):
    page, watch = visit("operations", STOCK)
    page.locator("summary", has_text="Columns").click()
    chooser = page.locator("#choose-columns")
    chooser.get_by_role("checkbox", name="SKU").uncheck()
    size = chooser.get_by_role("checkbox", name="Size")
    size.focus()
    for _step in range(3):
        page.keyboard.press("Alt+ArrowUp")
    expect(size).to_be_focused()
    chooser.get_by_role("button", name="Apply").click()
    assert heads(page)[:3] == ["Product Name", "Size", "Product ID"]
    assert "SKU" not in heads(page)
    assert sorted(heads(page)[-2:]) == ["Last Counted", "On Hand"], heads(page)
    page.goto(STOCK)
    assert heads(page)[1] == "Size"
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("button", name="As declared").click()
    assert heads(page)[1] == "Product ID"
    assert watch.faults == []


def test_columns_are_dragged(visit):
    page, watch = visit("operations", PRODUCTS)
    page.locator("summary", has_text="Columns").click()
    items = page.locator("[data-order] li")
    items.filter(has_text="Color").drag_to(items.filter(has_text="Product ID"))
    page.locator("#choose-columns").get_by_role("button", name="Apply").click()
    page.wait_for_load_state()
    shown = heads(page)
    assert shown.index("Color") < shown.index("SKU")
    assert watch.faults == []


def test_rows_are_chosen_with_shift_by_key_and_altogether(visit):
    page, watch = visit("operations", PRODUCTS)
    bar = page.locator("#selection")
    expect(bar).to_be_hidden()
    picks = page.locator(".pick")
    picks.nth(1).click()
    picks.nth(4).click(modifiers=["Shift"])
    expect(bar.locator("[data-picked]")).to_have_text("4")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar.locator("[data-picked]")).to_have_text("5")
    bar.get_by_role("checkbox", name="All rows of this page").check()
    expect(bar.locator("[data-picked]")).to_have_text("50")
    bar.get_by_role("checkbox", name="All that match (60)").check()
    expect(bar.locator("[data-picked]")).to_have_text("60")
    bar.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()
    picks.nth(0).click()
    bar.get_by_role("button", name="Print labels").click()
    page.wait_for_url("**/catalog/labels/?product=P-000**")
    assert watch.faults == []


def test_after_a_swap_nothing_is_chosen_any_more(visit):
    page, watch = visit("operations", PRODUCTS)
    page.locator(".pick").nth(0).click()
    page.locator("#sort-name").click()
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    expect(page.locator("#selection")).to_be_hidden()
    assert watch.faults == []


def copied(page, what: str) -> str:
    page.locator("summary[title=Copy]").click()
    page.locator(f"[data-copy={what}]").click()
    expect(page.locator(".toast").last).to_contain_text("copied")
    return page.evaluate("navigator.clipboard.readText()")


def test_the_link_and_the_rows_are_copied(visit):
    page, watch = visit(
        "operations",
        f"{STOCK}?store=DE-01&sort=product_id&rows=25",
        permissions=["clipboard-read", "clipboard-write"],
    )
    link = copied(page, "link")
    assert re.search(r"/stock-on-hand/\?sort=product_id&store=DE-01$", link)
    lines = copied(page, "rows").split("\n")
    assert len(lines) == 26
    assert lines[0].split("\t")[0] == "Product Name"
    first = lines[1].split("\t")
    assert first[:2] == ["Product 000", "P-000"]
    assert first[lines[0].split("\t").index("On Hand")] == "-1"
    assert first[5] == "9.90"
    assert watch.faults == []


def test_g_and_a_letter_lead_to_a_list_unless_keys_are_off(visit):
    page, watch = visit("operations", STOCK)
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/transactions/")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.get_by_label("Single keys act as shortcuts").uncheck()
    page.keyboard.press("Escape")
    for key in ("g", "s"):
        page.keyboard.press(key)
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_hidden()
    page.reload()
    for key in ("g", "p"):
        page.keyboard.press(key)
    assert page.url.endswith("/transactions/")
    assert watch.faults == []


def test_the_store_switcher_by_hand(visit):
    page, watch = visit("operations", STOCK)
    page.locator(".scope-btn").click()
    page.get_by_role("button", name="Store JP-01").click()
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".scope-l")).to_have_text("Store JP-01")
    expect(page.locator("#pill-store")).to_contain_text("Store JP-01")
    page.locator("#clear-all").click()
    expect(rows(page)).to_have_count(50)
    assert watch.faults == []


def test_a_view_with_its_own_density_wins_and_the_button_still_works(visit):
    page, watch = visit("operations", f"{STOCK}?density=compact")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    page.locator("[data-density-toggle]").click()
    page.wait_for_url("**density=cozy**")
    expect(page.locator("html")).to_have_attribute("data-density", "cozy")
    assert watch.faults == []


def test_without_scripts_views_columns_and_selection_work(visit):
    page, watch = visit("operations", f"{STOCK}?level=negative", java_script_enabled=False)
    page.locator("summary", has_text="Save view").click()
    page.get_by_label("Name of the view").fill("Below zero")
    page.locator("#save-view").get_by_role("button", name="Save", exact=True).click()
    assert rows(page).count() == 1
    assert "Below zero" in page.locator(".tabs").inner_text()
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("checkbox", name="SKU").uncheck()
    page.locator("#choose-columns").get_by_role("button", name="Apply").click()
    assert "SKU" not in heads(page)
    assert "Edited" in page.locator("#view-state").inner_text()
    page.goto(f"{PRODUCTS}?q=P-01")
    page.locator(".pick").nth(2).check()
    page.get_by_role("button", name="Print labels").click()
    assert page.url.endswith("/catalog/labels/?product=P-012")
    page.goto(STOCK)
    page.locator(".scope-btn").click()
    page.get_by_role("link", name="Choose a store").click()
    page.get_by_role("button", name="Store JP-01").click()
    assert rows(page).count() == 1
    assert watch.faults == []
