"""A manager's way through the product, with a mouse, a keyboard, a phone, and without scripts."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.looks import LOOKS, amiss_on, dressed
from tests.people import PASSWORD

S = "/store-operations/inventory"
PATHS = [
    f"{S}/stock-on-hand/",
    f"{S}/stock-on-hand/?level=negative",
    f"{S}/stock-on-hand/?q=nothing-like-it",
    f"{S}/stock-on-hand/?unheard=of&rows=7",
    f"{S}/stock-on-hand/DE-01/P-005/",
    f"{S}/transactions/",
    f"{S}/movements/",
    "/catalog/products/",
    "/catalog/products/P-000/",
    "/settings/locations/",
    "/settings/locations/DE-01/",
    "/settings/stock-locations/",
    "/settings/stock-locations/rename/main/",
    "/settings/adjustment-reasons/",
    "/settings/configuration/",
    f"{S}/stock-on-hand/as-of/?as_of=2026-03-01T12:00",
    f"{S}/period-report/?store=DE-01&first=2026-01-01&last=2099-01-01",
    f"{S}/reservations/",
    f"{S}/mispicks/",
    "/catalog/stock-levels/",
    "/tools/exports/",
    f"/tools/exports/new/?list={S}/stock-on-hand/%3Fstore=DE-01",
    "/styleguide/",
    "/search/?q=product",
    "/lookup/",
    "/no-such-page/",
]
MORE = [
    "/settings/barcodes/",
    "/catalog/labels/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/logout/",
]


def rows(page):
    return page.locator("#results tbody tr")


def test_sign_in_leads_to_stock_on_hand(visit):
    page, watch = visit(None, "/")
    page.locator("input[name=login]").fill("operations")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("h1")).to_have_text("Stock On Hand")
    expect(rows(page)).to_have_count(50)
    assert watch.faults == []


def test_a_wrong_password_is_said_and_the_name_is_kept(visit):
    page, _ = visit(None, "/account/login/")
    page.locator("input[name=login]").fill("operations")
    page.locator("input[name=password]").fill("not the password")
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("input[name=login]")).to_have_value("operations")
    expect(page.locator("main")).to_contain_text("not correct")


def test_filter_sort_page_and_back(visit):
    page, watch = visit("operations", f"{S}/stock-on-hand/")
    page.locator("summary", has_text="Level").click()
    page.get_by_role("checkbox", name="Negative").check()
    expect(rows(page)).to_have_count(1)
    assert "level=negative" in page.url
    page.go_back()
    expect(rows(page)).to_have_count(50)
    page.locator("thead a", has_text="Product ID").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Product ID")
    page.locator("thead a", has_text="Product ID").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Product ID")
    expect(rows(page).first).to_contain_text("P-059")
    page.locator("a[rel=next]").click()
    expect(rows(page)).to_have_count(11)
    page.go_back()
    expect(rows(page)).to_have_count(50)
    page.reload()
    expect(rows(page).first).to_contain_text("P-059")
    assert watch.faults == []


def test_search_by_keyboard(visit):
    page, watch = visit("operations", f"{S}/stock-on-hand/")
    page.keyboard.press("/")
    page.keyboard.type("P-042")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#f-q")).to_be_focused()
    assert "q=P-042" in page.url
    assert watch.faults == []


def test_the_number_leads_to_its_reasons_and_on_to_the_document(visit):
    page, watch = visit("operations", f"{S}/stock-on-hand/?q=P-005")
    page.locator("td.c-qty a").click()
    expect(page.locator("h1")).to_contain_text("Product 005 in Store DE-01")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("wet pallet")
    expect(rows(page).first).to_contain_text("−2")
    assert watch.faults == []


def test_export_gate_and_file(visit, tmp_path: Path):
    page, watch = visit("operations", f"{S}/stock-on-hand/")
    button = page.locator("#export [aria-disabled=true]")
    button.focus()
    expect(page.locator("#export [role=tooltip]")).to_contain_text("Set at least one filter")
    page.goto(f"{S}/stock-on-hand/?level=negative")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Export 1 row")).click()
    path = tmp_path / "file.csv"
    download.value.save_as(path)
    assert "stock-on-hand_negative" in download.value.suggested_filename
    (row,) = csv.DictReader(path.open())
    assert (row["Product ID"], row["On Hand"]) == ("P-000", "-1")
    assert watch.faults == []


def test_dark_stays_dark_after_a_reload(visit):
    page, watch = visit("operations", f"{S}/stock-on-hand/")
    page.locator("[data-theme-toggle]").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert watch.faults == []


def test_without_scripts_everything_still_works(visit):
    page, _ = visit("operations", f"{S}/stock-on-hand/", java_script_enabled=False)
    page.locator("#f-q").fill("P-007")
    page.locator("form.filters button[type=submit]").first.click()
    expect(rows(page)).to_have_count(1)
    page.goto(f"{S}/stock-on-hand/?rows=25")
    page.locator("a[rel=next]").click()
    expect(rows(page)).to_have_count(25)
    page.locator("thead a", has_text="Product Name").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Product Name")
    expect(page.locator("#results")).to_contain_text("61")


def test_a_refused_request_is_shown(visit):
    page, _ = visit("operations", f"{S}/stock-on-hand/")
    page.route("**/stock-on-hand/?*", lambda route: route.abort())
    page.locator("thead a", has_text="Product ID").click()
    expect(page.locator("#toasts")).to_contain_text("Retry")


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_everything_fits(visit, theme, width):
    page, watch = dressed(visit, theme, width)
    assert amiss_on(page, [*PATHS, *MORE]) == {}
    expect(page.locator("html")).to_have_attribute("lang", "de")
    # The browser itself reports the answer 404 to a page that is not there.
    assert [fault for fault in watch.faults if "404" not in fault] == []


def test_every_page_obeys_the_content_policy(visit):
    page, watch = visit("admin", "/")
    for path in [
        *PATHS,
        "/account/2fa/totp/activate/",
        "/admin/",
        "/admin/locations/fulfillmentlocation/",
    ]:
        page.goto(path)
        for control in page.locator("details > summary").all()[:3]:
            control.click(force=True)
    assert [fault for fault in watch.faults if "404" not in fault] == []


def test_control_a_broken_policy_is_seen(visit):
    page, watch = visit("operations", f"{S}/stock-on-hand/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b style=\"color:red\">x</b>')")
    assert any("Content Security Policy" in fault or "style" in fault for fault in watch.faults)
