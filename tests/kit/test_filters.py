"""What may be asked of a list, and what becomes of nonsense in it."""

import re

import django_filters
import pytest
from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from inventory.filters import MovementFilters, ProductFilters, StockFilters, TransactionFilters
from inventory.models import InventoryTransaction, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product, ProductIdentifier
from omnichannel.web import filters
from omnichannel.web.filters import Choices, Conditions, FilterSet, Words
from omnichannel.web.tables import Table

STOCK = "/store-operations/inventory/stock-on-hand/"
PRODUCTS = "/catalog/products/"


def applied(kind, rows, words):
    request = type("Request", (), {"user": User(is_superuser=True)})
    bound = kind(QueryDict(words), queryset=rows.all(), request=request)
    return bound.apply(rows.all())


def ids(page) -> set[str]:
    found = re.findall(r'data-label="Product ID" class="code">([^<]+)<', page.content.decode())
    return set(found)


# ---------------------------------------------------------------- values that are half right
def test_of_several_choices_the_known_ones_stay(client, world):
    for code, size in [("A", "S"), ("B", "M"), ("C", "L")]:
        world.post((world.product(code, size=size), 1))
    world.post((world.product("D"), 1), where=world.tokyo)
    page = client.get(f"{STOCK}?store=JP-01&store=XX&store=%27;--")
    assert ids(page) == {"D"}
    assert "“XX”, “&#x27;;--” is not among the choices" in page.content.decode()


def test_a_store_of_somebody_else_is_an_unknown_one(world):
    from_tokyo = world.person_of(world.tokyo)
    world.post((world.product("A"), 1))
    page = from_tokyo.get(f"{STOCK}?store=DE-01")
    assert ids(page) == set()
    assert "“DE-01” is not among the choices" in page.content.decode()
    assert "Store DE-01" not in page.content.decode()


def test_a_reason_that_is_no_uuid_is_ignored(client, world):
    page = client.get("/store-operations/inventory/transactions/?reason=5&reason=x%27")
    assert page.status_code == 200
    assert "is not among the choices" in page.content.decode()


def test_only_unknown_values_open_no_export(client, world):
    assert client.get(f"{STOCK}?store=XX&export=csv").status_code == 409
    assert client.get(f"{STOCK}?q=+&size=&export=csv").status_code == 409


@pytest.mark.parametrize(
    "words",
    ["on_hand_min=1e9", "on_hand_min=2147483648", "on_hand_max=-99999999999999999999",
     "on_hand_min=NaN", "on_hand_max=1.5", "on_hand_min=%D9%A1x"],
)  # fmt: skip
def test_a_number_that_fits_no_column_is_said(client, world, words):
    page = client.get(f"{STOCK}?{words}")
    assert page.status_code == 200
    assert "On hand: " in page.content.decode()


@pytest.mark.parametrize(
    "words",
    ["happened_after=0001-01-01", "happened_before=9999-12-31", "happened_after=2026-02-30",
     "happened_after=%00"],
)  # fmt: skip
def test_a_day_that_cannot_be_is_said(client, world, words):
    page = client.get(f"/store-operations/inventory/movements/?{words}")
    if "%00" in words:
        assert page.status_code == 400
    else:
        assert "Happened: " in page.content.decode()


def test_a_range_has_both_its_ends(client, world):
    for n in (-3, 0, 4, 9):
        world.post((world.product(f"P{n}"), n), type="STOCK_IMPORT")
    assert ids(client.get(f"{STOCK}?on_hand_min=0&on_hand_max=4")) == {"P0", "P4"}
    assert ids(client.get(f"{STOCK}?on_hand_max=-1")) == {"P-3"}
    assert ids(client.get(f"{STOCK}?level=negative&level=out")) == {"P-3", "P0"}


def test_goods_on_their_way_are_shown_when_asked_for(client, world):
    world.post((world.product("HERE"), 1))
    world.post((world.product("GONE"), 1), shelf="_in_transit")
    assert ids(client.get(STOCK)) == {"HERE"}
    assert ids(client.get(f"{STOCK}?stock_location=_in_transit")) == {"GONE"}


# ---------------------------------------------------------------- search
def test_an_exact_code_can_be_widened(client, world):
    for code in ("22", "2244", "X-22"):
        world.post((world.product(code), 1))
    exact = client.get(f"{STOCK}?q=22&sort=-product_id")
    assert ids(exact) == {"22"}
    wider = re.search(r'id="contains" href="([^"]+)"', exact.content.decode())[1]
    page = client.get(STOCK + wider.replace("&amp;", "&"))
    assert ids(page) == {"22", "2244", "X-22"}
    assert 'name="match" value="any"' in page.content.decode()
    assert 'name="sort" value="-product_id"' in page.content.decode()


def test_codes_are_told_apart_by_case_and_found_without_it(client, world):
    for code in ("ab", "AB"):
        world.post((world.product(code, "Lamp"), 1))
    assert ids(client.get(f"{STOCK}?q=ab")) == {"ab"}
    assert ids(client.get(f"{STOCK}?q=aB")) == {"ab", "AB"}


def test_an_identifier_of_two_products_finds_both(client, world):
    for code in ("A", "B"):
        made = world.product(code)
        ProductIdentifier.objects.create(product=made, type="ean", value="0012345678905")
        world.post((made, 1))
    assert ids(client.get(f"{STOCK}?q=0012345678905")) == {"A", "B"}


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["50%", "a_b", "back\\slash", "%", "_", "\\", "'", "[a]", "é"])
def test_ilike_takes_every_character_for_itself(text):
    for n, name in enumerate([text, f"x{text.upper()}y", "plain 50 axb ab backslash"]):
        Product.objects.create(product_id=f"P{n}", name=name)
    found = Product.objects.filter(name__ilike=text).order_by("pk").values_list("product_id")
    assert [code for (code,) in found] == ["P0", "P1"]


# ---------------------------------------------------------------- boxes of values
def test_boxes_offer_what_there_is_in_the_order_of_clothes(client, world):
    for n, size in enumerate(["M", "XL", "34", "S", "28", "", "onesize", "XS", "M"]):
        world.product(f"P{n}", size=size)
    page = client.get(PRODUCTS).content.decode()
    assert re.findall(r'name="size" value="([^"]*)"', page) == [
        "XS", "S", "M", "XL", "28", "34", "onesize",
    ]  # fmt: skip


def test_too_many_values_ask_for_a_text(client, world, monkeypatch):
    monkeypatch.setattr(filters, "MOST_OPTIONS", 2)
    for n in range(3):
        world.product(f"P{n}", size=f"{n} cm")
    page = client.get(f"{PRODUCTS}?size=1+cm")
    assert ids(page) == {"P1"}
    assert re.search(r'<input class="inp find" name="size" value="1 cm"', page.content.decode())


def test_a_value_that_no_row_has_is_a_box_that_can_be_taken_back(client, world):
    world.product("P", size="M")
    page = client.get(f"{PRODUCTS}?size=%3Cb%3E").content.decode()
    assert "Nothing matches these filters" in page
    assert 'value="&lt;b&gt;" checked' in page


def test_a_swap_asks_for_no_options(client, world):
    whole = len(queries(client, PRODUCTS))
    swap = len(queries(client, PRODUCTS, HTTP_HX_REQUEST="true"))
    assert swap <= whole - 2


def queries(client, url, **headers):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, **headers).status_code == 200
    return captured.captured_queries


# ---------------------------------------------------------------- declarations
def test_no_filter_takes_a_word_of_the_kit():
    for word in filters.RESERVED:
        with pytest.raises(TypeError, match="word of the kit"):
            type("Taken", (FilterSet,), {word: Words(field_name="name", label="x")})


@pytest.mark.parametrize("name", ["render_name", "value_name", "order_name"])
def test_what_would_never_run_is_refused(name):
    with pytest.raises(TypeError, match="is dead"):
        type("Dead", (Table,), {name: lambda self: None})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "rows", "words"),
    [
        (StockFilters, StockOnHand.objects, "q=a&size=M&size=L&color=Red&level=low&product=A,B"),
        (TransactionFilters, InventoryTransaction.objects, "type=RETURN&type=SHIPMENT&q=x"),
        (ProductFilters, Product.objects, "q=a&size=M&state=active&state=inactive"),
    ],
)
def test_a_filter_adds_neither_distinct_nor_a_chain(kind, rows, words):
    found, active, notices = applied(kind, rows, words)
    assert len(active) == len({word.partition("=")[0] for word in words.split("&")})
    assert notices == []
    sql = str(found.query).upper()
    assert "DISTINCT" not in sql


def test_control_the_filter_of_the_library_adds_both():
    class Theirs(django_filters.FilterSet):
        type = django_filters.MultipleChoiceFilter(choices=InventoryTransaction.Type.choices)

    rows = InventoryTransaction.objects.all()
    sql = str(Theirs(QueryDict("type=RETURN&type=SHIPMENT"), queryset=rows).qs.query).upper()
    assert "DISTINCT" in sql
    assert " OR " in sql


def test_words_for_people():
    of = MovementFilters(QueryDict(""), queryset=StockOnHand.objects.none()).filters
    assert of["product"].words(["A", "B", "C", "D"]) == "A, B +2"
    level = Conditions(label="x", conditions={"low": ("Low", Q()), "out": ("Out", Q())})
    assert level.words(["out"]) == "Out"
    choice = Choices(field_name="type", label="x", choices=InventoryTransaction.Type)
    assert choice.words(["COUNT_ADJUSTMENT", "RETURN", "SHIPMENT"]) == "Count Adjustment, Return +1"
