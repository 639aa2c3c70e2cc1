"""A swap changes the rows and what says the same as they; the form it leaves alone."""

import re

import pytest
from django.test import Client

from inventory.models import StockOnHand
from inventory.tables import StockTable
from omnichannel.web import keyset

STOCK = "/store-operations/inventory/stock-on-hand/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def stocked(world):
    world.post(*((world.product(f"P-{n:03}"), n) for n in range(60)), type="STOCK_IMPORT")
    return world


def test_a_swap_brings_rows_pills_and_button_but_no_form(client, stocked):
    swap = client.get(f"{STOCK}?store=DE-01&rows=25&sort=-name&level=", **HTMX)
    text = swap.content.decode()
    assert '<form id="filters"' not in text
    assert "<html" not in text
    parts = re.findall(r'id="([\w-]+)"[^>]*hx-swap-oob="true"', text)
    assert {"export", "clear", "pill-store", "pill-level"} <= set(parts)
    assert len(parts) == len(set(parts))
    assert 'name="sort" value="-name" form="filters"' in text
    assert swap["HX-Push-Url"] == f"{STOCK}?store=DE-01&rows=25&sort=-name"
    assert "HX-Request" in swap["Vary"]
    assert "no-store" in swap["Cache-Control"]


def test_the_address_of_a_swap_is_the_page_itself(client, stocked):
    first = client.get(f"{STOCK}?rows=25", **HTMX).content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    swap = client.get(STOCK + following, **HTMX)
    again = client.get(swap["HX-Push-Url"])
    rows = re.compile(r'<tr role="row"><td.*?</tr>', re.S)
    assert rows.findall(again.content.decode()) == rows.findall(swap.content.decode())
    assert "<b>26–50</b>" in again.content.decode()


def test_going_back_gets_a_whole_page(client, stocked):
    page = client.get(STOCK, **HTMX, HTTP_HX_HISTORY_RESTORE_REQUEST="true")
    assert "<html" in page.content.decode()


def test_the_count_comes_later_and_then_completes_what_was_open(client, stocked):
    swap = client.get(f"{STOCK}?store=DE-01&rows=25", **HTMX).content.decode()
    assert "…" in swap
    url = re.search(r'id="total" hx-get="([^"]+)"', swap)[1].replace("&amp;", "&")
    count = client.get(STOCK + url, **HTMX)
    assert "HX-Push-Url" not in count
    text = count.content.decode()
    assert text.count(">60<") == 2
    assert "Export 60 rows" in text
    assert "<table" not in text


def test_the_end_of_a_list_needs_no_second_request(client, stocked):
    swap = client.get(f"{STOCK}?store=DE-01&rows=100", **HTMX).content.decode()
    assert "…" not in swap
    assert "Export 60 rows" in swap


def test_a_swap_of_a_stranger_sends_the_page_to_sign_in(stocked):
    answer = Client().get(f"{STOCK}?store=DE-01", **HTMX)
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer["HX-Redirect"].startswith("/account/login/?next=")
    assert "store%3DDE-01" in answer["HX-Redirect"]


def test_the_page_size_is_remembered_and_a_strange_one_is_not(client, stocked):
    assert client.get(f"{STOCK}?rows=25").cookies["rows"].value == "25"
    assert client.get(STOCK).content.decode().count('<tr role="row"><td') == 25
    client.cookies["rows"] = "7; drop"
    page = client.get(STOCK).content.decode()
    assert page.count('<tr role="row"><td') == 50
    assert "A page has" not in page


@pytest.mark.parametrize("start", ["0", "-5", "1e3", "²", "9" * 30, "x"])
def test_where_a_page_starts_is_only_told(client, stocked, start):
    first = client.get(f"{STOCK}?rows=25").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    page = client.get(STOCK + re.sub(r"from=\d+", f"from={start}", following))
    assert page.status_code == 200
    assert page.content.decode().count('<tr role="row"><td') == 25


def test_a_page_beyond_the_end_leads_to_the_first(client, stocked):
    last = client.get(f"{STOCK}?rows=25&sort=product_id&at=last").content.decode()
    code = re.findall(r">(P-\d+)<", last)[-1]
    assert code == "P-059"
    first = client.get(f"{STOCK}?rows=25&sort=product_id").content.decode()
    token = re.search(r"after=([\w-]+)", first)[1]
    order = keyset.ordering(StockTable, "product_id", is_descending=False)
    values = keyset.unpack(StockOnHand, order, token)
    values[0] = "P-999"
    page = client.get(STOCK, {"sort": "product_id", "after": keyset.pack(order, values)})
    assert "The list ends before this page" in page.content.decode()


def test_methods_that_change_are_refused(client, stocked):
    for method in (client.post, client.put, client.delete):
        assert method("/store-operations/inventory/transactions/").status_code == 405
    for method in (client.put, client.delete):
        assert method(STOCK).status_code == 405


def test_nothing_of_a_list_speaks_of_a_hidden_store(stocked):
    """Neither rows, nor options, nor the total, nor the file."""
    stocked.post((stocked.product("SECRET"), 5), where=stocked.tokyo)
    berlin = stocked.person_of(stocked.berlin)
    for url in (STOCK, f"{STOCK}?level=low", f"{STOCK}?q=SECRET"):
        text = berlin.get(url).content.decode()
        assert "JP-01" not in text
        assert ">SECRET<" not in text
    answer = berlin.get(f"{STOCK}?level=low&export=csv")
    assert b"JP-01" not in b"".join(answer.streaming_content)
    assert berlin.get(f"{STOCK}JP-01/SECRET/").status_code == 404
