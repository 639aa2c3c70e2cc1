"""Product labels: what is drawn is read back, and what cannot be printed is said in words."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import zxingcpp
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from omnichannel.catalog import labels, printing
from omnichannel.catalog.models import Price, Pricebook, Product
from omnichannel.locations.models import FulfillmentLocation
from tests.people import person, signed_in, store

URL = "/catalog/labels/"
STEP = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\3z")
SHEET, ROLL = labels.LAYOUTS["sheet"], labels.LAYOUTS["roll"]
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ODD = [
    "85123A", "0012345", "000", "A B  C", "a/b\\c", "#1?&=%41", "<b>&amp;\"'", "[GS]\\x1d{}~", "x" * 80,
    "7" * 38, "Ünï-☃", "日本語", "a\tb", "¡é", " lead and trail ", "=1+1", "😀" * 256, "9" * 256,
]  # fmt: skip


def painted(path, columns, rows, unit=3, height=1):
    """The modules of a path as a picture: `unit` pixels each, rows `height` times as high."""
    steps = STEP.findall(path)
    assert "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in steps) == path
    image = Image.new("L", (columns * unit, rows * unit * height), "white")
    draw = ImageDraw.Draw(image)
    for x, y, length in (map(int, step) for step in steps):
        box = (x * unit, y * unit * height, (x + length) * unit - 1, (y + 1) * unit * height - 1)
        draw.rectangle(box, fill="black")
    return image


def read(drawing, height=1):
    image = painted(drawing.path, drawing.columns, drawing.rows, height=height)
    return [
        (code.format.name, code.text)
        for code in zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    ]


def read_bars(drawing):
    return read(drawing, height=20)


# ---------------------------------------------------------------- drawing
@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("layout", [SHEET, ROLL])
def test_every_code_says_the_product_id(text, layout):
    codes = labels.codes_of(text, layout, "both")
    assert read(codes.qr) == [("QRCode", text)]
    if codes.bars:
        assert read_bars(codes.bars) == [("Code128", text)]
        assert codes.refusal is None
    else:
        assert isinstance(codes.refusal, labels.NoCode128)
        assert codes.qr.width == f"{layout.qr_alone:.3f}mm"


@limits(max_examples=150, deadline=None)
@given(st.text(LETTERS, min_size=1, max_size=40))
def test_whatever_a_product_is_called_its_codes_say_it(text):
    codes = labels.codes_of(text, SHEET, "both")
    assert read(codes.qr) == [("QRCode", text)]
    assert codes.bars is None or read_bars(codes.bars) == [("Code128", text)]


def test_bars_are_never_too_narrow_for_a_scanner_nor_too_wide_for_the_label():
    for layout in labels.LAYOUTS.values():
        drawn = 0
        for length in range(1, 81):
            for text in ("x" * length, "7" * length):
                bars = labels.codes_of(text, layout, "code128").bars
                if bars is None:
                    continue
                drawn += 1
                width = float(bars.width.removesuffix("mm"))
                assert width <= layout.bars_width + 0.001
                assert labels.NARROWEST - 0.001 <= width / bars.columns <= labels.WIDEST + 0.001
        assert 0 < drawn < 160


def test_quiet_zones_are_ten_and_four_modules():
    bars, qr, _refusal = labels.codes_of("85123A", SHEET, "both")
    starts = [(int(x), int(x) + int(n)) for x, _y, n in STEP.findall(bars.path)]
    assert min(starts)[0] == 10
    assert max(end for _start, end in starts) == bars.columns - 10
    steps = [tuple(map(int, step)) for step in STEP.findall(qr.path)]
    assert min(x for x, _y, _n in steps) == min(y for _x, y, _n in steps) == 4
    assert max(x + n for x, _y, n in steps) == max(y for _x, y, _n in steps) + 1 == qr.columns - 4


def test_control_without_quiet_zones_beside_other_ink_nothing_is_read():
    bars = labels.codes_of("85123A", SHEET, "code128").bars
    image = painted(bars.path, bars.columns, 1, height=20)
    cut = image.crop((30, 0, image.width - 30, image.height))
    frame = Image.new("L", (cut.width + 60, cut.height), "black")
    frame.paste(cut, (30, 0))
    assert zxingcpp.read_barcodes(frame) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("é", labels.OtherLetters),
        ("a\tb", labels.OtherLetters),
        ("a\x7f", labels.OtherLetters),
        ("x" * 80, labels.TooWide),
        ("x" * 256, labels.TooWide),
    ],
)
def test_what_bars_cannot_say_is_refused(text, reason):
    with pytest.raises(reason):
        labels.code_128(text, SHEET.bars_width, SHEET.bars_height)
    assert labels.codes_of(text, SHEET, "code128").qr


def test_papers_have_the_measures_that_the_code_counts_with():
    css = (settings.BASE_DIR / "static/css/labels.css").read_text()
    for name, layout in labels.LAYOUTS.items():
        (rule,) = re.findall(rf"\.labels-{name} {{(.*?)}}", css)
        assert f"page: {name};" in rule
        size = {key: float(n) for key, n in re.findall(r"--([\w-]+): ([\d.]+)", rule)}
        (page,) = re.findall(rf"@page {name} {{ size: ([\d.]+)mm ([\d.]+)mm; margin: 0; }}", css)
        assert page == (f"{size['page-w']:g}", f"{size['page-h']:g}")
        rows = layout.per_page / size["columns"]
        assert rows * size["h"] + 2 * size["top"] <= size["page-h"]
        assert size["columns"] * size["w"] <= size["page-w"]
        assert layout.bars_width == size["w"] - 2 * size["pad"]
        inner = size["h"] - 2 * size["pad"]
        assert layout.bars_height + layout.qr <= inner
        assert layout.qr_alone <= inner


# ---------------------------------------------------------------- the page
def labels_of(answer):
    """The ids of the labels in order."""
    found = re.findall(r'<li class="label" data-product="([^"]*)"', answer.content.decode())
    return [unescape(text) for text in found]


def notices_of(answer):
    return " ".join(map(str, answer.context["notices"]))


def drawings(answer):
    """(product, kind, drawn or referred path) of every code on the page, in order."""
    items = re.findall(r'<li class="label".*?</li>', answer.content.decode(), re.DOTALL)
    for product, item in zip(labels_of(answer), items, strict=True):
        for svg in ElementTree.fromstring(item).iter("svg"):
            columns, rows = map(int, svg.get("viewBox").split()[2:])
            yield product, svg.get("class"), columns, rows, svg[0]


def test_labels_stand_in_the_order_asked_for_and_each_code_says_its_product(client, world):
    for text in ODD:
        world.product(text, f"Name of {text[:9]}")
    answer = client.get(URL, {"product": [*ODD, ODD[0]], "copies": "2"})
    assert labels_of(answer) == [text for text in ODD for _copy in range(2)]
    drawn, referred = {}, []
    for product, kind, columns, rows, shape in drawings(answer):
        if shape.tag == "path":
            assert shape.get("id") not in drawn
            drawn[shape.get("id")] = product
            image = painted(shape.get("d"), columns, rows, height=20 if rows == 1 else 1)
            (code,) = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
            expected = "QRCode" if kind == "label-qr" else "Code128"
            assert (code.format.name, code.text) == (expected, product)
        else:
            referred.append((shape.get("href").removeprefix("#"), product))
    assert len(drawn) == len(referred)
    assert all(drawn[name] == product for name, product in referred)
    assert {product for name, product in referred if name.startswith("qr-")} == set(ODD)


def test_nothing_asked_teaches(client):
    answer = client.get(URL)
    assert labels_of(answer) == []
    text = answer.content.decode()
    assert "No label yet" in text
    assert '<textarea class="inp" id="labels-ids" name="ids"' in text
    assert "data-print" not in text


def test_unknown_products_are_named_and_the_others_printed(client, world):
    world.product("P-1")
    answer = client.get(URL, {"product": ["none", "P-1", "<script>", "x" * 5_000]})
    assert labels_of(answer) == ["P-1"]
    assert "“none”, “<script>”, “xxx" in notices_of(answer)
    assert "<script>”" not in answer.content.decode()
    assert f"“{'x' * 60}…”" in notices_of(answer)


@pytest.mark.parametrize("copies", ["0", "-1", "100", "1000", "abc", "1.5", "٣", " 2", "9" * 5_000])
def test_bad_copies_are_noticed(client, world, copies):
    world.product("P-1")
    answer = client.get(URL, {"product": "P-1", "copies": copies})
    assert labels_of(answer) == ["P-1"]
    assert "Copies go from 1 to 99" in notices_of(answer)


@pytest.mark.parametrize("word", ["layout", "symbol"])
@pytest.mark.parametrize("value", ["nonsense", "<i>", "__class__", "SHEET"])
def test_what_is_no_choice_is_noticed(client, world, word, value):
    world.product("P-1")
    answer = client.get(URL, {"product": "P-1", word: value})
    assert labels_of(answer) == ["P-1"]
    assert f"“{value}” is not among the choices" in notices_of(answer)
    assert answer.context["asked"].layout == "sheet"
    assert answer.context["asked"].symbol == "both"


def test_99_copies_and_a_roll(client, world):
    world.product("P-1")
    answer = client.get(URL, {"product": "P-1", "copies": "99", "layout": "roll"})
    assert len(labels_of(answer)) == 99
    assert [len(page) for page in answer.context["pages"]] == [1] * 99
    assert "labels-roll" in answer.content.decode()


@pytest.mark.parametrize(("symbol", "kinds"), [("qr", {"label-qr"}), ("code128", {"label-bars"})])
def test_one_kind_of_code(client, world, symbol, kinds):
    world.product("P-1")
    answer = client.get(URL, {"product": "P-1", "symbol": symbol})
    assert {kind for _product, kind, *_rest in drawings(answer)} == kinds


def test_lost_bars_are_said_with_the_reason(client, world):
    for text in ("Ünï", "x" * 80, "P-1"):
        world.product(text)
    for symbol in ("both", "code128"):
        answer = client.get(URL, {"product": ["Ünï", "x" * 80, "P-1"], "symbol": symbol})
        assert "Code 128 has not all characters of “Ünï”" in notices_of(answer)
        assert f"Too long for bars that a scanner reads: “{'x' * 60}…”" in notices_of(answer)
        kinds = [(product[:3], kind) for product, kind, *_rest in drawings(answer)]
        assert ("Ünï", "label-qr") in kinds
        assert ("Ünï", "label-bars") not in kinds
        assert ("xxx", "label-qr") in kinds
        assert ("xxx", "label-bars") not in kinds
        assert ("P-1", "label-bars") in kinds
    assert notices_of(client.get(URL, {"product": ["Ünï", "x" * 80], "symbol": "qr"})) == ""


def test_names_sizes_and_colours_are_text(client, world):
    world.product("P-1", "<b>Bell</b> & “co”", size="<XS>", color="Red")
    text = client.get(URL, {"product": "P-1"}).content.decode()
    assert "&lt;b&gt;Bell&lt;/b&gt; &amp; “co”" in text
    assert "&lt;XS&gt; · Red" in text
    assert not re.search(r"\sstyle=|<style|\son\w+=", text)


def test_nul_is_refused(client):
    assert client.get(f"{URL}?product=a%00b").status_code == 400
    assert client.post(URL, {"ids": "a\0b"}).status_code == 400


# ---------------------------------------------------------------- the form and a list's selection
def asked_of(answer):
    assert answer.status_code == 302
    parts = urlsplit(answer["Location"])
    assert parts.path == URL
    return parse_qs(parts.query)


def test_typed_ids_become_an_address(client, world):
    world.product("P-1")
    world.product("a, b")
    typed = "P-1\r\n  0012 , x/#&y,\na, b\n\nP-1,,\n"
    words = {"ids": typed, "copies": "3", "layout": "roll", "symbol": "qr", "product": " P 0"}
    assert asked_of(client.post(URL, words)) == {
        "product": [" P 0", "P-1", "0012", "x/#&y", "a, b"],
        "copies": ["3"],
        "layout": ["roll"],
        "symbol": ["qr"],
    }


def test_a_selection_may_be_called_row(client, world):
    answer = client.post(URL, {"row": ["P-2", "P-1"], "product": "P-1"})
    assert asked_of(answer) == {"product": ["P-1", "P-2"]}
    world.product("P-1")
    assert labels_of(client.get(URL, {"row": "P-1"})) == ["P-1"]


def test_a_selection_too_long_for_an_address_is_shown_at_once(client, world):
    ids = [f"product-{n:04}" for n in range(400)]
    for text in ids:
        world.product(text)
    answer = client.post(URL, {"row": ids})
    assert answer.status_code == 200
    assert labels_of(answer) == ids
    kept = re.findall(
        r'<input type="hidden" name="product" value="([^"]*)">', answer.content.decode()
    )
    assert kept == ids  # fmt: skip


def test_a_foreign_form_is_refused(world):
    someone = person("corporate", "Corporate Operations")
    visitor = signed_in(someone, enforce_csrf_checks=True)
    assert visitor.post(URL, {"row": "P-1"}).status_code == 403


def test_bad_choices_of_the_form_are_said_and_not_lost_in_a_redirect(client, world):
    world.product("P-1")
    answer = client.post(URL, {"product": "P-1", "copies": "0"})
    assert answer.status_code == 200
    assert "Copies go from 1 to 99" in notices_of(answer)


def test_ten_thousand_ids_print_the_first_500_and_say_so(client, world):
    known = [f"P-{n}" for n in range(600)]
    Product.objects.bulk_create(Product(product_id=text, name=text) for text in known)
    answer = client.post(URL, {"ids": "\n".join(f"P-{n}" for n in range(10_000))})
    assert labels_of(answer) == known[:500]
    assert "At most 500 products fit one page; the last 9,500 are left out." in notices_of(answer)
    assert client.post(URL, {"row": [str(n) for n in range(10_000)]}).status_code == 400
    assert client.get(URL, {"product": [str(n) for n in range(10_000)]}).status_code == 400


def test_more_than_2000_labels_are_cut_and_the_first_one_left_out_is_named(client, world):
    known = [f"P-{n:02}" for n in range(21)]
    Product.objects.bulk_create(Product(product_id=text, name=text) for text in known)
    answer = client.get(URL, {"product": known, "copies": "99"})
    assert len(labels_of(answer)) == 2_000
    assert "the last 79 are left out, beginning with “P-20”" in notices_of(answer)


def test_as_many_queries_for_many_products_as_for_one(client, world):
    known = [f"P-{n}" for n in range(50)]
    for text in known:
        world.product(text)
    words = {"price": "1", "store": "DE-01"}
    client.get(URL, {"product": known[0], **words})
    with CaptureQueriesContext(connection) as few:
        client.get(URL, {"product": known[0], **words})
    with CaptureQueriesContext(connection) as many:
        client.get(URL, {"product": known, "copies": "9", **words})
    assert len(many) == len(few)


# ---------------------------------------------------------------- prices
@pytest.fixture
def pounds(world):
    """A second store with prices of its own."""
    london = store("GB-01", "GB")
    book = Pricebook.objects.create(name="GBP", currency="GBP")
    FulfillmentLocation.objects.filter(pk=london.pk).update(pricebook=book)
    made = world.product("P-1")
    Price.objects.create(pricebook=book, product=made, value="1234.50")
    return london


def test_no_price_unless_asked_for(client, pounds):
    text = client.get(URL, {"product": "P-1", "store": "GB-01"}).content.decode()
    assert "label-price" not in text


def test_the_price_is_the_stores_in_its_currency(client, world, pounds):
    world.product("P-2", size="XL")
    answer = client.get(URL, {"product": ["P-1", "P-2"], "price": "1", "store": "GB-01"})
    assert re.findall(r'label-price">([^<]*)<', answer.content.decode()) == ["£1,234.50"]
    assert "Without a price in this store: “P-2”." in notices_of(answer)
    answer = client.get(URL, {"product": "P-1", "price": "1", "store": "DE-01"})
    assert re.findall(r'label-price">([^<]*)<', answer.content.decode()) == ["€9.90"]


@pytest.mark.parametrize("code", ["", "none", "<b>"])
def test_a_price_needs_a_store(client, pounds, code):
    answer = client.get(URL, {"product": "P-1", "price": "1", "store": code})
    assert labels_of(answer) == ["P-1"]
    assert "Choose the store whose prices are printed" in notices_of(answer)
    assert "label-price" not in answer.content.decode()


def test_a_foreign_stores_price_is_not_told(world, pounds):
    visitor = world.person_of(world.berlin)
    answer = visitor.get(URL, {"product": "P-1", "price": "1", "store": "GB-01"})
    text = answer.content.decode()
    assert labels_of(answer) == ["P-1"]
    assert "label-price" not in text
    assert "1,234.50" not in text
    assert "Store GB-01" not in text
    # The only store of his own needs no choosing.
    answer = visitor.get(URL, {"product": "P-1", "price": "1"})
    assert re.findall(r'label-price">([^<]*)<', answer.content.decode()) == ["€9.90"]


def test_control_who_may_see_the_store_is_told_its_price(world, pounds):
    visitor = world.person_of(pounds)
    answer = visitor.get(URL, {"product": "P-1", "price": "1", "store": "GB-01"})
    assert "£1,234.50" in answer.content.decode()


def test_the_product_page_leads_to_its_label(client, world):
    world.product("a/b #1&c")
    page = client.get("/catalog/products/a%2Fb%20%231%26c/").content.decode()
    (link,) = re.findall(r'href="(/catalog/labels/[^"]*)"', page)
    assert labels_of(client.get(unescape(link))) == ["a/b #1&c"]


def test_limits_are_what_the_page_says():
    assert (printing.MOST_PRODUCTS, printing.MOST_LABELS, printing.MOST_COPIES) == (500, 2_000, 99)
