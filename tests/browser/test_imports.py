"""A file on its way in, seen in a browser: progress that moves by itself, on a phone and without scripts."""

import pytest
from playwright.sync_api import expect

from omnichannel.catalog.models import Product
from omnichannel.imports.models import Import
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job
from omnichannel.jobs.runners import work
from tests.browser.looks import LOOKS, amiss_on, dressed
from tests.imports.files import imported, product, products, uploaded, zipped

pytestmark = pytest.mark.browser
LIST, NEW = "/tools/imports/", "/tools/imports/new/products/"
CSV = "product_id,variant_group_id,title\nN-1,G,Mütze\nN-2,G,Schal „warm“\n".encode()


@pytest.fixture(autouse=True)
def no_broker(monkeypatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


def choose(page, data: bytes = CSV, name: str = "new.csv") -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/tools/imports/*-*/")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_file_is_checked_and_written_and_the_page_follows_by_itself(visit, width):
    page, watch = visit("admin", LIST)
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("link", name="Import a file").click()
    choose(page)
    page.evaluate("window.same = true")
    expect(page.locator("#import-live")).to_contain_text("as soon as a worker is free")
    work()
    page.get_by_role("button", name="Import now").click()
    expect(page.locator("#import-live")).to_contain_text("as soon as a worker is free")
    page.evaluate("window.same = true")
    work()
    expect(page.locator("#import-live")).to_contain_text("Finished")
    expect(page.locator("#announcer")).to_have_text("Finished")
    assert page.evaluate("window.same")
    assert Product.objects.filter(product_id__startswith="N-").count() == 2
    assert watch.faults == []


def test_progress_moves_while_one_looks(visit):
    page, watch = visit("admin", NEW)
    choose(page)
    Import.objects.update(state="PROCESSING", rows=24_000)
    for done in (1_200, 9_000):
        Job.objects.update(state="RUNNING", done=done, total=24_000)
        expect(page.locator("#import-live")).to_contain_text(f"{done:,} of 24,000 rows")
        expect(page.locator("#import-live progress")).to_have_js_property("value", done)
    page.get_by_role("button", name="End this import").click()
    expect(page.locator("#import-live")).to_contain_text("Ended by admin.")
    expect(page.locator("[data-live]")).to_have_count(0)
    assert watch.faults == []


def test_without_scripts_a_link_shows_how_far_it_is(visit):
    page, _watch = visit("admin", NEW, java_script_enabled=False)
    choose(page)
    Import.objects.update(state="PROCESSING")
    Job.objects.update(state="RUNNING", done=1_200, total=24_000)
    page.get_by_role("link", name="Show how far it is now").click()
    assert "1,200 of 24,000 rows" in page.locator("#import-live").inner_text()
    Job.objects.update(state="QUEUED", lease_until=None)
    work()
    page.get_by_role("link", name="Show how far it is now").click()
    page.get_by_role("button", name="Import now").click()
    work()
    page.reload()
    assert "Finished" in page.locator("#import-live").inner_text()
    assert Product.objects.filter(product_id__startswith="N-").count() == 2


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(visit, theme, width):
    bad = products(product("P-1"), product("", "x" * 300), product("Ü" * 90, sku=7))
    partly = imported(zipped(products=bad), name="A-name-that-never-ends-" * 8)
    waiting = uploaded(products(product("P-1", caption="x")), name="new.json")
    Import.objects.filter(pk=waiting.pk).update(state="PROCESSING", completed_at=None)
    Job.objects.update(state="RUNNING", done=3, total=9)
    page, watch = dressed(visit, theme, width)
    listed = [
        LIST,
        NEW,
        "/tools/imports/new/prices/",
        *(f"{LIST}{one.uuid}/" for one in (partly, waiting)),
    ]
    assert amiss_on(page, listed) == {}
    assert watch.faults == []
