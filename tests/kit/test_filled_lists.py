"""Every list page over a shop that fills several pages of each."""

import html
import re

import pytest

from tests.keeping import kept
from tests.people import person, signed_in

from .conftest import World
from .every_list import GATED, LISTS, NARROW, SORTS, VIEWS, S, exported, link, rows_of
from .filling import fill


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """The tests only read, so the shop is made once: that takes longer than all of them."""
    with django_db_blocker.unblock(), kept():
        fill(World())
        yield person("operations", "Corporate Operations", document_scope="ALL_STORES")


@pytest.fixture
def client(filled, db):
    """Sees all stores and all documents."""
    return signed_in(filled)


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize(("name", "column"), SORTS)
def test_paging_forwards_and_back_shows_every_row_once_in_order(client, name, column, direction):
    url = f"{LISTS[name]}?rows=25&sort={direction}{column}&{NARROW.get(name, '')}"
    response = client.get(url)
    seen, pages = [], 1
    assert "is not offered" not in response.content.decode()
    while True:
        seen.append(rows_of(response))
        following = link(response, "next")
        if not following:
            break
        response = client.get(LISTS[name] + following)
        pages += 1
        assert pages < 20
    every = [row for page in seen for row in page]
    assert len(every) == len(set(every))
    total = VIEWS[name].table.model._base_manager.count()
    assert len(every) <= total
    for page in reversed(seen[:-1]):
        response = client.get(LISTS[name] + link(response, "prev"))
        assert rows_of(response) == page
    assert link(response, "prev") is None


def test_a_sort_by_text_ignores_case_and_accents(client):
    names = [
        re.search(r'c-name">(?:<input[^>]*>)?(?:<a[^>]*>)?([^<]*)', row)[1]
        for row in rows_of(client.get("/catalog/products/?sort=name&rows=100"))
    ]
    assert names[:11] == ["apple"] * len(names[:10]) + names[10:11]
    middle = [n for n in names if n not in {"apple", "Zebra"}]
    assert set(middle) == {"Éclair", "eclair"}
    assert names.index("Zebra") > max(names.index("Éclair"), names.index("eclair"))


def test_the_last_page_is_reached_at_once(client):
    last = client.get("/catalog/products/?rows=25&at=last")
    assert len(rows_of(last)) == 25
    assert link(last, "next") is None
    assert "P-40" in rows_of(last)[-1]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "words",
    [
        "after=garbage", "after=W10", "before=bnVsbA", "after=WyJ4IiwieCIsIngiXQ", "sort=nonsense",
        "sort=--", "rows=7", "rows=99999999999999999999", "cols=nope", "unheard=of", "from=-3",
        "from=99999999999999999999", "at=nowhere", "after=%F0%9F%92%A9", "count=never",
        "after=W1tbW1tbW1tbW1tbW1tbXV1dXV1dXV1dXV1dXV0",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_ignored_and_never_an_error(client, name, words):
    assert client.get(f"{LISTS[name]}?{words}").status_code == 200


@pytest.mark.parametrize(
    ("words", "notice"),
    [
        ("unheard=of", "is no filter of this list"),
        ("sort=nonsense", "is not offered here"),
        ("after=garbage", "position in this address"),
        ("rows=7", "A page has 25, 50, 100 rows"),
        ("cols=nope", "no column"),
        ("store=NOWHERE", "is ignored"),
        ("on_hand_min=many", "This filter is ignored"),
        ("level=strange", "is ignored"),
    ],
)
def test_what_is_ignored_is_said(client, words, notice):
    assert notice in client.get(f"{S}/stock-on-hand/?{words}").content.decode()


def test_a_wrong_date_is_ignored_and_said(client):
    page = client.get(f"{S}/transactions/?completed_after=yesterday&type=SHIPMENT")
    assert "This filter is ignored" in page.content.decode()
    assert rows_of(page)


def test_one_bad_filter_does_not_drop_another(client):
    page = client.get(f"{S}/stock-on-hand/?store=NOWHERE&level=negative")
    assert all("qty-neg" in row for row in rows_of(page))


def test_changing_one_word_keeps_the_others_and_drops_the_position(client):
    page = client.get(f"{S}/stock-on-hand/?store=DE-01&sort=size&rows=25&cols=name.size.on_hand")
    onward = client.get(f"{S}/stock-on-hand/" + link(page, "next")).content.decode()
    sorts = html.unescape(re.search(r'href="(\?[^"]*sort=-size[^"]*)"', onward)[1])
    assert {"store=DE-01", "rows=25"} <= set(sorts[1:].split("&"))
    assert "cols=name.size.on_hand" in sorts
    assert "after=" not in sorts
    assert "from=" not in sorts


@pytest.mark.parametrize("name", sorted(GATED))
def test_export_wants_a_filter_and_says_so(client, name):
    refused = client.get(f"{LISTS[name]}?export=csv")
    assert refused.status_code == 409
    assert "Set at least one filter" in refused.content.decode()
    page = client.get(LISTS[name]).content.decode()
    assert 'aria-disabled="true" aria-describedby="export-why"' in page


@pytest.mark.parametrize("name", sorted(set(LISTS) - GATED))
def test_other_lists_export_without_a_filter(client, name):
    assert exported(client, f"{LISTS[name]}?export=csv")


def test_the_file_is_exactly_the_filtered_rows(client):
    rows = exported(client, f"{S}/stock-on-hand/?store=JP-01&export=csv&sort=-name&after=x&rows=25")
    assert len(rows) == 21
    assert {row["Store Name"] for row in rows} == {"Store JP-01"}
    assert list(rows[0]) == [
        "Product Name", "Product ID", "SKU", "Size", "Color", "Price", "Store Name",
        "Fulfillment Location", "Stock Location", "On Hand", "Last Counted",
    ]  # fmt: skip
    assert {row["On Hand"] for row in rows} == {"7"}
    assert {row["Price"] for row in rows} == {"9.90", ""}


def test_negative_numbers_stay_numbers(client):
    rows = exported(client, f"{S}/stock-on-hand/?level=negative&export=csv")
    assert rows
    assert all(re.fullmatch(r"-\d+", row["On Hand"]) for row in rows)


def test_moments_are_iso_with_the_offset_of_the_store(client):
    rows = exported(client, f"{S}/transactions/?store=JP-01&export=csv")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00", rows[0]["Completed"])


def test_choices_and_headers_of_a_file_are_not_translated(client):
    rows = exported(client, f"{S}/transactions/?type=ADJUSTMENT&export=csv")
    assert {row["Type"] for row in rows} == {"Adjustment"}
    assert {row["Status"] for row in rows} == {"Completed"}
    assert rows[0]["Adjustment Reason"] == "Missing"


def test_hidden_columns_are_not_exported(client):
    rows = exported(client, "/catalog/products/?cols=product_id.size&export=csv")
    assert list(rows[0]) == ["Product ID", "Size"]


def test_no_other_format(client):
    assert client.get("/catalog/products/?export=exe").status_code == 400


def test_a_block_comes_without_the_page_and_counts_later(client):
    block = client.get(f"{S}/movements/?rows=25", headers={"HX-Request": "true"}).content.decode()
    assert block.lstrip().startswith('<div id="results"')
    assert "count=only" in block
    count = client.get(f"{S}/movements/?count=only").content.decode()
    assert 'id="total"' in count
    assert "hx-swap-oob" in count


def test_beyond_the_cap_a_total_is_a_plus(client, monkeypatch):
    monkeypatch.setattr("omnichannel.web.listing.CAP", 10)
    monkeypatch.setattr("omnichannel.web.lists.CAP", 10)
    assert "10+" in client.get("/catalog/products/?rows=25").content.decode()


def test_a_count_that_takes_too_long_is_many(client, monkeypatch):
    monkeypatch.setattr("omnichannel.web.listing.count_rows", lambda table, rows: None)
    monkeypatch.setattr("omnichannel.web.lists.count_rows", lambda table, rows: None)
    assert "many" in client.get("/catalog/products/?rows=25").content.decode()


def test_columns_stand_in_the_declared_order(client):
    (row, *_rest) = exported(client, f"{S}/movements/?type=ADJUSTMENT&export=csv")
    assert list(row)[:7] == [
        "Happened", "Type", "Reason", "Reference", "Product Name", "Product ID", "Store Name",
    ]  # fmt: skip
