"""What stock was and what is promised, in a browser: from the list to the file and to the shelf."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models.functions import Now
from playwright.sync_api import expect

from inventory.actions import reserve_items
from inventory.models import CustomerReservation
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.exports import tasks  # noqa: F401  (a worker reads the tasks of every room)
from omnichannel.exports.models import Export
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.runners import work
from omnichannel.locations.models import StockLocation
from tests.browser.looks import LOOKS, amiss_on, dressed

pytestmark = pytest.mark.browser
S = "/store-operations/inventory"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


@pytest.fixture
def held(world) -> CustomerReservation:
    """Past its time, and still set aside."""
    StockLocation.objects.get_or_create(
        name="_customer_reservations", defaults={"display_name": "Reserved"}
    )
    with transaction.atomic():
        made = reserve_items(
            location_id=world.berlin.pk,
            product_ids=[Product.objects.get(product_id="P-030").pk] * 2,
            customer_profile_id="C-1",
            by=User.objects.get(username="operations"),
            key=str(uuid4()),
        )
    CustomerReservation.objects.update(expires_at=Now() - timedelta(minutes=1))
    return made.reservation


@pytest.mark.parametrize("width", [1440, 390])
def test_a_list_is_exported_in_the_background_and_the_page_follows(visit, width):
    page, watch = visit("operations", f"{S}/stock-on-hand/?store=DE-01")
    page.set_viewport_size({"width": width, "height": 900})
    page.locator("#export-background").click()
    expect(page.locator("form.card")).to_contain_text("60 rows")
    page.get_by_role("radio", name="CSV").check()
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.locator("#export-live")).to_contain_text("as soon as a worker is free")
    page.evaluate("window.same = true")
    work()
    expect(page.locator("#export-live")).to_contain_text("Ready")
    assert page.evaluate("window.same")
    with page.expect_download() as file:
        page.locator("#export-live").get_by_role("link", name="Download").click()
    text = file.value.path().read_text()
    assert text.startswith("Product Name,Product ID")
    assert len(text.splitlines()) == 61
    assert file.value.suggested_filename == Export.objects.get().name
    assert watch.faults == []


def test_a_moment_is_chosen_and_a_period_is_shown(visit):
    page, watch = visit("operations", f"{S}/stock-on-hand/")
    page.get_by_role("link", name="As of a moment").click()
    expect(page.locator("main")).to_contain_text("This is now")
    page.locator("summary", has_text="As of").first.click()
    page.locator("input[name=as_of]").fill("2020-01-31T18:00")
    expect(page.locator("#pill-as_of")).to_contain_text("31 Jan 2020, 18:00")
    expect(page.locator("#results tbody .c-qty").first).to_have_text("0")
    page.goto(f"{S}/period-report/")
    page.get_by_label("Store", exact=True).select_option("DE-01")
    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("To", exact=True).fill("2099-01-01")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("main")).to_contain_text("Reconciled with the ledger")
    assert watch.faults == []


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_expired_is_released_and_sold_again(visit, held, width):
    page, watch = visit("operations", f"{S}/reservations/?state=expired")
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator("#results")).to_contain_text("Expired, still set aside")
    page.get_by_role("link", name=held.external_id).click()
    page.get_by_role("link", name="Release").click()
    expect(page.locator("main")).to_contain_text("2 units go back")
    page.get_by_role("button", name="Release").click()
    expect(page.locator("main")).to_contain_text("Unreserved")
    page.goto("/catalog/stock-levels/?product=P-030&store=DE-01")
    expect(page.locator("#results tbody .c-qty")).to_have_text("29")
    assert watch.faults == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(visit, held, theme, width):
    export = Export.objects.create(
        owner=User.objects.get(username="admin"),
        address=f"{S}/stock-on-hand/",
        title="A title that never ends " * 8,
        format="csv",
        name="a-name-that-never-ends-" * 12 + ".csv",
        told=["Store: " + "Berlin " * 30],
    )
    page, watch = dressed(visit, theme, width)
    paths = [
        f"/tools/exports/{export.uuid}/", "/tools/exports/", f"{S}/reservations/{held.uuid}/",
        f"{S}/reservations/{held.uuid}/release/", "/catalog/stock-levels/safety-stock/",
    ]  # fmt: skip
    assert amiss_on(page, paths) == {}
    assert watch.faults == []
