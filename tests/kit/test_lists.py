"""Every list page of the product, whatever room it lives in: derived from the URLconf."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from asn.actions import Expected, create_asn
from counts.actions import create_counts
from fulfilment.models import Mispick
from inventory.models import CustomerReservation
from omnichannel.accounts.models import User
from omnichannel.eventstream.models import Attempt, Delivery, Event, Integration, LogEntry
from omnichannel.eventstream.names import INVENTORY
from omnichannel.exports.models import Export
from omnichannel.imports.models import Import
from omnichannel.locations.models import ReturnCondition
from omnichannel.web.lists import ListPage
from transfers.actions import Ordered, create_transfer_order

from .conftest import naughty, payloads

S = "/store-operations/inventory"
LISTS = {
    "inventory:stock-on-hand": f"{S}/stock-on-hand/",
    "inventory:stock-as-of": f"{S}/stock-on-hand/as-of/",
    "inventory:audit-trail": f"{S}/stock-on-hand/DE-01/P-00/",
    "inventory:transactions": f"{S}/transactions/",
    "inventory:movements": f"{S}/movements/",
    "asn:list": f"{S}/asns/",
    "asn:in-transit": f"{S}/in-transit/",
    "transfers:list": f"{S}/transfer-orders/",
    "counts:list": f"{S}/count-tasks/",
    "inventory:reservations": f"{S}/reservations/",
    "fulfilment:mispicks": f"{S}/mispicks/",
    "fulfilment:stock-levels": "/catalog/stock-levels/",
    "inventory:products": "/catalog/products/",
    "imports:list": "/tools/imports/",
    "exports:list": "/tools/exports/",
    "locations:list": "/settings/locations/",
    "locations:shelves": "/settings/stock-locations/",
    "locations:returns": "/settings/return-conditions/",
    "inventory:reasons": "/settings/adjustment-reasons/",
    "eventstream:integrations": "/tools/event-stream/",
    "eventstream:events": "/tools/event-stream/events/",
    "eventstream:attempts": "/tools/event-stream/attempts/",
    "eventstream:rejected": "/tools/event-stream/rejected/",
    "eventstream:log": "/tools/event-stream/log/",
}
GATED = {
    "inventory:stock-on-hand",
    "inventory:stock-as-of",
    "inventory:transactions",
    "inventory:movements",
    "asn:list",
}


def list_pages(patterns, namespace=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from list_pages(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if view and issubclass(view, ListPage):
                yield f"{namespace}{pattern.name}", view


VIEWS = dict(list_pages(get_resolver().url_patterns))
SORTS = [
    (name, column)
    for name, view in VIEWS.items()
    for column, declared in view.table.base_columns.items()
    if declared.orderable
]
# What narrows a list so that every sort is offered.
BOTH = "store=DE-01&store=JP-01"
NARROW = dict.fromkeys(
    (
        "inventory:stock-on-hand",
        "inventory:stock-as-of",
        "asn:list",
        "asn:in-transit",
        "transfers:list",
        "counts:list",
        "fulfilment:stock-levels",
    ),
    BOTH,
)


def test_every_list_page_is_tried_here():
    assert set(VIEWS) == set(LISTS)


@pytest.fixture
def filled(world):
    """41 products, many alike in name, size and colour, some without; sold, lost and found."""
    products = [
        world.product(
            f"P-{n:02}",
            ["Éclair", "eclair", "Zebra", "apple"][n % 4],
            sku=f"S{n % 7}" if n % 3 else "",
            size=["S", "M", "XL", ""][n % 4],
            color=["Red", ""][n % 2],
            variant_group=f"G{n % 5}",
        )
        for n in range(41)
    ]
    world.post(*((p, n - 5) for n, p in enumerate(products)))
    world.post(*((p, 7) for p in products[::2]), where=world.tokyo, reference="R-1")
    for n, product in enumerate(products):
        world.post((product, -1), type="ADJUSTMENT", reason_id=world.reason.pk, note=f"n{n}")
        world.post((products[0], n % 3 - 1), type="RETURN", reference=f"R-{n % 4}")
        Import.objects.create(origin="API", entities=["prices"], name=f"Prices {n}", provider="erp")
        announce(world, n, products)
        order(world, n, products)
    plan_counts(world)
    tell_the_stream(world)
    by = User.objects.create(username="who-exports")
    for n in range(41):
        ReturnCondition.objects.create(
            condition_code=n - 20, stock_location=world.shelves["damaged"]
        )
        type(world.reason).objects.create(
            type=f"T{n % 3}", subtype=f"R{n}", origin=world.shelves["main"]
        )
    promise(world, products)
    for n in range(41):
        Export.objects.create(
            owner=by, title=f"List {n % 3}", address="/", format="csv", name=f"{n}.csv"
        )
    return products


def promise(world, products):
    """Reservations and mispicks, many of one moment."""
    for n in range(41):
        moment = datetime(2026, 3, 1 + n % 4, 9, tzinfo=UTC)
        CustomerReservation.objects.create(
            external_id=f"R-{n:02}",
            customer_profile_id=f"C-{n % 5}",
            location=world.berlin,
            associate_id="a",
            status=CustomerReservation.Status.values[n % 5],
            created_at=moment,
            expires_at=moment,
            operation_key=f"promise-{n}",
        )
        Mispick.objects.create(
            kind=Mispick.Kind.values[n % 2],
            order_uuid=UUID(int=n % 7),
            item_uuid=UUID(int=n),
            location=world.berlin,
            product=products[n],
            associate_id="a",
            updated_at=moment,
        )


def plan_counts(world):
    """Counts of both stores, many of one day and of one name."""
    by = User.objects.create(username="who-counts")
    for n in range(41):
        create_counts(
            type=("CYCLE", "FULL")[n % 7 == 0],
            location_ids=[(world.berlin, world.tokyo)[n % 3 == 0].pk],
            stock_location_id=world.shelves[("main", "damaged")[n % 5 == 0]].pk,
            due_date=date(2026, 3, 1 + n % 4),
            by=by,
            key=f"count-{n}",
            product_ids=[] if n % 7 == 0 else ["P-01"],
            name=["", "Éclair", "eclair", "Zebra"][n % 4],
            external_id=f"C-{n}" if n % 2 else None,
        )


def tell_the_stream(world):
    """Events that one receiver of many rejected, with their tries and the log."""
    now = timezone.now()
    streams = [Integration.objects.create(name=f"erp-{n:02}") for n in range(30)]
    for n in range(41):
        event = Event.objects.create(
            name=INVENTORY[n % 8], entity_id=f"e{n}", published_at=now, body="{}"
        )
        delivery = Delivery.objects.create(
            event=event, integration=streams[n % 2], state="REJECTED", created_at=now
        )
        Attempt.objects.create(
            delivery=delivery, event=event, integration=streams[n % 2], attempted_at=now,
            status="FAILURE", code=400, response_time_ms=n, retries_remaining=10,
        )  # fmt: skip
        LogEntry.objects.create(integration=streams[n % 3], action="retry_triggered")


def announce(world, n: int, products) -> None:
    """Notices both ways, many of one moment."""
    ends = (world.berlin.pk, world.tokyo.pk)[:: -1 if n % 3 else 1]
    create_asn(
        origin_id=ends[0],
        destination_id=ends[1],
        shipped_at=datetime(2026, 3, 1 + n % 4, 9, tzinfo=UTC),
        lines=[Expected(p.pk, n % 5 + 1, f"C-{n}") for p in products[: n % 3 + 1]],
        source="API",
        number=f"{['N', 'n', 'é'][n % 3]}-{n}",
        order_ids=[f"O-{n % 7}", "O"],
        expected_date=date(2026, 3, 5 + n % 9) if n % 2 else None,
    )


def order(world, n: int, products) -> None:
    """Transfers both ways, many of one moment."""
    ends = (world.berlin.pk, world.tokyo.pk)[:: -1 if n % 3 else 1]
    # Set aside, units would not be where the others look for them.
    with override_settings(TRANSFERS_RESERVE=False):
        create_transfer_order(
            origin_id=ends[0],
            destination_id=ends[1],
            ordered_at=datetime(2026, 3, 1 + n % 4, 9, tzinfo=UTC),
            due_date=date(2026, 3, 5 + n % 9) if n % 2 else None,
            lines=[Ordered(p.pk, n % 5 + 1) for p in products[: n % 3 + 1]],
            source="API",
            external_ref=f"{['T', 't', 'é'][n % 3]}-{n}",
            key=f"transfer-{n}",
        )


def rows_of(response) -> list[str]:
    body = response.content.decode()
    return re.findall(r'<tr role="row"><td.*?</tr>', body, re.S)


def link(response, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.content.decode())
    return html.unescape(found[1]) if found else None


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize(("name", "column"), SORTS)
def test_paging_forwards_and_back_shows_every_row_once_in_order(
    client, filled, name, column, direction
):
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


def test_a_sort_by_text_ignores_case_and_accents(client, filled):
    names = [
        re.search(r'c-name">(?:<input[^>]*>)?(?:<a[^>]*>)?([^<]*)', row)[1]
        for row in rows_of(client.get("/catalog/products/?sort=name&rows=100"))
    ]
    assert names[:11] == ["apple"] * len(names[:10]) + names[10:11]
    middle = [n for n in names if n not in {"apple", "Zebra"}]
    assert set(middle) == {"Éclair", "eclair"}
    assert names.index("Zebra") > max(names.index("Éclair"), names.index("eclair"))


def test_the_last_page_is_reached_at_once(client, filled):
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
def test_nonsense_in_the_address_is_ignored_and_never_an_error(client, filled, name, words):
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
def test_what_is_ignored_is_said(client, filled, words, notice):
    assert notice in client.get(f"{S}/stock-on-hand/?{words}").content.decode()


def test_a_wrong_date_is_ignored_and_said(client, filled):
    page = client.get(f"{S}/transactions/?completed_after=yesterday&type=SHIPMENT")
    assert "This filter is ignored" in page.content.decode()
    assert rows_of(page)


def test_one_bad_filter_does_not_drop_another(client, filled):
    page = client.get(f"{S}/stock-on-hand/?store=NOWHERE&level=negative")
    assert all("qty-neg" in row for row in rows_of(page))


def test_changing_one_word_keeps_the_others_and_drops_the_position(client, filled):
    page = client.get(f"{S}/stock-on-hand/?store=DE-01&sort=size&rows=25&cols=name.size.on_hand")
    onward = client.get(f"{S}/stock-on-hand/" + link(page, "next")).content.decode()
    sorts = html.unescape(re.search(r'href="(\?[^"]*sort=-size[^"]*)"', onward)[1])
    assert {"store=DE-01", "rows=25"} <= set(sorts[1:].split("&"))
    assert "cols=name.size.on_hand" in sorts
    assert "after=" not in sorts
    assert "from=" not in sorts


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
def exported(client, url) -> list[dict[str, str]]:
    response = client.get(url)
    assert response.status_code == 200, response.content[:300]
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", sorted(GATED))
def test_export_wants_a_filter_and_says_so(client, filled, name):
    refused = client.get(f"{LISTS[name]}?export=csv")
    assert refused.status_code == 409
    assert "Set at least one filter" in refused.content.decode()
    page = client.get(LISTS[name]).content.decode()
    assert 'aria-disabled="true" aria-describedby="export-why"' in page


@pytest.mark.parametrize("name", sorted(set(LISTS) - GATED))
def test_other_lists_export_without_a_filter(client, filled, name):
    assert exported(client, f"{LISTS[name]}?export=csv")


def test_the_file_is_exactly_the_filtered_rows(client, filled, world):
    rows = exported(client, f"{S}/stock-on-hand/?store=JP-01&export=csv&sort=-name&after=x&rows=25")
    assert len(rows) == 21
    assert {row["Store Name"] for row in rows} == {"Store JP-01"}
    assert list(rows[0]) == [
        "Product Name", "Product ID", "SKU", "Size", "Color", "Price", "Store Name",
        "Fulfillment Location", "Stock Location", "On Hand", "Last Counted",
    ]  # fmt: skip
    assert {row["On Hand"] for row in rows} == {"7"}
    assert {row["Price"] for row in rows} == {"9.90", ""}


def test_negative_numbers_stay_numbers(client, filled):
    rows = exported(client, f"{S}/stock-on-hand/?level=negative&export=csv")
    assert rows
    assert all(re.fullmatch(r"-\d+", row["On Hand"]) for row in rows)


def test_moments_are_iso_with_the_offset_of_the_store(client, filled):
    rows = exported(client, f"{S}/transactions/?store=JP-01&export=csv")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00", rows[0]["Completed"])


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


def test_choices_and_headers_of_a_file_are_not_translated(client, filled):
    rows = exported(client, f"{S}/transactions/?type=ADJUSTMENT&export=csv")
    assert {row["Type"] for row in rows} == {"Adjustment"}
    assert {row["Status"] for row in rows} == {"Completed"}
    assert rows[0]["Adjustment Reason"] == "Missing"


def test_hidden_columns_are_not_exported(client, filled):
    rows = exported(client, "/catalog/products/?cols=product_id.size&export=csv")
    assert list(rows[0]) == ["Product ID", "Size"]


def test_no_other_format(client, filled):
    assert client.get("/catalog/products/?export=exe").status_code == 400


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
def test_a_block_comes_without_the_page_and_counts_later(client, filled):
    block = client.get(f"{S}/movements/?rows=25", headers={"HX-Request": "true"}).content.decode()
    assert block.lstrip().startswith('<div id="results"')
    assert "count=only" in block
    count = client.get(f"{S}/movements/?count=only").content.decode()
    assert 'id="total"' in count
    assert "hx-swap-oob" in count


def test_beyond_the_cap_a_total_is_a_plus(client, filled, monkeypatch):
    monkeypatch.setattr("omnichannel.web.listing.CAP", 10)
    monkeypatch.setattr("omnichannel.web.lists.CAP", 10)
    assert "10+" in client.get("/catalog/products/?rows=25").content.decode()


def test_a_count_that_takes_too_long_is_many(client, filled, monkeypatch):
    monkeypatch.setattr("omnichannel.web.listing.count_rows", lambda table, rows: None)
    monkeypatch.setattr("omnichannel.web.lists.count_rows", lambda table, rows: None)
    assert "many" in client.get("/catalog/products/?rows=25").content.decode()


def test_empty_lists_teach(client, world):
    nothing = client.get(f"{S}/stock-on-hand/").content.decode()
    assert "Nothing here yet" in nothing
    assert "first import, receipt or count" in nothing
    unmatched = client.get("/catalog/products/?q=zzzz").content.decode()
    assert "Nothing matches" in unmatched
    assert "Clear all filters" in unmatched


def test_columns_stand_in_the_declared_order(client, filled):
    (row, *_rest) = exported(client, f"{S}/movements/?type=ADJUSTMENT&export=csv")
    assert list(row)[:7] == [
        "Happened", "Type", "Reason", "Reference", "Product Name", "Product ID", "Store Name",
    ]  # fmt: skip
