"""Counts at the desk in a browser: from the form to the posting, in both looks, and on paper."""

import io
import re

import pytest
import zxingcpp
from django.db import transaction
from PIL import Image
from playwright.sync_api import expect

from counts import actions
from counts.models import Count
from omnichannel.jobs import actions as jobs
from omnichannel.jobs import runners
from tests.browser.looks import LOOKS, amiss_on
from tests.browser.test_counting import Shop

pytestmark = pytest.mark.browser
LIST = "/store-operations/inventory/count-tasks/"


@pytest.fixture
def shop(world, monkeypatch, settings):
    # On one machine the clocks agree.
    settings.COUNT_CLOCK_TOLERANCE = 0
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda *_args, **_options: None, raising=False
    )
    return Shop(world)


def test_a_manager_creates_activates_reviews_and_completes(visit, shop):
    page, watch = visit("operations", LIST)
    page.get_by_role("link", name="Create count").click()
    page.locator("#count-name").fill("Damaged shelf")
    page.locator("#count-due").fill("2030-03-01")
    page.locator("#count-products").fill("P-000\nno-such-product")
    page.locator(f"input[value={shop.tokyo.code}]").check()
    page.get_by_role("button", name="Create count").click()
    expect(page.get_by_role("alert")).to_contain_text("no-such-product")
    expect(page.locator("#count-name")).to_have_value("Damaged shelf")
    page.locator("#count-products").fill(shop.products[0].product_id)
    page.get_by_role("button", name="Create count").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Damaged shelf")

    page.goto(page.url.split(LIST)[0] + f"{LIST}{shop.full.uuid}/")
    expect(page.locator("#count-figures dl")).to_be_visible()
    expect(page.locator("#count-progress")).to_contain_text("1 of 4")
    session = shop.full.sessions.get(status="OPEN")
    with transaction.atomic(durable=True):
        actions.complete_zone(pk=session.pk, by=shop.bob)
    expect(page.locator("#count-progress")).to_contain_text("2 of 4")
    page.get_by_role("link", name="Review").click()
    asked = page.locator("tbody .pick")
    while asked.count():
        for box in asked.all():
            box.check()
        page.get_by_label("Answer for the chosen lines").select_option("LEAVE")
        page.get_by_role("button", name="Answer the chosen lines").click()
        expect(page.get_by_text("lines are answered").first).to_be_visible()
    expect(page.get_by_text("No line waits for an answer.")).to_be_visible()
    page.get_by_role("link", name="Complete count").click()
    page.get_by_role("button", name="Complete count").click()
    runners.work()
    expect(page.locator("h1")).to_contain_text("Completed")
    assert Count.objects.get(pk=shop.full.pk).status == "COMPLETED"
    # The refused form is the one thing that a browser calls an error.
    assert [fault for fault in watch.faults if "409 (Conflict)" not in fault] == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_every_page_is_accessible_and_fits(visit, shop, theme, width):
    with transaction.atomic(durable=True):
        planned = actions.create_counts(
            type="FULL", location_ids=[shop.tokyo.pk], stock_location_id=shop.main.pk,
            due_date=shop.full.due_date, by=shop.admin, key="planned",
        ).batch.counts.get()  # fmt: skip
    one = f"{LIST}{shop.full.uuid}/"
    subs = ("", "zones/", "review/", "complete/", "cancel/", "figures/", "list/", "zones/sheet/")
    product = shop.products[0].product_id
    paths = [LIST, f"{LIST}new/", *(one + sub for sub in subs), f"{one}products/{product}/",
             f"{LIST}{planned.uuid}/activate/"]  # fmt: skip
    # Dark because the browser asks for it, not because somebody chose it here.
    page, watch = visit("operations", color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    assert amiss_on(page, paths) == {}
    assert watch.faults == []


def test_zone_codes_on_paper_are_read_back(visit, shop):
    with transaction.atomic(durable=True):
        actions.plan_zones(pk=shop.full.pk, first=5, last=8)
    page, watch = visit("operations", f"{LIST}{shop.full.uuid}/zones/sheet/", device_scale_factor=3)
    paper = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert [(round(float(w)), round(float(h))) for w, h in boxes] == [(595, 842)] * 2
    page.emulate_media(media="print")
    sheets = []
    for sheet in page.locator(".zsheet").all():
        picture = Image.open(io.BytesIO(sheet.screenshot())).convert("L")
        sheets.append(sorted(code.text for code in zxingcpp.read_barcodes(picture)))
    assert sheets == [[f"Zone {n}" for n in range(1, 7)], ["Zone 7", "Zone 8"]]
    assert watch.faults == []
