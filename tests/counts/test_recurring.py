"""Counts that come again, what they choose, and when a product was counted last."""

import datetime
import threading

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils.html import escape

from counts import actions, tasks
from counts.actions import repeating
from counts.models import Count, CountPlan
from inventory.models import AdjustmentReason, StockOnHand
from omnichannel.documents import ActionError
from tests.people import person, signed_in

MONDAY = datetime.date(2020, 3, 2)
DAY = datetime.timedelta(1)
NEW = "/store-operations/inventory/adjustments/new/"
STOCK = "/store-operations/inventory/stock-on-hand/"


class Calendar:
    today = MONDAY


@pytest.fixture
def calendar(monkeypatch):
    calendar = Calendar()
    monkeypatch.setattr(repeating, "today_in", lambda place: calendar.today)
    return calendar


def plan(floor, choice="LONGEST", **more) -> CountPlan:
    values = {
        "location_id": floor.store.pk,
        "stock_location_id": floor.main.pk,
        "choice": choice,
        "every_days": 7,
        "by": floor.manager,
        **more,
    }
    with transaction.atomic():
        return actions.plan_count(**values)


def repeat(plan: CountPlan) -> list[str] | None:
    """The products of the count that was made."""
    with transaction.atomic():
        made = actions.repeat_count(pk=plan.pk)
    lines = made and made.lines.order_by("product__product_id")
    return lines and list(lines.values_list("product__product_id", flat=True))


def cancel(floor, plan: CountPlan) -> None:
    plan.refresh_from_db()
    with transaction.atomic():
        actions.cancel_counts(pks=[plan.last_count_id], by=floor.manager)


def stock(floor) -> None:
    floor.post(*((n, 200) for n in range(5)), type="STOCK_IMPORT")


def test_a_plan_comes_on_its_day_and_never_doubles_an_open_one(floor, calendar):
    stock(floor)
    weekly = plan(floor, most_products=2, name="Mondays", is_blind=True)
    assert repeat(weekly) == ["P0", "P1"]
    made = Count.objects.get()
    assert (made.name, made.type, made.status, made.is_blind) == (
        "Mondays", "CYCLE", "PENDING", True
    )  # fmt: skip
    assert made.due_date == MONDAY
    assert repeat(weekly) is None
    calendar.today = MONDAY + 6 * DAY
    assert repeat(weekly) is None
    calendar.today = MONDAY + 7 * DAY
    assert repeat(weekly) is None
    weekly.refresh_from_db()
    assert weekly.next_on == MONDAY + 14 * DAY
    cancel(floor, weekly)
    assert repeat(weekly) is None
    calendar.today = MONDAY + 30 * DAY
    assert repeat(weekly) == ["P0", "P1"]
    weekly.refresh_from_db()
    assert weekly.next_on == MONDAY + 37 * DAY
    assert Count.objects.count() == 2


def test_classes_follow_the_value_that_moved(floor, calendar):
    stock(floor)
    floor.post((0, -80), (1, -15), (2, -5))
    floor.post((3, -900), at=floor.ago(200 * 86_400))
    calendar.today = datetime.date.today()
    chosen = {choice: repeat(plan(floor, choice)) for choice in "ABC"}
    assert chosen == {"A": ["P0"], "B": ["P1"], "C": ["P2", "P3", "P4"]}


def test_negative_stock_and_what_another_count_has(floor, calendar):
    stock(floor)
    floor.post((1, -201), (2, -300))
    floor.create("CYCLE", 2)
    negative = plan(floor, "NEGATIVE")
    assert repeat(negative) == ["P1"]
    assert repeat(plan(floor, "LONGEST")) == ["P0", "P3", "P4"]
    cancel(floor, negative)
    floor.post((1, 500))
    calendar.today += 7 * DAY
    assert repeat(negative) is None


def test_what_was_counted_longest_ago_comes_first(floor, calendar):
    stock(floor)
    for number in (0, 1):
        counted = floor.create("CYCLE", number)
        floor.zone(counted, "", (number, 200))
        floor.complete(counted)
    rows = dict(floor.stock().values_list("product__product_id", "counted_at"))
    assert rows["P0"] < rows["P1"]
    assert [rows[name] for name in ("P2", "P3", "P4")] == [None] * 3
    weekly = plan(floor, most_products=4)
    assert repeat(weekly) == ["P0", "P2", "P3", "P4"]


def test_taking_a_count_back_is_no_counting(floor):
    stock(floor)
    counted = floor.create("CYCLE", 0)
    floor.zone(counted, "", (0, 190))
    floor.complete(counted)
    before = floor.stock().get(product=floor.products[0]).counted_at
    assert before is not None
    with transaction.atomic():
        actions.reverse_count(pk=counted.pk, by=floor.manager)
    floor.post((0, -1))
    row = StockOnHand.objects.get(product=floor.products[0])
    assert (row.quantity, row.counted_at) == (199, before)
    page = signed_in(floor.manager).get(f"{STOCK}?counting=once")
    shown = page.content.decode()
    assert "Product P0" in shown
    assert "Product P1" not in shown


def test_twice_at_once_one_is_made(floor, calendar):
    stock(floor)
    weekly = plan(floor)
    start = threading.Barrier(4)
    made, faults = [], []

    def run() -> None:
        try:
            start.wait(180)
            made.append(repeat(weekly))
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert faults == []
    assert sorted(one is None for one in made) == [False, True, True, True]
    assert Count.objects.count() == 1


def test_the_task_makes_the_others_when_one_is_refused(floor, calendar, monkeypatch):
    stock(floor)
    first, second = plan(floor, "C"), plan(floor, "LONGEST", most_products=1)
    CountPlan.objects.update(next_on=MONDAY)
    right = actions.repeat_count

    def refused(*, pk: int):
        if pk == first.pk:
            raise ActionError("not this one")
        return right(pk=pk)

    monkeypatch.setattr(actions, "repeat_count", refused)
    tasks.repeat()
    assert Count.objects.get().name == second.name


def test_today_is_the_stores(floor, monkeypatch):
    late = datetime.datetime(2026, 3, 1, 23, 30, tzinfo=datetime.UTC)
    monkeypatch.setattr(repeating.timezone, "now", lambda: late)
    floor.store.time_zone = "Europe/Berlin"
    assert repeating.today_in(floor.store) == datetime.date(2026, 3, 2)
    floor.store.time_zone = "America/New_York"
    assert repeating.today_in(floor.store) == datetime.date(2026, 3, 1)


@pytest.mark.parametrize(
    "wrong",
    [{"every_days": 0}, {"every_days": 366}, {"most_products": 0}, {"most_products": 2_001},
     {"choice": "D"}, {"name": "x" * 201}, {"name": "a\nb"}],
)  # fmt: skip
def test_nonsense_makes_no_plan(floor, wrong):
    with pytest.raises(ActionError):
        plan(floor, **wrong)
    assert not CountPlan.objects.exists()


def test_the_page_makes_one_once_and_ends_it(floor):
    page = reverse("counts:recurring")
    client = signed_in(floor.manager)
    asked = {
        "store": "DE-01", "shelf": "main", "choice": "A", "every_days": "14",
        "most_products": "20", "name": "=A <b>",
    }  # fmt: skip
    assert client.post(page, {**asked, "every_days": "0"}).status_code == 400
    assert client.post(page, {**asked, "store": "ERP-1"}).status_code == 400
    assert client.post(page, asked).status_code == 302
    assert client.post(page, asked).status_code == 409
    shown = client.get(page).content.decode()
    assert "=A &lt;b&gt;" in shown
    assert "every 14 days" in shown
    made = CountPlan.objects.get()
    other = CountPlan.objects.create(
        name="elsewhere", location=floor.erp, stock_location=floor.main, choice="A",
        every_days=1, next_on=MONDAY,
    )  # fmt: skip
    assert "elsewhere" not in shown
    for foreign in (str(other.uuid), "no-uuid"):
        assert client.post(page, {"stop": foreign}).status_code == 404
    assert client.post(page, {"stop": str(made.uuid)}).status_code == 302
    assert list(CountPlan.objects.filter(is_active=True)) == [other]


def test_too_few_to_adjust_leads_to_a_count_of_it(floor):
    floor.post((0, 3), (1, 3), type="STOCK_IMPORT")
    reason = AdjustmentReason.objects.create(type="Damage", subtype="Broken", origin=floor.main)
    asked = {
        "store": "DE-01", "reason": str(reason.uuid), "product": ["P0", "P1"],
        "quantity": ["5", "1"], "act": "save",
    }  # fmt: skip
    boss = person("boss", "Store Manager", stores=(floor.store,))
    refused = signed_in(boss).post(NEW, asked)
    assert refused.status_code == 409
    ((product, address),) = refused.context["draft"].to_count
    assert product == "P0"
    assert f'href="{escape(address)}"' in refused.content.decode()
    form = signed_in(boss).get(address).context["asked"]
    assert (form.product_ids(), form.asked, form.shelf) == (["P0"], ["DE-01"], "main")
    assert datetime.date.fromisoformat(form.due)
    # An associate adjusts, and makes no counts.
    told = signed_in(floor.ann).post("/adjust/", asked)
    assert told.status_code == 409
    assert "count-tasks/new" not in told.content.decode()
    assert floor.held(0) == 3
