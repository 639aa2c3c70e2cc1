"""Stock as of a moment is what Stock On Hand showed then; a period is what lies between two."""

import csv
import io
import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import ledger, queries
from inventory.ledger import period
from inventory.models import InventoryTransaction, StockAsOf, StockMovement, StockOnHand
from tests.people import person, signed_in

S = "/store-operations/inventory"
AS_OF = f"{S}/stock-on-hand/as-of/"
REPORT = f"{S}/period-report/"
START = datetime(2026, 3, 1, 8)
TYPES = ("RECEIVING", "SHIPMENT", "RETURN", "ADJUSTMENT", "COUNT_ADJUSTMENT", "STOCK_IMPORT")


@pytest.fixture
def client(world):
    return signed_in(person("operations", "Corporate Operations", document_scope="ALL_STORES"))


def recorded(posting, moment: datetime, place) -> None:
    """As if it had been posted at `moment` by the clock of the store."""
    at = moment.replace(tzinfo=ZoneInfo(place.time_zone))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE inventory_stockmovement SET posted_at = %s, happened_at = %s"
            " WHERE transaction_id = %s",
            [at, at, posting.transaction_id],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


def live() -> dict[tuple, int]:
    return {
        row[:3]: row[3]
        for row in StockOnHand.objects.values_list(
            "location_id", "product_id", "stock_location_id", "quantity"
        )
    }


def then(moment: datetime | None) -> dict[tuple, int]:
    with queries.as_of(moment):
        fields = ("location_id", "product_id", "stock_location_id", "quantity")
        return {row[:3]: row[3] for row in StockAsOf.objects.values_list(*fields)}


def exported(client, url: str) -> list[dict[str, str]]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content[:400]
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


# ------------------------------------------------------------------ as of
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    moves=st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(-4, 6), st.booleans(), st.sampled_from(TYPES),
            st.integers(0, 40), st.sampled_from(["main", "damaged", "_in_transit"]),
        ),
        max_size=14,
    )
)  # fmt: skip
def test_every_moment_is_what_the_list_showed_then(world, moves):
    with transaction.atomic():
        products = [world.product(f"P-{random.getrandbits(60)}") for _n in range(3)]
        seen, now = [(START, {})], START
        for product, quantity, is_tokyo, kind, pause, shelf in moves:
            now += timedelta(minutes=pause)
            place = world.tokyo if is_tokyo else world.berlin
            posting = world.post((products[product], quantity), where=place, shelf=shelf, type=kind)
            recorded(posting, now, place)
            seen.append((now + timedelta(seconds=1), live()))
        last = dict(seen)
        for moment, stock in last.items():
            assert {k: n for k, n in then(moment).items() if n} == {
                k: n for k, n in stock.items() if n
            }
        assert then(None) == live()
        transaction.set_rollback(True)


def test_the_page_shows_the_stock_of_the_moment_with_its_worth(client, world):
    product = world.product("P-1")
    recorded(world.post((product, 10), type="STOCK_IMPORT"), START, world.berlin)
    recorded(world.post((product, -3)), START + timedelta(days=1), world.berlin)
    (row,) = exported(client, f"{AS_OF}?as_of=2026-03-01T12:00&export=csv")
    assert (row["On Hand"], row["Price"], row["Value"], row["Currency"]) == (
        "10", "9.90", "99.00", "EUR",
    )  # fmt: skip
    (row,) = exported(client, f"{AS_OF}?as_of=2026-03-03&export=csv")
    assert (row["On Hand"], row["Value"]) == ("7", "69.30")
    page = client.get(f"{AS_OF}?as_of=2026-03-01T12:00").content.decode()
    assert "1 Mar 2026, 12:00" in page
    assert ">10<" in page


def test_a_moment_is_that_of_each_stores_own_clock(client, world):
    product = world.product("P-1")
    for place in (world.berlin, world.tokyo):
        posting = world.post((product, 5), where=place, type="STOCK_IMPORT")
        recorded(posting, datetime(2026, 3, 1, 9), place)
    for moment, wanted in (("2026-03-01T08:59", {"0"}), ("2026-03-01T09:01", {"5"})):
        rows = exported(client, f"{AS_OF}?as_of={moment}&export=csv")
        assert {row["On Hand"] for row in rows} == wanted
        assert len(rows) == 2


def test_filters_by_quantity_mean_the_quantity_of_then(client, world):
    product = world.product("P-1")
    recorded(world.post((product, -2), type="ADJUSTMENT"), START, world.berlin)
    recorded(world.post((product, 9), type="RETURN"), START + timedelta(days=1), world.berlin)
    url = f"{AS_OF}?store=DE-01&level=negative&export=csv"
    assert [row["On Hand"] for row in exported(client, f"{url}&as_of=2026-03-01")] == ["-2"]
    assert exported(client, f"{url}&as_of=2026-03-02") == []


def test_without_a_moment_it_is_now(client, world):
    world.post((world.product("P-1"), 4))
    page = client.get(AS_OF).content.decode()
    assert "This is now" in page
    assert ">4<" in page


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-03-01T12:00Z", "2026-13-01", "0001-01-01", "9999-12-31", "'", "1"]
)
def test_a_moment_that_is_none_is_said_and_ignored(client, world, moment):
    world.post((world.product("P-1"), 4))
    page = client.get(f"{AS_OF}?as_of={moment}")
    assert page.status_code == 200
    assert "This filter is ignored" in page.content.decode()


def test_what_takes_too_long_is_refused_in_words(client, world, monkeypatch):
    world.post((world.product("P-1"), 4))
    monkeypatch.setattr("inventory.views.reports.StockAsOfList.longest_wait", "1ms")
    monkeypatch.setattr(
        "inventory.views.reports.StockAsOfList.show",
        lambda self, rows: connection.cursor().execute("SELECT pg_sleep(1)"),
    )
    refused = client.get(AS_OF)
    assert refused.status_code == 409
    assert "Filter by store" in refused.content.decode()


def test_who_sees_one_store_sees_its_past_only(world):
    product = world.product("P-1")
    world.post((product, 4))
    world.post((product, 4), where=world.tokyo)
    rows = exported(world.person_of(world.tokyo), f"{AS_OF}?as_of=2099-01-01&export=csv")
    assert {row["Fulfillment Location"] for row in rows} == {"JP-01"}


# ------------------------------------------------------------------ the period
def test_a_period_tells_what_came_and_went(client, world):
    product = world.product("P-1", "=cmd")
    days = {
        "before": [("STOCK_IMPORT", 10, {})],
        "inside": [
            ("RECEIVING", 6, {}),
            ("RECEIVING", 5, {"from_location_id": world.tokyo.pk, "to_location_id": world.berlin.pk}),
            ("TRANSFER", -4, {"from_location_id": world.berlin.pk, "to_location_id": world.tokyo.pk}),
            ("SHIPMENT", -3, {}),
            ("RETURN", 2, {}),
            ("ADJUSTMENT", -1, {}),
            ("COUNT_ADJUSTMENT", 7, {}),
        ],
        "after": [("SHIPMENT", -5, {})],
    }  # fmt: skip
    moments = {"before": datetime(2026, 2, 28, 23, 59, 59), "inside": datetime(2026, 3, 31, 23, 59),
               "after": datetime(2026, 4, 1)}  # fmt: skip
    for part, movements in days.items():
        for type_, quantity, ends in movements:
            lines = {} if type_ != "TRANSFER" else ends
            posting = world.post((product, quantity), type=type_, **(ends or lines))
            recorded(posting, moments[part], world.berlin)
    words = "?store=DE-01&first=2026-03-01&last=2026-03-31"
    (row,) = exported(client, f"{REPORT}{words}&export=csv")
    found = {name: int(row[name]) for name in list(row)[5:-4]}
    assert found == {
        "Opening": 10, "Received": 6, "Transferred In": 5, "Transferred Out": -4, "Sold": -3,
        "Returned": 2, "Adjusted": -1, "Counted": 7, "Imported": 0, "Set Aside": 0, "Closing": 22,
    }  # fmt: skip
    assert (row["Product Name"], row["Closing Value"]) == ("'=cmd", "217.80")
    page = client.get(REPORT + words).content.decode()
    assert "Reconciled with the ledger" in page
    assert "€217.80" in page


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 2), st.integers(-4, 6), st.sampled_from(TYPES), st.integers(0, 9)),
        max_size=12,
    ),
    first=st.integers(-1, 9),
    length=st.integers(0, 6),
)
def test_any_period_is_the_difference_of_two_moments(world, moves, first, length):
    with transaction.atomic():
        products = [world.product(f"P-{random.getrandbits(60)}") for _n in range(3)]
        for product, quantity, kind, day in sorted(moves, key=lambda move: move[3]):
            posting = world.post((products[product], quantity), type=kind)
            recorded(posting, START + timedelta(days=day), world.berlin)
        start = date(2026, 3, 1) + timedelta(days=first)
        asked = period.Period(world.berlin, start, start + timedelta(days=length))
        found = period.summed_up(asked)
        opening = sum(then(datetime(start.year, start.month, start.day)).values())
        end = start + timedelta(days=length + 1)
        closing = sum(then(datetime(end.year, end.month, end.day)).values())
        assert (found.sums["opening"].units, found.sums["closing"].units) == (opening, closing)
        between = sum(found.sums[kind].units for kind in period.KINDS)
        assert opening + between == closing
        assert found.differences == 0
        transaction.set_rollback(True)


def test_control_a_row_that_no_movement_explains_is_a_difference(client, world):
    world.post((world.product("P-1"), 4))
    StockOnHand.objects.update(quantity=5)
    page = client.get(f"{REPORT}?store=DE-01&first=2026-03-01&last=2026-03-31").content.decode()
    assert "does not explain" in page
    assert "Reconciled" not in page


def test_what_is_on_its_way_or_between_shelves_is_no_movement_of_the_store(client, world):
    product = world.product("P-1")
    world.post((product, 9), type="STOCK_IMPORT")
    line = ledger.Line(product.pk, 2, world.shelves["main"].pk, world.shelves["damaged"].pk)
    sent = ledger.Line(product.pk, 3, world.shelves["main"].pk, world.shelves["_in_transit"].pk)
    for n, (kind, moved) in enumerate((("ADJUSTMENT", line), ("TRANSFER", sent))):
        header = ledger.Header(
            operation_key=f"k{n}",
            type=InventoryTransaction.Type[kind],
            location_id=world.berlin.pk,
            associate_id="a",
        )
        ledger.post(header, [moved])
    today = StockMovement.objects.latest("pk").posted_at.date()
    words = f"?store=DE-01&first={today - timedelta(days=2)}&last={today + timedelta(days=2)}"
    (row,) = exported(client, f"{REPORT}{words}&export=csv")
    assert (row["Adjusted"], row["Transferred Out"], row["Closing"]) == ("0", "-3", "6")


def test_a_store_of_others_has_no_report(world):
    manager = world.person_of(world.tokyo)
    words = "&first=2026-03-01&last=2026-03-31"
    assert manager.get(f"{REPORT}?store=JP-01{words}").status_code == 200
    assert manager.get(f"{REPORT}?store=DE-01{words}").status_code == 404
    assert "Store DE-01" not in manager.get(REPORT).content.decode()


@pytest.mark.parametrize(
    "words", ["first=2026-03-02&last=2026-03-01", "first=x&last=2026-03-01", "first=0001-01-01&last=9999-12-31"]
)  # fmt: skip
def test_days_that_make_no_period_are_told(client, world, words):
    answer = client.get(f"{REPORT}?store=DE-01&{words}")
    assert answer.status_code == 400
    assert "t-bad" in answer.content.decode()


def test_the_workbook_has_a_row_per_product(client, world):
    world.post((world.product("P-1"), 4))
    answer = client.get(f"{REPORT}?store=DE-01&first=2026-03-01&last=2099-03-01&export=xlsx")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert b"".join(answer.streaming_content)[:2] == b"PK"
