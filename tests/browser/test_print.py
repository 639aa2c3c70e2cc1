"""A list on paper: landscape, its header on every page, words in place of buttons (UI §7.25)."""

import re

from playwright.sync_api import expect

STOCK = "/store-operations/inventory/stock-on-hand/"
# What is pressed, not read.
SCREEN_ONLY = (".side", ".top", ".filters", ".views", ".factbar", ".pager", ".pick", "#export")


def test_a_printed_list_says_what_it_is_and_of_whom(visit):
    page, watch = visit("operations", f"{STOCK}?store=DE-01&color=Red&rows=50", color_scheme="dark")
    page.emulate_media(media="print")
    for selector in SCREEN_ONLY:
        expect(page.locator(selector).first).to_be_hidden()
    text = page.locator("body").inner_text()
    for words in ("Stock On Hand", "Store scope: All stores", "Store: Store DE-01", "Color: Red"):
        assert words in text
    assert "operations" in text
    assert re.search(r"\d{1,2} \w{3} \d{4}, \d\d:\d\d UTC", text)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert watch.faults == []


def test_a_long_list_becomes_landscape_pages(visit):
    page, _watch = visit("operations", f"{STOCK}?rows=100")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    sizes = {
        (round(float(width)), round(float(height)))
        for width, height in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    }
    assert sizes == {(842, 595)}
    assert paper.count(b"/Type /Page\n") >= 2
    repeated = page.evaluate("getComputedStyle(document.querySelector('#results thead')).display")
    assert repeated == "table-header-group"
