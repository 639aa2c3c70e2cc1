"""Files that nobody should send: refused in words, in bounds, and with nothing written."""

import io
import json
import struct
import tracemalloc
import zipfile
from dataclasses import replace

import pytest

from omnichannel.catalog.imports.products import PRODUCTS
from omnichannel.catalog.models import Price, Pricebook, Product
from omnichannel.imports import archive, kinds, reading
from omnichannel.imports.models import Import
from omnichannel.imports.rows import BadFile
from tests.kit.conftest import naughty

from .files import imported, prices, product, products, zipped

WANTED = PRODUCTS.wanted


def at_most(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Products of at most so many bytes."""
    known = {**kinds.kinds(), "products": replace(PRODUCTS, most_bytes=most)}
    monkeypatch.setattr(kinds, "kinds", lambda: known)


def refused(file: bytes, *entities: str) -> str:
    """Why the import failed, told without a row written."""
    import_ = imported(file, *entities)
    assert import_.state == "FAILED", import_.state
    assert (Product.objects.count(), Price.objects.count()) == (0, 0)
    assert import_.reason
    return import_.reason


def rows_refused(*items: object, of: str = "products") -> list[str]:
    """What is said of each row that was left out."""
    file = products(*items) if of == "products" else prices(*items)
    import_ = imported(zipped(**{of: file}), of)
    return [problem.reason for problem in import_.problems.order_by("row")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "no ZIP"),
        (b"PK", "no ZIP"),
        (b"product_id,title\n", "no ZIP"),
        (zipped(), "nothing"),
        (zipped(**{"catalogue.json": products()}), "catalogue.json"),
        (zipped(**{"products.txt": b"x"}), "no file of a kind"),
        (zipped(**{"products.zip": zipped(products=products())}), "ZIP within a ZIP"),
        (zipped(products=b""), "empty"),
        (zipped(products=b"\xff\xfe{}"), "UTF-8"),
        (zipped(products=products(product("P", "M\xfcller")).replace(b"M\\u00fc", b"M\xfc")), "UTF-8"),
        (zipped(products=products().decode().encode("utf-16")), "UTF-8"),
        (zipped(products=b"[]"), "expected"),
        (zipped(products=b"null"), "expected"),
        (zipped(products=b"{}"), "no head"),
        (zipped(products=b'{"head": {}}'), "no items"),
        (zipped(products=b'{"head": []}'), "head"),
        (zipped(products=b'{"head": {}, "items": {}}'), "expected"),
        (zipped(products=b'{"head": {}, "items": [1]}'), "item 1"),
        (zipped(products=b'{"head": {}, "items": [], "items": []}'), "twice"),
        (zipped(products=b'{"head": {}, "items": []} {}'), "follows"),
        (zipped(products=b'{"head": {}, "items": [{"product_id": NaN}]}'), "NaN"),
        (zipped(products=products(product("P"))[:-4]), "JSON"),
        (zipped(products=b'{"head": {"catalog": 7}, "items": []}'), "head.catalog"),
        (zipped(products=b'{"head": {}, "items": [' + b"[" * 200_000), "deep"),
        (zipped(products=b'{"head": {}, "items": [{"product_id": "' + b"x" * 9_000_000), "JSON"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_why(file, words):
    assert words in refused(file)


@pytest.mark.django_db
def test_a_byte_order_mark_is_no_fault():
    import_ = imported(zipped(products=b"\xef\xbb\xbf" + products(product("P"))))
    assert import_.state == "FINISHED"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({}, "product_id is missing"),
        ({"product_id": "P"}, "variant_group_id is missing"),
        (product(" "), "product_id is missing"),
        (product(None), "product_id is missing"),
        (product(17), "product_id is no text"),
        (product(["P"]), "product_id is no text"),
        (product("x" * 257), "257 characters"),
        (product("P\0"), "NUL"),
        (product("P", "\ud800"), "surrogate"),
        (product("P", "x" * 1_000_000), "1000000 characters"),
        (product("P", sku="x" * 257), "sku"),
        (product("P", variation_size_value="x" * 65), "variation_size_value"),
        (product("P", is_active="perhaps"), "neither true nor false"),
        (product("P", is_active=1), "neither true nor false"),
        (product("P", external_identifiers={"ean": "1"}), "no list"),
        (product("P", external_identifiers=[{"type": "ean"}]), "identifier"),
        (product("P", external_identifiers=[{"type": "", "value": "1"}]), "identifier"),
        (product("P", external_identifiers=[{"type": "e" * 33, "value": "1"}]), "33 characters"),
        (product("P", external_identifiers=[{"type": "e", "value": "1\0"}]), "NUL"),
        (product("P", external_identifiers=[{"type": "e", "value": str(n)} for n in range(51)]), "51"),
        (product("P", extended_attributes=[7]), "extended_attributes"),
    ],
)  # fmt: skip
def test_a_product_that_cannot_be_kept_is_left_out_and_told(item, words):
    (reason,) = rows_refused(item)
    assert words in reason
    assert not Product.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("-0.01", "negative"),
        ("-1e400", "negative"),
        ("10000000000", "above"),
        ("1e308", "above"),
        ("1e999999999", "above"),
        ("9" * 5_000, "above"),
        ("0.001", "two decimals"),
        ("1e-400", "two decimals"),
        ("true", "no number"),
        ("null", "missing"),
        ('""', "missing"),
        ('"12,50"', "no number"),
        ('"١٢"', "no number"),
        ('"1e5"', "no number"),
        ('"Infinity"', "no number"),
        ("[1]", "no number"),
    ],
)
def test_a_price_that_is_none_is_left_out_and_told(value, words):
    book = Pricebook.objects.create(name="EUR", currency="EUR")
    Product.objects.create(product_id="P", name="x")
    text = f'{{"head": {{"pricebook": "EUR"}}, "items": [{{"product_id": "P", "value": {value}}}]}}'
    import_ = imported(zipped(prices=text.encode()), "prices")
    assert words in import_.problems.get().reason
    assert not Price.objects.filter(pricebook=book).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["0", "0.10", "9999999999.99", '"19.90"', "1.5e1", "12.300"])
def test_control_a_price_that_is_one_is_kept(value):
    Pricebook.objects.create(name="EUR", currency="EUR")
    Product.objects.create(product_id="P", name="x")
    text = f'{{"head": {{"pricebook": "EUR"}}, "items": [{{"product_id": "P", "value": {value}}}]}}'
    assert imported(zipped(prices=text.encode()), "prices").state == "FINISHED"
    assert Price.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"pricebook": "USD"}, "“USD”"),
        ({"pricebook": ""}, "“”"),
        ({"pricebook": None}, "“”"),
        ({"pricebook": "x" * 100_000}, "pricebook"),
        ({"pricebook": "EUR\0"}, "EUR"),
        ({"pricebook": 7}, "no text"),
        ({"currency": "USD"}, "USD"),
    ],
)
def test_a_pricebook_that_is_not_there_is_named_with_those_that_are(head, words):
    Pricebook.objects.create(name="EUR", currency="EUR")
    import_ = imported(zipped(prices=prices(**head)), "prices")
    assert import_.state == "FAILED"
    assert words in import_.reason
    assert len(import_.reason) < 1_000


@pytest.mark.django_db
def test_a_price_of_no_product_is_told_and_the_others_kept():
    Pricebook.objects.create(name="EUR", currency="EUR")
    Product.objects.create(product_id="p-1", name="x")
    items = [{"product_id": "P-1", "value": 1}, {"product_id": "p-1", "value": 1}]
    (reason,) = rows_refused(*items, of="prices")
    assert "capitals" in reason
    assert Price.objects.count() == 1


@pytest.mark.django_db
def test_names_of_every_script_come_back_as_they_were():
    names = [text.strip() for text in naughty() if text.strip()]
    import_ = imported(
        zipped(products=products(*(product(f"{n}", t) for n, t in enumerate(names))))
    )
    assert import_.state == "FINISHED", list(import_.problems.values_list("row", "cause"))
    kept = dict(Product.objects.values_list("product_id", "name"))
    assert [kept[str(n)] for n in range(len(names))] == names


@pytest.mark.django_db
def test_a_name_whose_key_is_longer_than_itself_is_kept():
    import_ = imported(
        zipped(
            products=products(product("P", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 512))
        )
    )
    assert import_.state == "FINISHED"
    assert len(Product.objects.get().name_key) == 600


@pytest.mark.django_db
def test_what_is_wrong_with_many_rows_is_counted_and_told_in_bounds(monkeypatch):
    monkeypatch.setattr("omnichannel.imports.staging.MOST_PROBLEMS", 10)
    import_ = imported(zipped(products=products(*[product("")] * 40)))
    assert (import_.errors, import_.problems.count()) == (40, 10)


# ------------------------------------------------------------ bombs
def lying(data: bytes, declared: int) -> bytes:
    """A ZIP of products.json that says it were `declared` bytes."""
    file = bytearray(zipped(products=data))
    central = file.rindex(b"PK\x01\x02")
    for place in (22, central + 24):
        file[place : place + 4] = struct.pack("<I", declared)
    return bytes(file)


@pytest.mark.django_db
def test_a_bomb_is_not_unpacked(monkeypatch):
    at_most(monkeypatch, 1_000_000)
    bomb = zipped(products=b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert "more than 1 MB" in refused(bomb)


@pytest.mark.django_db
@pytest.mark.parametrize("declared", [10, 1_000])
def test_a_bomb_that_lies_about_its_size_ends_at_what_it_said_or_at_the_limit(
    declared, monkeypatch
):
    at_most(monkeypatch, 1_000_000)
    assert refused(lying(b" " * 50_000_000, declared))


def test_control_what_is_read_is_counted_whatever_was_declared():
    counted = archive.Counted(io.BytesIO(b"x" * 100), WANTED._replace(most_bytes=64))
    assert len(counted.read(64)) == 64
    with pytest.raises(BadFile, match="unpacked"):
        counted.read(1)


@pytest.mark.django_db
def test_several_files_of_one_kind_have_one_limit(monkeypatch):
    at_most(monkeypatch, 1_000_000)
    half = b" " * 600_000
    assert "more than" in refused(zipped(**{"products_1.json": half, "products_2.json": half}))


@pytest.mark.django_db
def test_too_many_files_are_not_looked_at():
    members = {f"products_{n}.json": b"{}" for n in range(archive.MOST_MEMBERS + 1)}
    assert "101 files" in refused(zipped(**members))


@pytest.mark.django_db
def test_an_encrypted_file_is_refused():
    file = bytearray(zipped(products=products()))
    central = file.rindex(b"PK\x01\x02")
    for place in (6, central + 8):
        file[place] |= 1
    assert "encrypted" in refused(bytes(file))


@pytest.mark.django_db
def test_a_damaged_file_is_refused():
    file = bytearray(zipped(products=products(*(product(f"P-{n}") for n in range(500)))))
    file[60:90] = bytes(30)
    assert "damaged" in refused(bytes(file))


def test_a_path_in_a_zip_leads_nowhere(tmp_path):
    file = tmp_path / "f.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("../../products.json", b"{}")
    (source,) = archive.sources(file, [WANTED])
    assert source.open().read(9) == b"{}"
    assert [path.name for path in tmp_path.iterdir()] == ["f.zip"]


def test_memory_does_not_grow_with_the_file(tmp_path):
    item = json.dumps(product("P", "x" * 200)).encode()
    peaks = []
    for count in (5_000, 50_000):
        file = tmp_path / f"{count}.json"
        file.write_bytes(b'{"head": {}, "items": [' + b",".join([item] * count) + b"]}")
        tracemalloc.start()
        assert sum(1 for _item in reading.json_items(archive.plain(file, WANTED, "p"))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_control_what_keeps_the_items_grows(tmp_path):
    file = tmp_path / "f.json"
    item = json.dumps(product("P", "x" * 200)).encode()
    peaks = []
    for count in (5_000, 50_000):
        file.write_bytes(b'{"head": {}, "items": [' + b",".join([item] * count) + b"]}")
        tracemalloc.start()
        assert len(list(reading.json_items(archive.plain(file, WANTED, "p")))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] > peaks[0] * 3


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_the_window_may_end_anywhere(tmp_path, monkeypatch, size):
    monkeypatch.setattr(reading, "BLOCK", size)
    file = tmp_path / "f.json"
    text = (
        '{"n": 1234567, "head": {"a": "ü€😀"}, "items": [{"v": 12.5, "t": "\\u00fc"}, {"v": -3}]}'
    )
    file.write_text(text)
    source = archive.plain(file, WANTED, "p")
    assert reading.head_of(source) == {"a": "ü€😀"}
    assert [dict(i.fields) for i in reading.json_items(source)] == json.loads(text)["items"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n", "header"),
        ("title\n", "header"),
        ("product_id,product_id\n", "header"),
        ("product_id,wrong\n", "wrong"),
        ("product_id,value\nP\n", "row 2"),
        ("product_id,value\nP,1,2\n", "row 2"),
        ('product_id,value\n"P,1\n', "row 2"),
        ("product_id,value\n" + "x" * 200_000 + ",1\n", "row 2"),
    ],
)
def test_a_csv_that_is_none_is_told_with_its_row(tmp_path, text, words):
    file = tmp_path / "f.csv"
    file.write_text(text)
    source = archive.plain(file, WANTED, "f.csv")
    with pytest.raises(BadFile, match=words):
        list(reading.csv_items(source, ("product_id", "value")))


def test_what_is_larger_than_its_kind_may_be_is_refused(tmp_path):
    file = tmp_path / "f.csv"
    file.write_text("product_id,value\n")
    with pytest.raises(BadFile, match="more than"):
        archive.plain(file, WANTED._replace(most_bytes=5), "f.csv")


@pytest.mark.django_db
def test_no_import_is_left_open():
    imported(b"")
    assert not Import.objects.open().exists()
