"""Look up, and what a scan matches: bad pictures, odd codes, doubles, foreign stores."""

import io
import json
import zlib

import pytest
import segno
import zxingcpp
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from inventory.views import lookup
from omnichannel.catalog.barcodes import MOST_BYTES
from omnichannel.catalog.models import ProductIdentifier, ScanIdentifier
from tests.kit.conftest import client, world
from tests.people import person, signed_in

__all__ = ["client", "world"]


def ask(visitor, code, **words):
    return visitor.get("/lookup/", {"code": code, **words})


def code_128(text):
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    image = Image.fromarray(barcode.to_image(scale=3)).convert("RGB")
    frame = Image.new("RGB", (image.width + 80, image.height + 80), "white")
    frame.paste(image, (40, 40))
    return frame


def qr(text):
    file = io.BytesIO()
    segno.make(text, micro=False).save(file, kind="png", scale=6)
    return Image.open(file).convert("RGB")


def saved(image, kind):
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def decode(visitor, data, **headers):
    return visitor.post("/lookup/decode/", data, content_type="image/jpeg", **headers)


@pytest.fixture(autouse=True)
def _forget_rates():
    cache.clear()


def test_the_answer_is_of_the_own_store(world):
    product = world.product("P-1", "Pen")
    world.post((product, 7), type="RECEIVING")
    world.post((product, 2), shelf="damaged", type="ADJUSTMENT", reason_id=world.reason.pk)
    world.post((product, 4), where=world.tokyo, type="RECEIVING")
    visitor = signed_in(person("a", "Associate", stores=(world.berlin,)))
    answer = ask(visitor, "P-1")
    context = answer.context
    assert context["here"] == world.berlin
    assert context["stock"].on_hand == 9
    assert dict(context["stock"].by_stock_location) == {"Main": 7, "Damaged": 2}
    assert context["stock"].received_at is not None
    assert context["stock"].sold_at is None
    assert [(row.code, row.on_hand) for row in context["others"]] == [("JP-01", 4)]
    assert "€9.90" in answer.content.decode()


def test_who_reads_only_his_own_stores_is_told_of_no_other(world):
    product = world.product("P-1", "Pen")
    world.post((product, 4), where=world.tokyo)
    visitor = world.person_of(world.berlin)
    answer = ask(visitor, "P-1", store="JP-01")
    assert answer.context["here"] == world.berlin
    assert answer.context["others"] == []
    assert "JP-01" not in ask(visitor, "P-1").content.decode()


def test_of_several_stores_the_chosen_one_is_remembered(world):
    world.product("P-1", "Pen")
    visitor = signed_in(person("a", "Associate", stores=(world.berlin, world.tokyo)))
    assert ask(visitor, "P-1").context["here"] is None
    assert ask(visitor, "P-1", store="no such").context["here"] is None
    assert ask(visitor, "P-1", store="JP-01").context["here"] == world.tokyo
    assert ask(visitor, "P-1").context["here"] == world.tokyo


def test_two_products_of_one_code_ask_which(client, world):
    for product_id in ("P/1", "P-2"):
        world.product(product_id, product_id, sku="SAME")
    answer = ask(client, "SAME")
    assert "product" not in answer.context or not answer.context.get("product")
    assert "Which one?" in answer.content.decode()
    assert "code=SAME&amp;product=P%2F1" in answer.content.decode()
    assert ask(client, "SAME", product="P/1").context["product"].product_id == "P/1"
    # What was not asked about cannot be slipped in.
    world.product("P-3", "Else")
    assert len(ask(client, "SAME", product="P-3").context["found"]) == 2


def test_the_order_of_the_setting_decides(client, world):
    by_id, by_ean = world.product("123", "By id"), world.product("P-2", "By EAN")
    ProductIdentifier.objects.create(product=by_ean, type="EAN", value="123")
    assert ask(client, "123").context["product"] == by_id
    ScanIdentifier.objects.filter(kind="ean").update(position=0)
    assert ask(client, "123").context["product"] == by_ean
    ScanIdentifier.objects.filter(kind="ean").update(is_active=False)
    assert ask(client, "123").context["product"] == by_id
    ScanIdentifier.objects.filter(kind="product_id").update(is_active=False)
    assert ask(client, "123").context["found"] == []


@pytest.mark.parametrize("code", ["a/b", "100%", "Ünï-☃", "x" * 200, "a&b=c#d", "<i>"])
def test_odd_codes(client, world, code):
    product = world.product(code, "Odd")
    assert ask(client, code).context["product"] == product
    assert "<i>" not in ask(client, code).content.decode()
    assert ask(client, code + "?").context["found"] == []


def test_nul_is_refused_and_too_long_is_not_found(client):
    assert client.get("/lookup/?code=a%00b").status_code == 400
    assert ask(client, "x" * 5000).context["found"] == []


def test_as_many_queries_for_many_stores_as_for_one(client, world):
    product = world.product("P-1", "Pen")
    world.post((product, 4))
    ask(client, "P-1", store="DE-01")
    with CaptureQueriesContext(connection) as few:
        ask(client, "P-1")
    world.post((product, 4), where=world.tokyo)
    world.post((product, 4), where=world.tokyo, shelf="damaged")
    with CaptureQueriesContext(connection) as many:
        ask(client, "P-1")
    assert len(many) == len(few)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("draw", [code_128, qr])
def test_a_frame_with_a_code_is_read(client, draw, kind):
    answer = decode(client, saved(draw("85123A/7"), kind))
    assert (answer.status_code, answer.json()) == (200, {"code": "85123A/7"})


def test_a_frame_without_a_code_says_none(client):
    answer = decode(client, saved(Image.new("RGB", (200, 200), "white"), "JPEG"))
    assert (answer.status_code, answer.json()) == (200, {"code": ""})


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"GIF89a" + b"\1" * 50],
)
def test_what_is_no_picture_is_refused(client, data):
    answer = decode(client, data)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "not_an_image")


def test_half_a_picture_is_refused(client):
    whole = saved(code_128("85123A"), "PNG")
    assert decode(client, whole[: len(whole) // 2]).status_code == 400


def test_too_many_bytes_are_refused_unread(client):
    answer = decode(client, b"\0" * (MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["error_code"]) == (413, "too_large")


@pytest.mark.parametrize("size", [(2001, 2000), (60_000, 60_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(client, size, monkeypatch):
    if size[0] > 10_000:
        # A header that promises 3.6 gigapixels and brings none.
        data = bytearray(saved(Image.new("1", (8, 8)), "PNG"))
        data[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
        monkeypatch.setattr("PIL.PngImagePlugin.ImageFile.ImageFile.load", None)
        # The checksum is of the small header; Pillow would refuse it for that alone.
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    else:
        data = saved(Image.new("L", size), "PNG")
        monkeypatch.setattr(zxingcpp, "read_barcodes", None)
    assert decode(client, bytes(data)).status_code == 413


def test_too_often_is_refused(client, monkeypatch):
    monkeypatch.setattr(lookup, "FRAMES_A_MINUTE", 2)
    monkeypatch.setattr(lookup.time, "time", lambda: 600.0)
    frame = saved(Image.new("L", (20, 20)), "PNG")
    assert [decode(client, frame).status_code for _n in range(3)] == [200, 200, 429]
    assert decode(client, frame)["Retry-After"] == "60"


def test_a_photo_without_scripts_leads_to_the_answer(client):
    photo = code_128("85123A").resize((2600, 1800))
    file = io.BytesIO(saved(photo, "JPEG"))
    file.name = "photo.jpg"
    answer = client.post("/lookup/", {"photo": file})
    assert (answer.status_code, answer["Location"]) == (302, "/lookup/?code=85123A")
    for data in (b"", b"no picture"):
        file = io.BytesIO(data)
        file.name = "photo.jpg"
        assert client.post("/lookup/", {"photo": file}).status_code == 400


def test_the_camera_is_open_on_this_page_only(client):
    assert client.get("/lookup/")["Permissions-Policy"] == "camera=(self)"
    for path in ("/search/", "/catalog/products/", "/no-such-page/", "/livez"):
        assert client.get(path)["Permissions-Policy"] == "camera=()"
    assert "blob:" not in client.get("/lookup/")["Content-Security-Policy"]


# ------------------------------------------------------------ Settings > Barcodes
SETTINGS = "/settings/barcodes/"


@pytest.fixture
def chief(world):
    return signed_in(person("chief", is_superuser=True))


def order():
    return list(ScanIdentifier.objects.filter(is_active=True).values_list("kind", flat=True))


def post(visitor, positions, active):
    fields = {f"position-{kind}": n for kind, n in positions.items()}
    return visitor.post(SETTINGS, {**fields, "active": active})


@pytest.mark.django_db
def test_the_defaults():
    assert order() == ["product_id", "sku", "ean", "upc"]


def test_kinds_are_reordered_switched_off_and_taken_up(chief, world):
    ProductIdentifier.objects.create(product=world.product("P-1"), type="GTIN", value="1")
    assert "GTIN" in chief.get(SETTINGS).content.decode()
    positions = {"product_id": 5, "sku": 4, "ean": 1, "upc": 2, "gtin": 3}
    assert post(chief, positions, ["gtin", "ean", "product_id"]).status_code == 302
    assert order() == ["ean", "gtin", "product_id"]


@pytest.mark.parametrize("bad", ["", "0", "-1", "x", "1.5", "1000", "٣", "9" * 5000])
def test_a_bad_position_changes_nothing(chief, bad):
    positions = {"product_id": bad, "sku": 4, "ean": 1, "upc": 2}
    assert post(chief, positions, ["ean"]).status_code == 400
    assert order() == ["product_id", "sku", "ean", "upc"]


def test_all_off_is_refused(chief):
    positions = {"product_id": 1, "sku": 4, "ean": 1, "upc": 2}
    assert post(chief, positions, ["made-up"]).status_code == 400
    assert len(order()) == 4


def test_errors_are_json_that_a_script_can_show(client):
    told = json.loads(decode(client, b"x").content)
    assert set(told) == {"error_code", "message"}
    assert told["message"]
