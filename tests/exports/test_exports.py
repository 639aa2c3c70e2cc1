"""Lists as files in the background: the rows of the page, to who may see them, for a week."""

import csv
import io
import zipfile
from datetime import timedelta
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from omnichannel.accounts.models import User
from omnichannel.exports import actions, building
from omnichannel.exports.models import Export, ExportPiece
from omnichannel.jobs import runners
from omnichannel.jobs.models import Job
from omnichannel.locations.models import LocationAccess
from omnichannel.web import workbook
from omnichannel.web.models import ListChoice
from tests.people import person, signed_in

from .conftest import NEW

STOCK = "/store-operations/inventory/stock-on-hand/"
DE = f"{STOCK}?store=DE-01"


def download(client, export):
    return client.get(reverse("exports:download", args=[export.uuid]))


def content(answer) -> bytes:
    assert answer.status_code == 200, answer.content[:400]
    return b"".join(answer.streaming_content)


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode())))


def sheet_of(data: bytes) -> list[list[str]]:
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [
        ["".join(cell.itertext()) for cell in row.findall("x:c", space)]
        for row in tree.iterfind(".//x:row", space)
    ]


# ------------------------------------------------------------------ the file
def test_the_file_is_the_one_that_the_list_gives_at_once(mine, ask, done):
    export = done(ask(mine, DE))
    at_once = b"".join(mine.get(f"{DE}&export=csv").streaming_content)
    answer = download(mine, export)
    assert int(answer["Content-Length"]) == export.size == len(at_once)
    assert content(answer) == at_once
    assert (export.state, export.rows) == ("READY", 3)
    assert export.name.startswith("stock-on-hand_")
    assert export.name.endswith(".csv")


def test_a_workbook_has_the_same_cells(mine, ask, done):
    export = done(ask(mine, DE, format="xlsx"))
    header, *rows = sheet_of(content(download(mine, export)))
    wanted = rows_of(b"".join(mine.get(f"{DE}&export=csv").streaming_content))
    assert header == list(wanted[0])
    assert [row[0] for row in rows] == [row["Product Name"] for row in wanted]
    assert export.rows == len(rows) == 3


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_list_without_rows_is_a_file_with_a_header(mine, ask, done, format):
    export = done(ask(mine, f"{DE}&product=none", format=format))
    assert (export.state, export.rows) == ("READY", 0)
    data = content(download(mine, export))
    header = sheet_of(data)[0] if format == "xlsx" else data.decode().strip().split(",")
    assert header[:2] == ["Product Name", "Product ID"]


def test_columns_are_those_of_the_moment_it_was_asked(mine, manager, ask, done):
    habit = ListChoice.objects.create(
        user=manager, page="inventory:stock-on-hand", columns="name.on_hand"
    )
    export = ask(mine, DE)
    habit.delete()
    done(export)
    assert list(rows_of(content(download(mine, export)))[0]) == ["Product Name", "On Hand"]


def test_all_columns_can_be_asked_for(mine, ask, done):
    export = done(ask(mine, f"{DE}&cols=name.on_hand", columns="all"))
    assert len(rows_of(content(download(mine, export)))[0]) == 11


def test_a_file_of_many_pieces_is_whole(mine, ask, done, monkeypatch):
    monkeypatch.setattr(building, "PIECE", 50)
    export = done(ask(mine, DE))
    assert ExportPiece.objects.filter(of=export).count() == -(-export.size // 50) > 3
    assert len(rows_of(content(download(mine, export)))) == 3


def test_a_file_that_would_be_too_large_fails_in_words(mine, ask, done, monkeypatch):
    monkeypatch.setattr(building, "MOST_BYTES", 10)
    monkeypatch.setattr("omnichannel.web.export.TOLD", 1)
    export = done(ask(mine, DE))
    assert export.state == "FAILED"
    assert "Filter more" in export.job.error
    assert not ExportPiece.objects.exists()


# ------------------------------------------------------------------ what is asked
def test_the_form_tells_what_will_be_in_the_file(mine):
    page = mine.get(NEW, {"list": DE}).content.decode()
    assert "Stock On Hand" in page
    assert "Store: Store DE-01" in page
    assert "3 rows" in page


def test_a_list_leads_to_its_form(mine):
    page = mine.get(DE).content.decode()
    assert f"{NEW}?list=%2Fstore-operations%2Finventory%2Fstock-on-hand%2F%3Fstore%3DDE-01" in page


def test_a_second_click_is_the_same_export(mine, ask):
    key = uuid4()
    first, second = ask(mine, DE, key=key), ask(mine, DE, key=key)
    assert first == second
    assert Job.objects.count() == Export.objects.count() == 1


def test_a_key_of_somebody_else_brings_nothing_of_his(mine, ask, world):
    export = ask(mine, DE)
    other = signed_in(person("operations", "Corporate Operations", document_scope="ALL_STORES"))
    ask(other, DE, key=export.uuid, status=409)
    assert Export.objects.get().owner_id == export.owner_id


def test_the_gate_of_the_list_holds_here_too(mine, ask):
    assert ask(mine, STOCK, status=409) is None
    assert Job.objects.count() == 0


def test_so_many_at_once_and_no_more(mine, ask):
    for _n in range(actions.MOST_OPEN):
        ask(mine, DE)
    assert ask(mine, DE, status=409) is None
    Job.objects.update(state="DONE")
    assert ask(mine, DE) is not None


@pytest.mark.parametrize(
    "address",
    ["", "stock", "//evil.example/x", "https://evil.example/", "/", "/nowhere/", "/jobs/", "/\x00",
     "/livez", "/tools/exports/new/", f"{STOCK}DE-01/NOPE/", "/x" * 9_000],
)  # fmt: skip
def test_what_is_no_list_is_not_exported(mine, ask, address):
    words = {"list": address, "key": uuid4(), "format": "csv", "columns": "shown"}
    assert mine.get(NEW, {"list": address}).status_code in (400, 404)
    assert mine.post(NEW, words).status_code in (400, 404)
    assert Export.objects.count() == 0


def test_a_list_that_is_not_ones_own_to_see_is_403(mine, ask):
    ask(mine, "/tools/event-stream/", status=403)


@pytest.mark.parametrize("words", [{"format": "exe"}, {"columns": "none"}, {"key": "k"}])
def test_nonsense_in_the_form_is_refused(mine, ask, words):
    told = {"list": DE, "key": uuid4(), "format": "csv", "columns": "shown", **words}
    assert mine.post(NEW, told).status_code == 400
    assert Export.objects.count() == 0


def test_a_large_workbook_is_not_waited_for(mine, monkeypatch):
    monkeypatch.setattr("omnichannel.web.lists.MOST_AT_ONCE", 2)
    refused = mine.get(f"{DE}&export=xlsx")
    assert refused.status_code == 409
    assert "made in the background" in refused.content.decode()
    assert f"{NEW}?list=" in refused.content.decode()
    monkeypatch.setattr("omnichannel.web.lists.MOST_AT_ONCE", 3)
    allowed = mine.get(f"{DE}&export=xlsx")
    assert (allowed.status_code, allowed["Content-Type"]) == (200, workbook.TYPE)
    allowed.close()


# ------------------------------------------------------------------ whose it is
def test_the_worker_sees_what_its_owner_may_see_when_it_runs(mine, manager, ask, done, world):
    export = ask(mine, f"{STOCK}?store=DE-01&store=JP-01&on_hand_min=0")
    LocationAccess.objects.create(user=manager, location=world.tokyo)
    LocationAccess.objects.filter(location=world.berlin).delete()
    rows = rows_of(content(download(mine, done(export))))
    assert {row["Fulfillment Location"] for row in rows} == {"JP-01"}


@pytest.mark.parametrize("change", [{"is_active": False}, {"groups": []}])
def test_who_lost_the_page_meanwhile_gets_no_file(mine, manager, ask, done, change):
    export = ask(mine, DE)
    if "groups" in change:
        manager.groups.clear()
    else:
        User.objects.filter(pk=manager.pk).update(**change)
    assert done(export).state == "FAILED"
    assert not ExportPiece.objects.exists()


def test_a_store_taken_away_closes_the_file_and_given_back_opens_it(
    mine, manager, ask, done, world
):
    export = done(ask(mine, DE))
    given = LocationAccess.objects.get(user=manager)
    LocationAccess.objects.all().delete()
    refused = download(mine, export)
    assert refused.status_code == 409
    assert "has changed" in refused.content.decode()
    given.save(force_insert=True)
    assert download(mine, export).status_code == 200


def test_a_wider_scope_closes_nothing(mine, manager, ask, done):
    export = done(ask(mine, DE))
    User.objects.filter(pk=manager.pk).update(stock_scope="ALL_STORES", document_scope="ALL_STORES")
    assert download(mine, export).status_code == 200


def test_a_right_taken_away_closes_the_file(mine, manager, ask, done):
    export = done(ask(mine, DE))
    manager.groups.clear()
    # Who is given another role signs in again.
    assert download(signed_in(manager), export).status_code == 403


def test_others_see_nothing_and_who_views_tools_only_that_it_was(mine, ask, done, world):
    export = done(ask(mine, DE))
    colleague = signed_in(person("colleague", "Store Manager", stores=(world.berlin,)))
    operations = signed_in(person("operations", "Corporate Operations"))
    page = reverse("exports:detail", args=[export.uuid])
    assert [c.get(page).status_code for c in (colleague, operations)] == [404, 200]
    assert download(colleague, export).status_code == 404
    assert download(operations, export).status_code == 403
    assert export.name not in colleague.get("/tools/exports/").content.decode()
    assert export.name in operations.get("/tools/exports/").content.decode()
    assert "download/" not in operations.get(page).content.decode()


# ------------------------------------------------------------------ for how long
def test_after_its_week_the_file_is_gone_and_after_a_month_the_row(mine, ask, done):
    export = done(ask(mine, DE))
    assert export.expires_at - export.ready_at == timedelta(days=7)
    Export.objects.update(expires_at=Now())
    refused = download(mine, export)
    assert refused.status_code == 410
    assert "Export again" in refused.content.decode()
    assert "Expired" in mine.get("/tools/exports/").content.decode()
    actions.forget_the_past()
    assert (ExportPiece.objects.count(), Export.objects.count()) == (0, 1)
    Export.objects.update(requested_at=Now() - timedelta(days=31))
    actions.forget_the_past()
    assert Export.objects.count() == 0


def test_a_file_that_is_not_ready_is_not_handed_out(mine, ask):
    assert download(mine, ask(mine, DE)).status_code == 410


def test_the_tray_offers_the_file(mine, ask, done):
    export = done(ask(mine, DE))
    assert reverse("exports:download", args=[export.uuid]) in mine.get("/jobs/").content.decode()


# ------------------------------------------------------------------ workers that die
def test_a_worker_that_dies_before_its_end_leaves_nothing_and_the_next_makes_one_file(
    mine, ask, done, monkeypatch
):
    monkeypatch.setattr(building, "PIECE", 100)
    export, keep = ask(mine, DE), building.keep

    def half(of, file) -> None:
        ExportPiece.objects.create(of=of, number=1, data=b"half a file")
        raise ConnectionError

    monkeypatch.setattr(building, "keep", half)
    assert done(export).state == "QUEUED"
    assert not ExportPiece.objects.exists()
    monkeypatch.setattr(building, "keep", keep)
    Job.objects.update(due_at=Now())
    assert done(export).state == "READY"
    assert len(rows_of(content(download(mine, export)))) == 3


def test_a_file_that_is_there_is_not_made_again(mine, ask, done):
    export = done(ask(mine, DE))
    Job.objects.update(state="QUEUED", due_at=Now())
    again = done(export)
    assert (again.ready_at, again.job.state) == (export.ready_at, "DONE")


def test_a_worker_that_is_too_late_adds_nothing(mine, ask, done, monkeypatch):
    export, write = ask(mine, DE), building.write

    def overtaken(*args) -> int:
        number = write(*args)
        monkeypatch.setattr(building, "write", write)
        Job.objects.update(lease_until="2020-01-01T00:00Z")
        assert runners.work() == 1
        return number

    monkeypatch.setattr(building, "write", overtaken)
    first = done(export)
    assert (first.state, first.job.lease) == ("READY", 2)
    assert len(rows_of(content(download(mine, export)))) == 3


def test_cancelled_it_makes_no_file(mine, ask, done):
    export = ask(mine, DE)
    mine.post(reverse("jobs:cancel", args=[export.job.uuid]))
    assert done(export).state == "CANCELLED"
    assert download(mine, export).status_code == 410
