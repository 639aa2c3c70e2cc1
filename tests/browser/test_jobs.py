"""The tray of jobs in a browser: progress that moves, cancel, retry, and the file at the end."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from omnichannel.accounts.models import User
from omnichannel.jobs import actions, lease
from omnichannel.jobs.models import Job
from tests.browser.looks import LOOKS, amiss, dressed

pytestmark = pytest.mark.browser
PAGE = "/catalog/products/"


@pytest.fixture
def job(world, monkeypatch):
    """job(key, **fields): a job of operations."""
    monkeypatch.setattr(actions.current_app, "send_task", lambda *a, **k: None, raising=False)
    owner = User.objects.get(username="operations")

    def make(key: str = "Export of stock", **fields: object) -> Job:
        with transaction.atomic():
            made = actions.start("test.work", params={}, owner=owner, key=key, label=key)
        Job.objects.filter(pk=made.pk).update(**fields)
        return made

    return make


def opened(page):
    """The tray, open."""
    page.locator("[data-jobs] summary").click()
    tray = page.locator("#jobs-tray")
    expect(tray.locator("[data-running]")).to_be_visible()
    return tray


def test_the_tray_follows_a_job_from_the_queue_to_its_file(visit, job):
    made = job()
    page, watch = visit("operations", PAGE)
    expect(page.locator("[data-jobs] .pip")).to_have_text("1")
    tray = opened(page)
    expect(tray).to_contain_text("Waiting")
    for done in (1_200, 9_000):
        Job.objects.update(state="RUNNING", done=done, total=24_000)
        expect(tray).to_contain_text(f"{done:,} of 24,000")
        expect(tray.locator("progress")).to_have_js_property("value", done)
    result = {"text": "24,000 rows", "download": "/static/img/icon.svg", "open": PAGE}
    Job.objects.update(state="DONE", done=24_000, result=result)
    expect(tray.get_by_role("link", name="Download")).to_have_attribute("href", result["download"])
    expect(page.locator("[data-jobs] .pip")).to_be_hidden()
    expect(page.locator("#announcer")).to_contain_text("Done")
    assert page.evaluate(f"fetch('{result['download']}').then((answer) => answer.status)") == 200
    assert page.locator(f"[data-job='{made.uuid}']").count() == 1
    assert watch.faults == []


def test_a_waiting_job_is_cancelled_and_asked_for_again(visit, job):
    made = job()
    page, watch = visit("operations", PAGE)
    tray = opened(page)
    tray.get_by_role("button", name="Cancel").click()
    expect(tray).to_contain_text("Cancelled")
    made.refresh_from_db()
    assert made.state == "CANCELLED"
    tray.get_by_role("button", name="Retry").click()
    expect(tray).to_contain_text("Waiting")
    assert page.evaluate("document.activeElement.textContent").strip() == "Cancel"
    made.refresh_from_db()
    assert made.state == "QUEUED"
    assert watch.faults == []


def test_a_running_job_ends_at_its_next_word(visit, job):
    made = job()
    held = lease.claim()
    page, _watch = visit("operations", PAGE)
    tray = opened(page)
    tray.get_by_role("button", name="Cancel").click()
    expect(tray).to_contain_text("It ends at its next step.")
    made.refresh_from_db()
    assert (made.state, made.is_cancel_asked) == ("RUNNING", True)
    lease.finish(held, "CANCELLED")
    expect(tray.get_by_role("button", name="Retry")).to_be_visible()


def test_why_a_job_failed_is_told_where_it_is_retried(visit, job):
    job(state="FAILED", error="ValueError: the disk <b>is</b> full")
    page, watch = visit("operations", PAGE)
    tray = opened(page)
    expect(tray).to_contain_text("the disk <b>is</b> full")
    expect(tray.get_by_role("button", name="Retry")).to_be_visible()
    assert watch.faults == []


def test_a_tray_that_cannot_be_asked_keeps_what_it_shows_and_asks_again(visit, job):
    job(state="RUNNING", done=1, total=10)
    page, _watch = visit("operations", PAGE)
    tray = opened(page)
    expect(tray).to_contain_text("1 of 10")
    page.route("**/jobs/tray/", lambda route: route.abort())
    Job.objects.update(done=5)
    expect(tray).to_contain_text("1 of 10")
    page.unroute("**/jobs/tray/")
    expect(tray).to_contain_text("5 of 10")


def test_nothing_is_asked_for_while_nothing_runs_or_nobody_looks(visit, job):
    job(state="DONE")
    page, _watch = visit("operations", PAGE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page)
    page.wait_for_timeout(2_500)
    assert len([url for url in asked if url.endswith("/jobs/tray/")]) == 1


def test_without_scripts_the_bell_leads_to_the_page_of_jobs(visit, job):
    made = job()
    page, _watch = visit("operations", PAGE, java_script_enabled=False)
    page.locator("header.top a", has=page.locator("svg")).filter(visible=True).last.click()
    assert page.url.endswith("/jobs/")
    page.get_by_role("button", name="Cancel").click()
    assert page.url.endswith("/jobs/")
    made.refresh_from_db()
    assert made.state == "CANCELLED"


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_in_the_tray_and_on_its_page(visit, job, theme, width):
    job("Running", state="RUNNING", done=3, total=9)
    job("Failed " + "x" * 150, state="FAILED", error="y" * 500)
    job("Cancelled", state="CANCELLED")
    job("Done", state="DONE", result={"download": PAGE, "open": PAGE, "text": "9 rows"})
    page, watch = dressed(visit, theme, width, user="operations", language="en")
    page.goto(PAGE)
    expect(opened(page).locator("[data-job]")).to_have_count(4)
    assert amiss(page) == []
    page.goto("/jobs/")
    assert amiss(page) == []
    assert watch.faults == []
