"""Counting on a phone: without a network, without scripts, and while others count beside it."""

import datetime

import pytest
from django.db import transaction
from playwright.sync_api import expect

from counts import actions, tasks
from counts.models import Count, Observation, ZoneSession
from inventory.models import StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product, ScanIdentifier
from omnichannel.jobs import actions as jobs
from omnichannel.jobs import runners
from omnichannel.locations.models import FulfillmentLocation
from tests.browser.looks import amiss_on, dressed

pytestmark = pytest.mark.browser
assert tasks.take_snapshot
PHONE = {"width": 390, "height": 844}


class Shop:
    """Berlin counts everything: Zone 2 is done, Zone 3 is somebody else's. Tokyo counts a few."""

    def __init__(self, world) -> None:
        self.berlin, self.tokyo, self.main = world.berlin, world.tokyo, world.shelves["main"]
        # What a migration filled is emptied between tests that commit.
        for position, kind in enumerate(("product_id", "sku"), start=1):
            ScanIdentifier.objects.get_or_create(kind=kind, defaults={"position": position})
        self.products = list(Product.objects.order_by("product_id")[:8])
        self.admin = User.objects.get(username="admin")
        self.bob = User.objects.get(username="operations")
        listed = [self.products[p].product_id for p in (0, 2, 3, 4)]
        self.cycle = self.create("CYCLE", self.tokyo, product_ids=listed)
        self.full = self.create("FULL", self.berlin, name="Everything in Berlin")
        with transaction.atomic(durable=True):
            actions.plan_zones(pk=self.full.pk, first=1, last=4)
        with transaction.atomic(durable=True):
            actions.activate_count(pk=self.full.pk, by=self.admin)
        runners.work()
        self.counted("Zone 2", (0, 4), (1, 2))
        self.open("Zone 3", self.bob)

    def create(self, type: str, store: FulfillmentLocation, **more) -> Count:
        with transaction.atomic(durable=True):
            made = actions.create_counts(
                type=type,
                location_ids=[store.pk],
                stock_location_id=self.main.pk,
                due_date=datetime.date(2026, 3, 1),
                by=self.admin,
                key=f"create {type}",
                **more,
            )
        return made.batch.counts.get()

    def open(self, zone: str, by: User) -> ZoneSession:
        with transaction.atomic(durable=True):
            return actions.open_zone(pk=self.full.pk, zone=zone, by=by).session

    def see(self, session: ZoneSession, *seen: tuple[int | None, int]) -> None:
        """(number of the product, units); None is a code that nobody knows."""
        typed = [
            actions.Seen(f"k{p}", units, 0, self.products[p].pk if p is not None else None, "what?")
            for p, units in seen
        ]
        with transaction.atomic(durable=True):
            actions.observe(pk=session.pk, seen=typed, by=self.admin)

    def counted(self, zone: str, *seen: tuple[int, int]) -> None:
        session = self.open(zone, self.admin)
        self.see(session, *seen)
        with transaction.atomic(durable=True):
            actions.complete_zone(pk=session.pk, by=self.admin)

    def want(self, zone: str) -> None:
        with transaction.atomic(durable=True):
            actions.request_recounts(pk=self.full.pk, by=self.admin, zones=[zone])

    def held(self, product: int) -> int:
        rows = StockOnHand.objects.filter(
            product=self.products[product], location=self.tokyo, stock_location=self.main
        )
        return rows.values_list("quantity", flat=True).first() or 0


@pytest.fixture
def shop(world, monkeypatch) -> Shop:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *_a, **_o: None, raising=False)
    return Shop(world)


def scan(page, code: str) -> None:
    """As a keyboard wedge does: letters, then Enter."""
    field = page.locator("#lookup-code")
    field.fill(code)
    field.press("Enter")


def waiting(page) -> int:
    return page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('scans:')).length")


def look_again(page) -> None:
    """What is asked for every few seconds is asked for when somebody looks again, too."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def seen_in(zone: str) -> list[int]:
    rows = Observation.objects.filter(session__zone__name=zone, is_late=False)
    return sorted(rows.values_list("quantity", flat=True))


def test_a_zone_is_counted_although_the_network_goes_away(visit, shop):
    page, watch = visit("admin", "/count/?store=DE-01")
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Everything in Berlin").click()
    scan(page, "Zone 1")
    expect(page.locator("h1")).to_have_text("Zone 1")
    scan(page, "P-000")
    expect(page.locator("[data-scans-said]")).to_contain_text("Product 000: 1")
    expect(page.locator("#lookup-code")).to_be_focused()
    page.context.set_offline(True)
    scan(page, "P-000")
    page.locator("[name=quantity]").fill("12")
    scan(page, "S-1")
    page.get_by_role("button", name="One Product 000 less").click()
    expect(page.locator("[data-scans-waiting] b")).to_have_text("3")
    page.get_by_role("button", name="Complete this zone").click()
    expect(page.locator("[data-scans-said]")).to_contain_text("sent first")
    assert seen_in("Zone 1") == [1]
    page.context.set_offline(False)
    expect(page.locator("main")).to_contain_text("13 units counted")
    assert seen_in("Zone 1") == [-1, 1, 1, 12]
    assert waiting(page) == 0
    assert [fault for fault in watch.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []


def test_where_zones_are_only_scanned_typing_is_told_from_scanning(visit, shop, settings):
    settings.COUNT_TYPED_ZONES = False
    page, _watch = visit("admin", f"/count/{shop.full.uuid}/")
    page.locator("#lookup-code").press_sequentially("Zone 4", delay=80)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("names are not typed here")
    expect(page.get_by_role("button", name="Open", exact=True)).to_have_count(1)
    scan(page, "Zone 4")
    expect(page.locator("h1")).to_have_text("Zone 4")


def test_others_are_seen_without_a_reload_and_a_zone_is_taken_over(visit, shop):
    page, watch = visit("admin", f"/count/{shop.full.uuid}/")
    page.set_viewport_size(PHONE)
    expect(page.locator(".count-wanted")).to_have_count(0)
    shop.want("Zone 2")
    look_again(page)
    expect(page.locator(".count-wanted")).to_contain_text("Zone 2")
    expect(page.locator("#announcer")).to_contain_text("1 recount wanted")
    page.locator(".count-wanted").get_by_role("button", name="Recount").click()
    expect(page.locator("main")).to_contain_text("first 6")
    page.get_by_role("link", name="Type how many Product 001").click()
    expect(page.locator("[name=quantity]")).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator(".scan-rows")).to_contain_text("first 2")
    session = ZoneSession.objects.get(zone__name="Zone 2", status="OPEN")
    ZoneSession.objects.filter(pk=session.pk).update(by=shop.bob, associate_id="bob")
    look_again(page)
    expect(page.locator("main")).to_contain_text("bob is counting here now")
    page.get_by_role("button", name="Take over from bob").click()
    expect(page.locator(".toast")).to_contain_text("taken over from bob")
    page.get_by_role("button", name="Complete this zone").click()
    expect(page.locator("main")).to_contain_text("3 units counted")
    expect(page.locator("main")).to_contain_text("First result6")
    assert [fault for fault in watch.faults if "410" not in fault] == []


def test_without_scripts_a_whole_cycle_count_works(visit, shop):
    page, watch = visit("admin", f"/count/{shop.cycle.uuid}/", java_script_enabled=False)
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Start counting").click()
    for product in ("P-002", "P-004"):
        page.locator("[name=quantity]").fill("0")
        scan(page, product)
    page.get_by_role("link", name="Type how many Product 003").click()
    page.locator("[name=quantity]").fill("9")
    page.locator("[name=quantity]").press("Enter")
    page.get_by_role("button", name="go on to the review").click()
    page.get_by_role("link", name="Review").click()
    expect(page.locator("main")).to_contain_text("2 products agree with the book")
    page.get_by_role("radio", name="Leave as it is").check()
    page.get_by_role("button", name="Keep the answers").click()
    page.locator(".count-line", has_text="P-003").get_by_role("button", name="Recount").click()
    expect(page.locator("main")).to_contain_text("Only Product 003")
    page.locator("[name=quantity]").fill("8")
    scan(page, "P-003")
    page.get_by_role("button", name="Complete").click()
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Complete the count").click()
    expect(page.locator("main")).to_contain_text("This count is completed")
    assert (shop.held(0), shop.held(3)) == (3, 8)
    assert watch.faults == []


# ------------------------------------------------------------ all of them
def paths(shop: Shop) -> list[str]:
    done = ZoneSession.objects.get(zone__name="Zone 2")
    taken = ZoneSession.objects.get(zone__name="Zone 3")
    shop.want("Zone 2")
    mine, again = shop.open("Zone 9", shop.admin), shop.open("Zone 2", shop.admin)
    shop.see(mine, (5, 5), (None, 2))
    with transaction.atomic(durable=True):
        few = actions.open_zone(pk=shop.cycle.pk, zone="", by=shop.admin).session
    shop.see(few, (4, 3), (5, 1))
    with transaction.atomic(durable=True):
        actions.complete_zone(pk=few.pk, by=shop.admin)
    with transaction.atomic(durable=True):
        listed = actions.open_zone(pk=shop.cycle.pk, zone="", by=shop.admin).session
    return [
        "/count/?store=DE-01",
        f"/count/{shop.full.uuid}/",
        f"/count/{shop.cycle.uuid}/",
        f"/count/{shop.cycle.uuid}/review/",
        *(f"/count/session/{one.uuid}/" for one in (done, taken, mine, again, few, listed)),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out_in_german(visit, shop, theme):
    listed = paths(shop)
    language = "de" if theme == "dark" else "en"
    page, watch = dressed(visit, theme, PHONE["width"], language=language)
    page.set_viewport_size(PHONE)
    assert amiss_on(page, listed) == {}
    assert watch.faults == []
