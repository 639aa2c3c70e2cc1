"""Counts at the desk: who sees and decides what, and what a page says before and after."""

import html
import re
from datetime import date, timedelta

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from counts.actions.zones import met_zone
from counts.models import Count, CountBatch
from inventory.models import StockOnHand
from omnichannel.catalog.models import ScanIdentifier
from omnichannel.jobs import runners
from tests.kit.every_list import exported, link, rows_of
from tests.people import person, signed_in

LIST = "/store-operations/inventory/count-tasks/"


def page_of(count: Count, sub: str = "") -> str:
    return f"{LIST}{count.uuid}/{sub}"


def text_of(response) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return html.unescape(re.sub(r"\s+", " ", text))


@pytest.fixture
def client(floor):
    return signed_in(floor.manager)


def typed(floor, *products: str, **more) -> dict:
    return {
        "act": "create",
        "key": "one-form",
        "type": "CYCLE",
        "store": ["DE-01", "DE-02"],
        "shelf": "main",
        "due": "2030-03-01",
        "products": "\n".join(products),
        **more,
    }


def ids_of(response) -> list[str]:
    return [re.search(r'<a href="[^"]*">([^<]*)</a>', row)[1] for row in rows_of(response)]


# ------------------------------------------------------------ the list
def test_the_list_has_the_documented_columns_and_says_what_is_overdue(floor, client):
    today = timezone.now().date()
    floor.create("CYCLE", 0, name="Late", due_date=today - timedelta(days=3))
    floor.create("CYCLE", 0, name="Soon", due_date=today + timedelta(days=3))
    over = floor.create("CYCLE", 0, name="Over", due_date=today - timedelta(days=9))
    client.post(page_of(over, "cancel/"))
    (row,) = exported(client, f"{LIST}?state=overdue&export=csv")
    assert row == {
        "Name": "Late",
        "Due Date": str(today - timedelta(days=3)),
        "Type": "Cycle Count",
        "Store": "DE-01",
        "Stock Location": floor.main.display_name,
        "Status": "Pending",
    }
    told = text_of(client.get(LIST))
    assert told.count("days overdue") == 1
    assert "Store DE-01 DE-01" in told


def test_several_are_cancelled_with_a_result_for_each(floor, client):
    mine, ended = floor.create("CYCLE", 0, name="Mine"), floor.create("CYCLE", 1, name="Ended")
    foreign = floor.create("CYCLE", 0, name="Foreign", location_ids=[floor.erp.pk])
    client.post(page_of(ended, "cancel/"))
    asked = client.post(LIST, {"act": "cancel", "row": [mine.uuid, ended.uuid, foreign.uuid]})
    assert "Yes, proceed" in text_of(asked)
    assert Count.objects.get(pk=mine.pk).status == "PENDING"
    words = {"act": "confirm", "count": [mine.uuid, ended.uuid, foreign.uuid, "nonsense"]}
    told = text_of(client.post(f"{LIST}cancel/", words))
    assert "1 of 2 are done" in told
    assert "Foreign" not in told
    assert list(Count.objects.order_by("pk").values_list("status", flat=True)) == [
        "CANCELLED",
        "CANCELLED",
        "PENDING",
    ]


# ------------------------------------------------------------ create
def test_every_bad_id_is_named_and_what_was_typed_is_kept(floor, client):
    bad = [f"NOPE-{n}" for n in range(25)]
    answer = client.post(f"{LIST}new/", typed(floor, "P0", " p1 ", "P2", "P2", "=1+1", *bad))
    told = text_of(answer)
    assert answer.status_code == 409
    for text in ("p1", "=1+1", "P2", *bad):
        assert text in told
    assert "P0 p1 P2 P2 =1+1 NOPE-0" in told
    assert not Count.objects.exists()


def test_one_count_for_each_store_and_one_form_creates_once(floor, client):
    for _again in range(2):
        answer = client.post(f"{LIST}new/", typed(floor, "P0", "P1", name="Spring"))
        batch = CountBatch.objects.get()
        assert answer.headers["Location"] == f"{LIST}batches/{batch.uuid}/"
    assert Count.objects.filter(name="Spring", due_date=date(2030, 3, 1)).count() == 2
    assert len(rows_of(client.get(answer.headers["Location"]))) == 2
    own = signed_in(person("two", "Store Manager", stores=(floor.other,)))
    assert len(rows_of(own.get(answer.headers["Location"]))) == 1


def test_a_full_count_is_refused_for_every_store_that_cannot_have_one(floor):
    boss = signed_in(person("boss", "Store Manager", document_scope="ALL_STORES"))
    floor.active()
    asked = typed(floor, type="FULL", store=["DE-01", "DE-02", "ERP-1"])
    told = text_of(boss.post(f"{LIST}new/", asked))
    assert "kept by the ERP; a full count cannot set it: ERP-1" in told
    assert "A full count is active in these stores already: DE-01" in told
    assert Count.objects.count() == 1


def test_scanning_and_a_file_add_lines_and_create_nothing(floor, client):
    ScanIdentifier.objects.get_or_create(kind="product_id", defaults={"position": 1})
    answer = client.post(f"{LIST}new/", typed(floor, "P0", act="add", code="P3"))
    assert "P0 P3" in text_of(answer)
    file = ("products.csv", b"\xef\xbb\xbfproduct_id,quantity\nP1,3\nP2,1\n")
    with_file = typed(floor, "P0", file=SimpleUploadedFile(*file))
    assert "P0 P1 P2" in text_of(client.post(f"{LIST}new/", with_file))
    assert not Count.objects.exists()


def test_a_store_of_somebody_else_and_an_unreadable_day_are_refused(floor, client):
    for words in ({"store": ["ERP-1"]}, {"due": "soon"}, {"shelf": "_in_transit"}, {"type": "X"}):
        answer = client.post(f"{LIST}new/", typed(floor, "P0", **words))
        assert answer.status_code == 400
    assert not Count.objects.exists()


# ------------------------------------------------------------ activate
def test_activation_shows_what_is_open_and_then_the_lines(floor, client):
    floor.post((0, 5), (1, 3))
    floor.create("CYCLE", 0)
    count = floor.create(due_date=timezone.now().date() + timedelta(days=2))
    other = floor.create(name="Second")
    before = text_of(client.get(page_of(count)))
    assert "Full Count Not Active" in before
    assert "P0" not in before
    asked = text_of(client.get(page_of(count, "activate/")))
    assert "1 cycle count of this stock location is open" in asked
    assert "another day" in asked
    assert client.post(page_of(count, "activate/")).status_code == 302
    assert "data-live" in client.get(page_of(count)).content.decode()
    runners.work()
    page = client.get(page_of(count))
    assert ids_of(page) == ["P0", "P1"]
    assert "data-live=" not in page.content.decode()
    told = text_of(client.post(page_of(other, "activate/")))
    assert f"full count {count.name} is active" in told


def test_a_phone_only_person_and_a_foreign_store_open_nothing(floor, client):
    count = floor.create("CYCLE", 0, location_ids=[floor.erp.pk])
    for sub in ("", "progress/", "activate/", "complete/", "cancel/", "products/P0/"):
        assert client.get(page_of(count, sub)).status_code == 404
        assert signed_in(floor.ann).get(page_of(count, sub)).status_code == 403


# ------------------------------------------------------------ the lines
def test_a_line_shows_what_moved_its_zones_its_band_and_its_mark(floor, client):
    floor.post((0, 10), (1, 4), (2, 7))
    count = floor.active()
    floor.zone(count, "Zone 10", (0, 4), (1, 4))
    floor.post((0, -1))
    floor.zone(count, "Zone 9", (0, 4))
    rows = dict(zip(("P0", "P1", "P2"), rows_of(client.get(page_of(count))), strict=True))
    cells = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()
        for cell in re.findall(r"<td.*?</td>", rows["P0"], re.S)
    ]
    assert cells[2:6] == ["Zone 10, Zone 9", "10", "−1", "8"]
    assert cells[6].startswith("−1")
    assert "Ambiguous" in cells[8]
    asked = [page_of(count, f"?show={show}") for show in ("ambiguous", "uncounted", "differing")]
    assert [ids_of(client.get(url)) for url in asked] == [["P0"], ["P2"], ["P0", "P2"]]
    told = text_of(client.get(page_of(count, "products/P0/")))
    assert "Zone 9 4" in told
    assert "Open the product in the catalog" in told


def test_lines_are_paged_both_ways_and_sorted_by_the_size_of_the_variance(floor, client):
    products = [floor.product(f"Q{n:03}").pk for n in range(120)]
    StockOnHand.objects.bulk_create(
        StockOnHand(location=floor.store, stock_location=floor.main, product_id=pk, quantity=n % 7)
        for n, pk in enumerate(products)
    )
    count = floor.active()
    for words in ("", "?show=uncounted", "?sort=units", "?sort=money"):
        seen, url = [], page_of(count, words)
        pages = []
        while url:
            page = client.get(url)
            pages.append(ids_of(page))
            seen += pages[-1]
            following = link(page, "next")
            url = page_of(count, following) if following else ""
        assert len(seen) == len(set(seen)) == 102
        for known in reversed(pages[:-1]):
            page = client.get(page_of(count, link(page, "prev")))
            assert ids_of(page) == known
        assert link(page, "prev") is None
    first = ids_of(client.get(page_of(count, "?sort=units")))[0]
    assert first == "Q006"


@pytest.mark.parametrize(
    "words",
    ["show=x&sort=y", "after=1_", "after=NaN_3", "before=9e99_1", "after=1_99999999999", "q=%00",
     "q=%25_\\", "after=💩"],
)  # fmt: skip
def test_nonsense_in_the_address_is_no_error(floor, client, words):
    floor.post((0, 5))
    count = floor.active()
    assert client.get(page_of(count, f"?{words}")).status_code in (200, 400)


def test_who_counts_blind_is_told_nothing_of_the_book(floor):
    floor.post((0, 4711))
    count = floor.active(is_blind=True)
    floor.zone(count, "Zone 1", (0, 3))
    viewer = signed_in(person("looks", "Viewer", stores=(floor.store,)))
    for sub in ("", "?show=differing", "?sort=money", "products/P0/", "progress/"):
        told = text_of(viewer.get(page_of(count, sub)))
        assert "4,711" not in told
        assert "4,708" not in told
        assert "Expected" not in told


# ------------------------------------------------------------ zones and paper
def test_zones_are_planned_counted_before_and_wanted_again(floor, client):
    floor.post((0, 9))
    count = floor.create()
    plan = {"act": "plan", "label": "Zone", "first": "1", "last": "12"}
    assert client.post(page_of(count, "zones/"), plan).status_code == 302
    bad = [{"first": "9", "last": "1"}, {"last": "1e9"}, {"label": "=1+1"}, {"act": "x"}]
    for words in bad:
        assert client.post(page_of(count, "zones/"), {**plan, **words}).status_code in (400, 409)
    assert count.zones.count() == 12
    floor.activate(count)
    floor.zone(count, "Zone 2", (0, 4))
    floor.zone(count, "Cellar", (0, 3))
    zone = count.zones.get(name="Zone 2")
    before = {"act": "precount", f"precounted-{zone.pk}": "5"}
    assert client.post(page_of(count, "zones/"), before).status_code == 302
    told = text_of(client.get(page_of(count, "zones/")))
    assert "11 zones were never scanned" in told
    assert "Cellar Not planned" in told
    assert re.search(r"Zone 2 Completed ann 1 4 −1", told)
    assert (
        client.post(page_of(count, "zones/"), {"act": "recount", "zone": "Zone 2"}).status_code
        == 302
    )
    wanted = count.recounts.get()
    withdraw = {"act": f"withdraw:{wanted.uuid}"}
    assert client.post(page_of(count, "zones/"), withdraw).status_code == 302
    assert client.post(page_of(count, "zones/"), withdraw).status_code == 409
    viewer = signed_in(person("looks", "Viewer", stores=(floor.store,)))
    assert viewer.post(page_of(count, "zones/"), plan).status_code == 409


def test_a_zone_sheet_has_six_codes_that_scanners_read(floor, client):
    count = floor.create()
    names = ["Zone 1", "Zone 2", "Zone 10", "Kühlraum ä/ö", "A", "B", "C"]
    for name in names:
        met_zone(count, name)
    page = client.get(page_of(count, "zones/sheet/")).content.decode()
    sheets = page.split('class="zsheet"')[1:]
    assert [sheet.count("<article") for sheet in sheets] == [6, 1]
    assert sorted(codes_of(page)) == sorted(names)
    one = client.get(page_of(count, "zones/sheet/?zone=Zone 10")).content.decode()
    assert codes_of(one) == ["Zone 10"]
    assert client.get(page_of(count, "zones/sheet/?zone=nothing")).status_code == 404


def codes_of(page: str) -> list[str]:
    """What a scanner reads from the drawings."""
    found = []
    for side, path in re.findall(
        r'viewBox="0 0 (\d+) \1" aria-hidden="true" focusable="false"><path d="([^"]+)" fill="#000"',
        page,
    ):
        image = Image.new("L", (int(side), int(side)), 255)
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", path):
            image.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
        large = image.resize((int(side) * 4, int(side) * 4))
        found.append(zxingcpp.read_barcode(large).text)
    return found


def test_the_printed_list_is_blind(floor, client):
    floor.post((0, 4711))
    count = floor.create("CYCLE", 0, 1)
    told = text_of(client.get(page_of(count, "list/")))
    assert "P0 Product P0" in told
    assert "4,711" not in told
    assert "4711" not in told


# ------------------------------------------------------------ files
def test_the_three_files_have_the_documented_names(floor, client):
    floor.products[1].identifiers.create(type="EAN", value="4006381333931")
    floor.post((0, 30), (1, 2))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 10))
    floor.zone(count, "Zone 138", (0, 9))
    floor.zone(count, "Zone 6", (0, 12))
    lines = exported(client, page_of(count, "export/lines/"))
    assert list(lines[0]) == [
        "Product ID", "EAN or UPC", "Product Name", "Size", "Color", "Price", "Counted Quantity",
        "On-hand Quantity", "Quantity Variance", "Monetary Variance", "Count Zone",
    ]  # fmt: skip
    assert lines[0]["Count Zone"] == "Zone 1 (10); Zone 6 (12); Zone 138 (9)"
    assert [lines[0][name] for name in list(lines[0])[5:10]] == ["9.90", "31", "30", "1", "9.90"]
    assert lines[1]["EAN or UPC"] == "4006381333931"
    assert [lines[1][name] for name in list(lines[1])[6:]] == ["0", "2", "-2", "-19.80", ""]
    totals = exported(client, page_of(count, "export/zone-totals/"))
    assert [tuple(row.values()) for row in totals] == [
        ("Zone 1", "10"),
        ("Zone 6", "12"),
        ("Zone 138", "9"),
    ]
    assert list(totals[0]) == ["Count Zone", "Counted Quantity"]
    assert len(exported(client, page_of(count, "export/by-zone/"))) == 3
    floor.answer(count, P1="LEAVE")
    floor.complete(count)
    done = exported(client, page_of(count, "export/lines/"))
    assert (done[0]["Quantity Variance"], done[1]["Quantity Variance"]) == ("1", "")
    assert client.get(page_of(count, "export/exe/")).status_code == 404


def test_a_file_of_a_blind_count_tells_who_counts_nothing_of_the_book(floor):
    floor.post((0, 4711))
    count = floor.active(is_blind=True)
    floor.zone(count, "Zone 1", (0, 3))
    viewer = signed_in(person("looks", "Viewer", stores=(floor.store,)))
    (row,) = exported(viewer, page_of(count, "export/lines/"))
    assert [
        row[name] for name in ("On-hand Quantity", "Quantity Variance", "Monetary Variance")
    ] == ["", "", ""]
    assert viewer.get(page_of(count, "figures/")).status_code == 404
    assert "4,711" not in text_of(viewer.get(page_of(count, "zones/")))


# ------------------------------------------------------------ figures, reversal, late movements
def test_figures_are_drawn_by_zone_and_by_value(floor, client):
    floor.post((0, 5), (1, 3), (2, 4))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 3), (1, 4))
    for _open_and_completed in range(2):
        told = text_of(client.get(page_of(count, "figures/")))
        assert "Variance by zone, in units" in told
        is_open = count.status == "IN_PROGRESS"
        assert f"Units over 1 Units under {'−2' if is_open else '−6'}" in told
        assert ("In no zone −4" in told) is not is_open
        assert ("Product P2 −€39.60" in told) is not is_open
        assert "Product P0 −€19.80" in told
        if is_open:
            floor.answer(count, P2="ZERO")
            floor.complete(count)


def test_a_reversal_previews_what_moved_since_and_happens_once(floor, client):
    floor.post((0, 5))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 3))
    floor.complete(count)
    floor.post((0, -1))
    asked = text_of(client.get(page_of(count, "reverse/")))
    assert "Product P0 P0 −2 −1 2 4" in asked
    assert client.post(page_of(count, "reverse/"), {"note": "wrong shelf"}).status_code == 302
    assert floor.held(0) == 4
    assert "This count was reversed" in text_of(client.get(page_of(count)))
    other = signed_in(person("other", "Store Manager", stores=(floor.store,)))
    assert other.post(page_of(count, "reverse/")).status_code == 409
    assert floor.held(0) == 4


def test_a_late_movement_is_shown_and_corrected_once(floor, client):
    floor.post((0, 5))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 4))
    floor.complete(count)
    assert floor.held(0) == 4
    floor.post((0, -1), at=count.started_at)
    assert "1 movement was recorded after the count" in text_of(client.get(page_of(count)))
    page = client.get(page_of(count, "late/")).content.decode()
    movement = re.search(r'name="movement" value="(\d+)"', page)[1]
    assert client.post(page_of(count, "late/"), {"movement": movement}).status_code == 302
    assert floor.held(0) == 4
    assert client.post(page_of(count, "late/"), {"movement": movement}).status_code == 409


# ------------------------------------------------------------ review
def test_the_review_preselects_nothing_and_answers_one_line_or_the_chosen_ones(floor, client):
    floor.post((0, 5), (1, 3), (2, 2), (3, 6))
    count = floor.active()
    floor.zone(count, "Zone 1", (3, 4))
    floor.post((3, -1))
    floor.zone(count, "Zone 2", (3, 1))
    page = client.get(page_of(count, "review/"))
    assert len(rows_of(page)) == 4
    assert " selected" not in re.sub(
        r'<select class="inp" name="show".*?</select>', "", page.content.decode()
    )
    assert "Set to 0 (−5)" in text_of(page)
    assert client.post(page_of(count, "review/"), {"act": "each"}).status_code == 409
    wrong = {"act": "each", "answer-P0": "ALREADY_COUNTED", "answer-P1": "LEAVE"}
    assert client.post(page_of(count, "review/"), wrong).status_code == 409
    assert not count.answers.exists()
    many = {"act": "many", "every": "ZERO", "row": ["P0", "P1", "no-such"]}
    assert client.post(page_of(count, "review/"), many).status_code == 302
    each = {"act": "each", "answer-P3": "NOT_YET_COUNTED", "answer-P2": "RECOUNT"}
    assert client.post(page_of(count, "review/"), each).status_code == 302
    assert sorted(count.answers.values_list("product__product_id", "choice")) == [
        ("P0", "ZERO"),
        ("P1", "ZERO"),
        ("P3", "NOT_YET_COUNTED"),
    ]
    left = client.get(page_of(count, "review/"))
    assert [re.search(r"<code>(.*?)</code>", row)[1] for row in rows_of(left)] == ["P2"]
    assert "Wanted recounts" in text_of(left)
    assert floor.held(0) == 5


def test_the_review_shows_a_recount_before_and_after_in_units_and_money(floor, client):
    floor.post((0, 5), (1, 3))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 5), (1, 1))
    floor.zone(count, "Zone 2", (0, 1))
    page = client.post(page_of(count, "products/P1/"))
    assert page.status_code == 302
    assert count.recounts.get().zone.name == "Zone 1"
    floor.zone(count, "Zone 1", (0, 4), (1, 3))
    told = text_of(client.get(page_of(count, "review/")))
    assert "Zone 1 6 7 2 +1 €9.90" in told
    assert "Zone 2 1" not in told


# ------------------------------------------------------------ complete
def test_completion_tells_its_figures_and_waits_for_answers(floor, client):
    floor.post((0, 5), (1, 3))
    count = floor.active()
    floor.zone(count, "Zone 1", (0, 4))
    asked = text_of(client.get(page_of(count, "complete/")))
    assert "1 line waits for an answer" in asked
    refused = client.post(page_of(count, "complete/"))
    assert refused.status_code == 409
    assert floor.held(0) == 5
    floor.answer(count, P1="ZERO")
    asked = text_of(client.get(page_of(count, "complete/")))
    assert "With variance 2" in asked
    assert "Value −€39.60" in asked
    assert client.post(page_of(count, "complete/")).status_code == 302
    assert (floor.held(0), floor.held(1)) == (4, 0)
    done = client.get(page_of(count))
    assert ids_of(done) == ["P0", "P1"]
    assert "complete/" not in done.content.decode()
    assert client.post(page_of(count, "cancel/")).status_code == 409


def test_each_act_needs_its_own_permission(floor):
    floor.post((0, 5))
    running, planned = floor.active(), floor.create(location_ids=[floor.other.pk])
    viewer = signed_in(person("looks", "Viewer", stores=(floor.store, floor.other)))
    for url in (
        page_of(planned, "activate/"),
        page_of(running, "complete/"),
        page_of(running, "cancel/"),
        f"{LIST}new/",
    ):
        assert viewer.get(url).status_code == viewer.post(url).status_code == 403
    shown = viewer.get(page_of(running)).content.decode()
    assert "complete/" not in shown
    assert "cancel/" not in shown
