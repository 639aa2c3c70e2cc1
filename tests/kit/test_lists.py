"""Every list page of the product, whatever room it lives in: derived from the URLconf."""

import html
import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from .conftest import naughty, payloads
from .every_list import LISTS, VIEWS, S, exported, link, rows_of


def test_every_list_page_is_tried_here():
    assert set(VIEWS) == set(LISTS)


def asked(captured: CaptureQueriesContext) -> list[str]:
    """The reads: not what bounds their time or lets the page go on after it."""
    around = ("SAVEPOINT", "RELEASE", "SET LOCAL")
    return [query["sql"] for query in captured if not query["sql"].startswith(around)]


@pytest.mark.parametrize("name", LISTS)
def test_query_counts_are_flat(client, world, name):
    product = world.product("P-00")
    world.post((product, 1))
    client.get(LISTS[name])
    with CaptureQueriesContext(connection) as one:
        client.get(LISTS[name])
    for n in range(1, 21):
        extra = world.product(f"P-{n:02}")
        world.post((extra, n), (product, 1))
    with CaptureQueriesContext(connection) as many:
        page = client.get(LISTS[name])
    assert page.status_code == 200
    assert len(many) == len(one)
    assert len(asked(one)) <= 16


# ------------------------------------------------------------------ export
@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Asia/Kolkata", "+05:30"), ("America/St_Johns", "-03:30"), ("UTC", "+00:00"), ("America/Los_Angeles", "-08:00"), ("Pacific/Marquesas", "-09:30")],
)  # fmt: skip
def test_offsets_of_every_kind(client, world, zone, offset):
    type(world.tokyo).objects.filter(pk=world.tokyo.pk).update(time_zone=zone)
    world.post(
        (world.product("P"), 1),
        where=world.tokyo,
        happened_at=datetime(2026, 1, 15, 12, tzinfo=UTC),
    )
    (row,) = exported(client, f"{S}/transactions/?store=JP-01&export=csv")
    assert row["Completed"].endswith(offset)
    assert datetime.fromisoformat(row["Completed"]) == datetime(2026, 1, 15, 12, tzinfo=UTC)


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula(client, world, text):
    world.product("P-1", text, sku=text)
    (row,) = exported(client, "/catalog/products/?export=csv")
    assert row["Product Name"] == f"'{text}"
    assert row["SKU"] == f"'{text}"


def test_control_without_the_guard_the_formula_is_there(client, world, monkeypatch):
    monkeypatch.setattr("omnichannel.web.columns.FORMULA_SAFE", "{0}")
    world.product("P-1", "=1+1")
    (row,) = exported(client, "/catalog/products/?export=csv")
    assert row["Product Name"] == "=1+1"


def test_naughty_names_survive_page_and_file(client, world):
    texts = [*naughty(), *payloads()]
    for n, text in enumerate(texts):
        world.product(f"N-{n:04}", text[:500])
    rows = exported(client, "/catalog/products/?export=csv")
    assert len(rows) == len(texts) > 400
    for row, text in zip(rows, texts, strict=True):
        found = row["Product Name"]
        assert found.removeprefix("'") in (text[:500], text[:500].removeprefix("'"))
        assert found[:1] not in "=+-@\t\r\n" or not found
    url, seen = "/catalog/products/?rows=100", []
    while url:
        page = client.get(url)
        body = page.content.decode()
        assert "<script>alert" not in body
        seen += [
            html.unescape(n)
            for n in re.findall(
                r'<td[^>]*class="c-name"><input[^>]*><a [^>]*>(.*?)</a></td>', body, re.S
            )
        ]
        following = link(page, "next")
        url = "/catalog/products/" + following if following else ""
    assert [normal(t) for t in seen] == [normal(t[:500]) for t in texts]


def normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_naughty_product_id_has_its_pages(client, world):
    for product_id in ["a/b", "a b", "ä?x=1", "100%", "#1", "..", "a//b", "<b>"]:
        product = world.product(product_id)
        world.post((product, 1))
    for page in (S + "/stock-on-hand/", "/catalog/products/"):
        body = client.get(page).content.decode()
        links = [
            html.unescape(href)
            for href in re.findall(r'<td[^>]*>(?:<input[^>]*>)?<a[^>]*href="(/[^"]+)"()', body)
            for href in href
            if href
        ]
        assert links
        for href in links:
            assert client.get(href).status_code == 200, href


# ------------------------------------------------------------------ search
@pytest.mark.parametrize("text", ["%", "_", "100%", "\\", "'", '"', "a%b"])
def test_a_search_is_literal(client, world, text):
    world.product("P-1", "plain")
    world.product("P-2", f"has {text} inside")
    page = client.get("/catalog/products/", {"q": text})
    assert len(rows_of(page)) == 1


def test_an_exact_code_means_that_product_alone(client, world):
    world.product("85123")
    world.product("85123A")
    world.product("X", "like 85123 too")
    assert len(rows_of(client.get("/catalog/products/?q=85123"))) == 1
    assert len(rows_of(client.get("/catalog/products/?q=8512"))) == 3


def test_an_identifier_is_found_like_a_code(client, world):
    product = world.product("P-1", "with a code")
    product.identifiers.create(type="ean", value="4006381333931")
    world.post((product, 1))
    assert len(rows_of(client.get("/catalog/products/?q=4006381333931"))) == 1
    assert len(rows_of(client.get(f"{S}/stock-on-hand/?q=4006381333931"))) == 1


def test_a_search_that_matches_more_than_an_array_holds(client, world, monkeypatch):
    monkeypatch.setattr("omnichannel.web.filters.MOST_IDS", 3)
    for n in range(6):
        product = world.product(f"P-{n}", "same")
        world.post((product, 1))
    assert len(rows_of(client.get(f"{S}/stock-on-hand/?q=same"))) == 6


# ------------------------------------------------------------------ time
def test_a_date_filter_means_the_days_of_each_rows_store(client, world):
    product = world.product("P")
    # 23:30 in Berlin on the 14th is already 07:30 on the 15th in Tokyo.
    moment = datetime(2026, 1, 14, 22, 30, tzinfo=UTC)
    world.post((product, 1), where=world.berlin, happened_at=moment)
    world.post((product, 1), where=world.tokyo, happened_at=moment)

    def stores(day):
        rows = exported(
            client, f"{S}/transactions/?completed_after={day}&completed_before={day}&export=csv"
        )
        return {row["Store"] for row in rows}

    assert stores("2026-01-14") == {"Store DE-01"}
    assert stores("2026-01-15") == {"Store JP-01"}
    assert stores("2026-01-13") == stores("2026-01-16") == set()


def test_the_page_shows_the_stores_own_clock(client, world):
    moment = datetime(2026, 1, 14, 22, 30, tzinfo=UTC)
    world.post((world.product("P"), 1), where=world.tokyo, happened_at=moment)
    assert "15 Jan 2026, 07:30" in client.get(f"{S}/transactions/").content.decode()


# ------------------------------------------------------------------ totals and blocks


def test_empty_lists_teach(client, world):
    nothing = client.get(f"{S}/stock-on-hand/").content.decode()
    assert "Nothing here yet" in nothing
    assert "first import, receipt or count" in nothing
    unmatched = client.get("/catalog/products/?q=zzzz").content.decode()
    assert "Nothing matches" in unmatched
    assert "Clear all filters" in unmatched
