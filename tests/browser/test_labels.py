"""Product labels as a browser prints them: every code is read back from the paper."""

import io
import re
from urllib.parse import urlencode

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.browser.looks import amiss_on, dressed

URL = "/catalog/labels/"
# What CSS calls an inch, and four of its pixels to one: 384 dots per inch, as a printer has them.
DOTS = 4
MM = 96 / 25.4
NAMES = [
    "0012345",
    "000",
    "A B  C",
    "a/b\\c",
    "#1?&=%41",
    "<b>&amp;\"'",
    "Ünï-☃",
    "日本語",
    "¡é",
    "x" * 80,
]
IDS = [*NAMES, *(f"P-{n:03}" for n in range(24 - len(NAMES)))]  # fmt: skip


@pytest.fixture
def named(world):
    for text in NAMES:
        world.product(text, f"A very long name of a product, which never fits one line: {text}")


def address(ids, **words):
    return f"{URL}?{urlencode([*(('product', text) for text in ids), *words.items()])}"


def codes(image):
    found = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    return sorted((code.format.name, code.text) for code in found)


def wanted(text):
    bars = [("Code128", text)] if text.isascii() and len(text) < 40 else []
    return [*bars, ("QRCode", text)]


def labels(page):
    """(product id, size in millimetres, picture) of every label as it is printed."""
    for label in page.locator(".label").all():
        box = label.bounding_box()
        picture = Image.open(io.BytesIO(label.screenshot())).convert("L")
        yield label.get_attribute("data-product"), (box["width"] / MM, box["height"] / MM), picture


def paper(page):
    """The sheets that come out, as (width, height) in millimetres."""
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [tuple(float(side) / 72 * 25.4 for side in box) for box in boxes]


@pytest.mark.parametrize(
    ("layout", "size", "sheets", "paper_size"),
    [("sheet", (70, 37), 1, (210.0, 297.0)), ("roll", (57, 32), 24, (57.0, 32.0))],
)
def test_every_code_on_paper_is_read_back(visit, named, layout, size, sheets, paper_size):
    page, watch = visit(
        "operations", address(IDS, layout=layout, price=1, store="DE-01"), device_scale_factor=DOTS
    )
    assert watch.faults == []
    assert paper(page) == [pytest.approx(paper_size, abs=0.3)] * sheets
    page.emulate_media(media="print")
    seen = []
    for product, printed, picture in labels(page):
        seen.append(product)
        assert printed == pytest.approx(size, abs=0.05)
        assert codes(picture) == wanted(product), product
    assert seen == IDS  # fmt: skip


def test_a_whole_sheet_in_one_picture(visit, named):
    """As a scanner sees it: one label's code never runs into the next one's."""
    page, _ = visit("operations", address(IDS), device_scale_factor=DOTS)
    page.emulate_media(media="print")
    sheet = page.locator(".labels")
    assert sheet.bounding_box()["x"] == sheet.bounding_box()["y"] == 0
    picture = Image.open(io.BytesIO(sheet.screenshot())).convert("L")
    assert codes(picture) == sorted(code for text in IDS for code in wanted(text))


def test_two_sheets_and_nothing_but_labels(visit, named):
    page, _ = visit("operations", address([*IDS, "P-030"], cut=1))
    assert len(paper(page)) == 2
    page.emulate_media(media="print")
    for other in ("h1", ".labels-form", ".notice", ".side", ".top", ".print-only"):
        assert not any(found.is_visible() for found in page.locator(other).all()), other
    expect(page.locator(".labels").first).to_be_visible()


def test_a_new_sheet_begins_where_the_first_one_is_full(visit, world):
    page, _ = visit("operations", address(["P-001"], copies=25))
    counted = page.locator(".labels").evaluate_all("all => all.map(one => one.children.length)")
    assert counted == [24, 1]


def test_typing_scanning_and_printing(visit, named):
    page, watch = visit("operations", URL)
    expect(page.locator("#labels-ids")).to_be_focused()
    page.keyboard.type("P-001")
    page.keyboard.press("Enter")
    page.keyboard.type("nothing, 0012345")
    page.get_by_label("Copies of each").fill("2")
    page.get_by_role("button", name="Show labels").click()
    expect(page.locator(".label")).to_have_count(4)
    expect(page.locator(".notice")).to_contain_text("“nothing”")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page).to_have_title("printed")
    # What is chosen stays chosen when more is added.
    page.locator("#labels-ids").fill("#1?&=%41")
    page.get_by_role("button", name="Show labels").click()
    expect(page.locator(".label")).to_have_count(6)
    assert watch.faults == []


def test_from_the_product_without_scripts(visit, named):
    page, _ = visit("operations", "/catalog/products/a%2Fb%5Cc/", java_script_enabled=False)
    page.get_by_role("link", name="Print labels").click()
    expect(page.locator(".label")).to_have_count(1)
    expect(page.locator("[data-print]")).to_be_hidden()
    page.locator("#labels-layout").select_option("roll")
    page.get_by_role("button", name="Show labels").click()
    expect(page.locator(".labels-roll .label")).to_have_attribute("data-product", "a/b\\c")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_labels_stay_white_and_the_page_fits(visit, named, theme, width):
    page, watch = dressed(visit, theme, width, user="operations", language="en")
    assert amiss_on(page, [address(IDS), URL]) == {}
    page.goto(address(["P-001"]))
    colours = page.locator(".labels").evaluate(
        "sheet => [getComputedStyle(sheet).backgroundColor, getComputedStyle(sheet).color]"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert watch.faults == []
