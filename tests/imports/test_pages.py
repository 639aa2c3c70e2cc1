"""Tools > Imports: a file is checked, then written by who may, and everything wrong is told."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omnichannel.catalog.models import Price, Pricebook, Product
from omnichannel.imports import actions
from omnichannel.imports.models import Import
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job
from omnichannel.jobs.runners import work
from tests.people import person, signed_in

from .files import imported, product, products, zipped

LIST, NEW = "/tools/imports/", "/tools/imports/new/"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


@pytest.fixture
def admin(transactional_db: None) -> Client:
    return signed_in(person("admin", "Admin"))


def words(answer) -> str:
    """What a person reads."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>|<[^>]+>", "", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", text)


def sent(client: Client, data: bytes, name: str = "p.json", kind: str = "products", **more: str):
    return client.post(f"{NEW}{kind}/", {"file": SimpleUploadedFile(name, data), **more})


def checked(client: Client, data: bytes, name: str = "p.json", **more: str) -> str:
    """The page of a file that was checked."""
    answer = sent(client, data, name, **more)
    assert answer.status_code == 302, words(answer)
    work()
    return answer["Location"]


# ------------------------------------------------------------ from the file to the catalogue
def test_a_file_is_checked_and_written_when_one_says_so(admin):
    page = checked(admin, products(product("P-1", "Éclair <b>"), product("P-2")))
    told = words(admin.get(page))
    assert "Dry run: nothing is written" in told
    assert "2 new and 0 changed rows" in told
    assert not Product.objects.exists()
    assert admin.post(page, {"act": "write"})["Location"] == page
    assert "It begins as soon as a worker is free." in words(admin.get(page))
    work()
    told = words(admin.get(page))
    assert "Finished" in told
    assert "Import now" not in told
    assert Product.objects.count() == 2
    again = admin.post(page, {"act": "write"}, follow=True)
    assert "Only a file that was checked" in words(again)
    assert Job.objects.count() == 2


def test_a_file_that_changes_nothing_offers_nothing(admin):
    imported(zipped(products=products(product("P-1"))))
    told = words(admin.get(checked(admin, products(product("P-1")))))
    assert "nothing that differs" in told
    assert "Import now" not in told


def test_wrong_rows_are_told_with_file_row_column_cause_and_what_to_do(admin):
    data = b"product_id,variant_group_id,is_active\nP-1,G,yes\n,G,yes\nP-3,G,perhaps\n"
    page = checked(admin, data, "M\xfctzen =1.csv".encode().decode())
    told = words(admin.get(page))
    assert "2 wrong" in told
    assert "Import now" not in told
    answer = admin.get(f"{page}?errors=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    report = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [(row["Row"], row["Column"], row["ID"], row["Cause"]) for row in report] == [
        ("3", "product_id", "", "product_id is missing."),
        ("4", "is_active", "P-3", "is_active is neither true nor false."),
    ]
    assert {row["File"] for row in report} == {"Mützen =1.csv"}
    assert all(row["What To Do"] for row in report)
    assert not Product.objects.exists()


def test_a_report_holds_no_formula(admin):
    page = checked(admin, products({"product_id": "=cmd()", "variant_group_id": 7}), "=x.json")
    report = b"".join(admin.get(f"{page}?errors=csv")).decode()
    assert "'=cmd()" in report
    assert "\n=x" not in report
    assert "'=x.json" in report


def test_what_is_not_kept_here_is_told(admin):
    told = words(admin.get(checked(admin, products(product("P-1", caption="x")))))
    assert "left out: caption (1)" in told


def test_more_errors_than_are_kept_are_counted(admin, monkeypatch):
    monkeypatch.setattr("omnichannel.imports.staging.MOST_PROBLEMS", 5)
    told = words(admin.get(checked(admin, products(*[product("")] * 20))))
    assert "5 of 20 errors are told below" in told


def test_a_csv_of_prices_needs_its_pricebook(admin):
    Pricebook.objects.create(name="EUR", currency="EUR")
    Product.objects.create(product_id="P-1", name="x")
    data = b"product_id,value\nP-1,9.90\n"
    refused = sent(admin, data, "p.csv", "prices")
    assert (refused.status_code, "choose one" in words(refused)) == (400, True)
    assert sent(admin, data, "p.csv", "prices", pricebook="USD").status_code == 400
    assert not Import.objects.exists()
    page = checked(admin, data, "p.csv", kind="prices", pricebook="EUR")
    assert "Pricebook EUR" in words(admin.get(page))
    admin.post(page, {"act": "write"})
    work()
    assert str(Price.objects.get().value) == "9.90"


def test_a_zip_is_read_too(admin):
    page = checked(admin, zipped(products=products(product("P-1"))), "All.ZIP")
    assert "1 new" in words(admin.get(page))


# ------------------------------------------------------------ what is refused before it begins
@pytest.mark.parametrize(
    ("name", "words_of_it"),
    [
        ("p.xlsx", "ends with none of"),
        ("p", "ends with none of"),
        ("p.json.exe", "ends with none of"),
    ],
)
def test_a_file_of_another_kind_is_refused_beside_the_field(admin, name, words_of_it):
    answer = sent(admin, b"x", name)
    assert (answer.status_code, words_of_it in words(answer)) == (400, True)
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"address": "file:///etc/passwd.json"},
        {"address": "s3://bucket/p.json"},
        {"address": "https://10.0.0.1/p.json"},
        {"address": "https://localhost/p.json"},
        {"address": "http://example.org/p.json"},
        {"address": "https://example.org/p.html"},
        {"address": "https://example.org/" + "x" * 3_000},
        {"address": "https://example.org/p.json", "file": "both"},
    ],
)
def test_nothing_and_too_much_and_a_private_address_are_refused(admin, given):
    if "file" in given:
        given = given | {"file": SimpleUploadedFile("p.json", products())}
    answer = admin.post(f"{NEW}products/", given)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)
    assert (Import.objects.count(), Job.objects.count()) == (0, 0)


def test_an_empty_file_is_refused_in_words(admin):
    answer = sent(admin, b"")
    assert answer.status_code == 400
    assert not Import.objects.exists()


def test_an_address_is_kept_and_shown_without_what_is_often_a_key(admin):
    address = "https://files.example.org/a/p.json?signature=geheim"
    page = admin.post(f"{NEW}products/", {"address": address})["Location"]
    assert Import.objects.get().transformed_uri == address
    told = words(admin.get(page))
    assert "https://files.example.org/a/p.json" in told
    assert "geheim" not in told


# ------------------------------------------------------------ progress and ends
def test_progress_is_told_and_asked_for_again_while_it_runs(admin):
    page = sent(admin, products(product("P")))["Location"]
    assert "data-live" in admin.get(page).content.decode()
    Job.objects.update(state="RUNNING", done=1_200, total=24_000)
    Import.objects.update(state="PROCESSING")
    answer = admin.get(page)
    assert '<progress aria-label="Progress" value="1200" max="24000">' in answer.content.decode()
    assert "1,200 of 24,000 rows" in words(answer)
    Job.objects.update(state="FAILED", error="ValueError: the disk is full")
    answer = admin.get(page)
    assert re.search(r"data-live[ >](?!said)", answer.content.decode()) is None
    assert "the disk is full" in words(answer)


def test_an_import_is_ended_by_hand_and_its_job_with_it(admin):
    page = sent(admin, products(product("P")))["Location"]
    admin.post(page, {"act": "end"})
    work()
    import_ = Import.objects.get()
    assert (import_.state, import_.reason) == ("FAILED", "Ended by admin.")
    assert Job.objects.get().state == "CANCELLED"
    assert "This import has ended." in words(admin.post(page, {"act": "end"}, follow=True))
    assert "no such act" in words(admin.post(page, {"act": "burn"}, follow=True))


def test_a_file_is_kept_for_a_day_and_then_chosen_again(admin):
    page = checked(admin, products(product("P")))
    Import.objects.update(completed_at="2020-01-01T00:00Z")
    actions.forget_the_past()
    assert "choose it again" in words(admin.post(page, {"act": "write"}, follow=True))
    assert Import.objects.get().is_rehearsal
    assert Job.objects.count() == 1


def test_the_list_shows_how_far_each_is(admin):
    imported(zipped(products=products(product("P-1"), product(""))), name="Nightly")
    checked(admin, products(product("P-2")), "Frühling.json")
    told = words(admin.get(LIST))
    assert "Frühling.jsonproductsFinishedYes11100" in told
    assert "NightlyproductsPartially failedNo22101" in told
    only = words(admin.get(f"{LIST}?which=errors"))
    assert ("Nightly" in only, "Frühling" in only) == (True, False)
    only = words(admin.get(f"{LIST}?which=checked&contents=products"))
    assert ("Nightly" in only, "Frühling" in only) == (False, True)
    assert "Frühling" not in words(admin.get(f"{LIST}?contents=prices"))


# ------------------------------------------------------------ who may
def test_who_may_view_tools_sees_and_who_may_not_write_does_not_act(admin):
    page = checked(admin, products(product("P-1")))
    viewer = signed_in(person("viewer", "Corporate Operations"))
    assert "Import a file" not in words(viewer.get(LIST))
    told = words(viewer.get(page))
    assert "P-1" not in told
    assert "Import now" not in told
    for act in ("write", "end"):
        assert viewer.post(page, {"act": act}).status_code == 403
    assert viewer.get(NEW).status_code == 403
    assert sent(viewer, products(product("P-2"))).status_code == 403
    work()
    assert not Product.objects.exists()
    assert Import.objects.count() == 1


def test_the_list_leads_to_each_import(db, client):
    found = imported(zipped(products=products(product("P-1"))))
    page = client.get("/tools/imports/").content.decode()
    assert f'href="/tools/imports/{found.uuid}/"' in page
