from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from demo import keepers
from demo.clock import WEEK
from demo.loading import NotEmpty, Summary, load_demo
from demo.models import DemoLoad
from inventory.models import (
    AdjustmentReason,
    InventoryTransaction,
    InventoryTransactionLine,
    StockMovement,
    StockOnHand,
)
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Price, Pricebook, Product
from omnichannel.locations.models import FulfillmentLocation

from .conftest import NOW, Folder

pytestmark = pytest.mark.django_db


def load(path: Path, now: datetime = NOW) -> Summary | None:
    with transaction.atomic():
        return load_demo(now=now, folder=path)


def on_hand(store: str, product: str) -> int:
    return StockOnHand.objects.get(
        location__code=store, product__product_id=product, stock_location__name="main"
    ).quantity


def test_stock_is_opening_plus_everything_that_happened(folder: Folder) -> None:
    load(folder.path)
    assert on_hand("GB-01", "85123A") == 10 + 20 - 6 - 6
    assert on_hand("GB-01", "85123B") == 0 - 1
    assert on_hand("GB-01", "PADS") == 2
    assert on_hand("GB-01", "35594") == 3
    assert on_hand("DE-01", "85123A") == 5 + 1 - 2
    assert on_hand("US-01", "85123A") == 1


def test_the_summary_counts_what_came_in_and_what_did_not(folder: Folder) -> None:
    summary = load(folder.path)
    assert summary is not None
    assert (summary.stores, summary.centres, summary.products) == (3, 5, 3 + 1 + 2)
    assert (summary.opening_lines, summary.deliveries, summary.delivery_lines) == (3, 1, 2)
    assert summary.movement_lines == {
        "sale": 3,
        "adjustment_in": 3,
        "adjustment_out": 1,
        "return": 1,
    }
    assert summary.without_store == {"sale": 1}
    assert not InventoryTransaction.objects.filter(reference="536366").exists()


def test_one_transaction_per_document_type_time_and_reason(folder: Folder) -> None:
    load(folder.path)
    of_536365 = InventoryTransaction.objects.filter(reference="536365").order_by("pk")
    assert [(one.type, one.lines.count()) for one in of_536365] == [
        ("SHIPMENT", 2),
        ("ADJUSTMENT", 1),
        ("SHIPMENT", 1),
    ]
    reasons = InventoryTransaction.objects.filter(reference="536367").values_list(
        "reason__type", "note"
    )
    assert sorted(reasons) == [("Found", "Found"), ("No reason given", "")]


def test_identical_lines_stay_two_lines_of_one_movement(folder: Folder) -> None:
    load(folder.path)
    sale = InventoryTransaction.objects.filter(reference="536365", type="SHIPMENT").first()
    assert sale is not None
    lines = InventoryTransactionLine.objects.filter(transaction=sale).order_by("position")
    assert [line.quantity for line in lines] == [6, 6]
    assert [moved.quantity for moved in StockMovement.objects.filter(transaction=sale)] == [-12]


def test_every_type_says_from_where_to_where_and_who(folder: Folder) -> None:
    load(folder.path)
    said = {
        (one.type, one.reference): (
            one.from_location and one.from_location.code,
            one.from_stock_location and one.from_stock_location.name,
            one.to_location and one.to_location.code,
            one.to_stock_location and one.to_stock_location.name,
            one.associate_id,
            one.note,
        )
        for one in InventoryTransaction.objects.all()
    }
    assert said["SHIPMENT", "536365"] == ("GB-01", "main", None, None, "till-GB-01", "")
    assert said["RETURN", "C536369"] == (None, None, "US-01", "main", "till-US-01", "")
    assert said["ADJUSTMENT", "536368"] == (
        None, "main", None, None, "stock-DE-01", "wet pallet"
    )  # fmt: skip
    assert said["RECEIVING", "SIM-GB-01-101215"] == (
        "DC-GB", None, "GB-01", "main", "stock-GB-01", "Simulated delivery"
    )  # fmt: skip
    assert said["STOCK_IMPORT", "SIM-OPENING-GB-01"] == (
        None, None, "GB-01", "main", "stock-GB-01", "Simulated opening stock"
    )  # fmt: skip


def test_whatever_is_simulated_says_so(folder: Folder) -> None:
    load(folder.path)
    real = {"536365", "536367", "536368", "C536369"}
    made_up = InventoryTransaction.objects.exclude(reference__in=real)
    assert made_up.count() >= 4
    for one in made_up:
        assert one.reference.startswith("SIM-")
        assert one.note.startswith("Simulated ")


def test_reasons_move_out_of_or_into_main(folder: Folder) -> None:
    load(folder.path)
    for reason in AdjustmentReason.objects.select_related("origin", "destination"):
        sides = {side.name for side in (reason.origin, reason.destination) if side}
        assert sides == {"main"}
    wet = InventoryTransaction.objects.get(reference="536368").reason
    assert wet is not None
    assert (wet.type, wet.subtype, wet.origin is not None) == ("Damage", "Wet", True)


def test_products_keep_the_shops_code_and_their_style(folder: Folder) -> None:
    load(folder.path)
    heart = Product.objects.get(product_id="85123B")
    assert (heart.sku, heart.name, heart.variant_group) == ("85123B", "=RED HANGING HEART", "85123")
    hoodie = Product.objects.get(product_id="MH01-S-Black")
    assert (hoodie.variant_group, hoodie.size, hoodie.color) == ("MH01", "S", "Black")
    assert hoodie.name_key == "chaz kangeroo hoodie"
    unlisted = Product.objects.get(product_id="35594")
    assert (unlisted.name, unlisted.is_active, unlisted.prices.count()) == ("35594", False, 0)
    assert Product.objects.filter(is_active=False).count() == 1


def test_prices_are_as_in_the_source_or_converted_and_never_zero(folder: Folder) -> None:
    load(folder.path)
    prices = {
        (price.product.product_id, price.pricebook.currency): price.value
        for price in Price.objects.select_related("product", "pricebook")
    }
    assert prices["85123A", "GBP"] == Decimal("2.55")
    assert prices["85123A", "EUR"] == Decimal("2.98")
    assert prices["85123A", "USD"] == Decimal("3.24")
    assert prices["MH01-S-Black", "USD"] == 52
    assert prices["MH01-S-Black", "EUR"] == Decimal("47.84")
    assert prices["MH01-S-Black", "GBP"] == Decimal("41.08")
    # 0.001 pounds is less than a cent in any of the three.
    assert not [key for key in prices if key[0] in ("PADS", "35594")]
    notes = dict(Pricebook.objects.values_list("currency", "note"))
    assert notes["EUR"] == "converted at demo rates: GBP at 1.17, USD at 0.92"


def test_a_store_shows_the_prices_of_its_country(folder: Folder) -> None:
    folder.append(
        "retail-history/stores.csv",
        "JE-01,St Helier,St Helier,JE,Europe/Jersey,XXX",
        "IE-01,Dublin,Dublin,IE,Europe/Dublin,GBP",
        "CH-01,Zürich,Zürich,CH,Europe/Zurich,CHF",
        "CY-01,Nicosia,Nicosia,CY,Asia/Nicosia,EUR",
        "IL-01,Tel Aviv,Tel Aviv,IL,Asia/Jerusalem,ILS",
        "ZA-01,Johannesburg,Johannesburg,ZA,Africa/Johannesburg,ZAR",
    )
    load(folder.path)
    stores = FulfillmentLocation.objects.filter(kind="STORE")
    assert dict(stores.values_list("code", "pricebook__currency")) == {
        "GB-01": "GBP", "JE-01": "GBP",
        "DE-01": "EUR", "IE-01": "EUR", "CH-01": "EUR", "CY-01": "EUR",
        "US-01": "USD", "IL-01": "USD", "ZA-01": "USD",
        # Beside those of the year, to show who may keep a store's stock.

        "IT-90": "EUR", "ES-90": "EUR",
    }  # fmt: skip


def test_stores_are_ours_and_centres_the_erps(folder: Folder) -> None:
    load(folder.path)
    rows = FulfillmentLocation.objects.values_list("kind", "is_inventory_master", "store_id")
    stores = [row for row in rows if row[0] == "STORE"]
    assert all(store_id for _kind, _ours, store_id in stores)
    # But for the one that shows what it is like where it is not.
    assert [store_id for _kind, ours, store_id in stores if not ours] == ["IT-90"]
    assert [row for row in rows if row[0] == "DC"] == [("DC", False, None)] * 5


def test_the_year_ends_in_the_last_finished_week_whatever_the_day(folder: Folder) -> None:
    for days in range(7):
        now = datetime(2026, 11, 16, 0, 0, 1, tzinfo=UTC) + timedelta(days=days)
        with transaction.atomic():
            summary = load_demo(now=now, folder=folder.path)
            transaction.set_rollback(True)
        assert summary is not None
        # Friday 17 December 2010, 21:30 in Los Angeles, became Friday 13 November 2026.
        assert summary.latest == datetime(2026, 11, 14, 5, 30, tzinfo=UTC)


def test_the_week_of_the_load_is_stored_and_never_redone(folder: Folder) -> None:
    first = load(folder.path)
    assert first is not None
    assert load(folder.path, NOW + 5 * WEEK) is None
    stored = DemoLoad.objects.get()
    assert (stored.shifted_weeks, stored.loaded_at) == (first.shifted_weeks, NOW)
    assert stored.shifted_weeks == (datetime(2026, 11, 13) - datetime(2010, 12, 17)) // WEEK
    of_the_year = InventoryTransaction.objects.exclude(note__startswith=keepers.NOTE)
    assert of_the_year.count() == first.ledger.documents


def test_late_on_sunday_in_the_west_nothing_lies_in_the_future(folder: Folder) -> None:
    folder.append(
        "retail-history/movements.csv",
        "2010-12-19 23:59:00,536370,sale,85123A,-1,2.55,US-01,",
    )
    now = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
    summary = load(folder.path, now)
    assert summary is not None
    assert summary.latest == datetime(2026, 11, 9, 7, 59, tzinfo=UTC)
    assert StockMovement.objects.filter(happened_at__gt=now).count() == 0


def test_local_clocks_stay_and_each_store_has_its_own(folder: Folder) -> None:
    folder.append(
        "retail-history/movements.csv",
        "2010-12-06 00:00:00,700001,sale,85123A,-1,2.55,GB-01,",
        "2010-12-06 00:00:00,700002,sale,85123A,-1,2.55,DE-01,",
        "2010-12-06 00:00:00,700003,sale,85123A,-1,2.55,US-01,",
    )
    load(folder.path)
    times = dict(
        InventoryTransaction.objects.filter(reference__startswith="70000").values_list(
            "reference", "completed_at"
        )
    )
    assert times["700001"] == datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
    assert times["700002"] == datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
    assert times["700003"] == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def test_opening_stock_comes_first_even_before_a_sale_at_midnight(folder: Folder) -> None:
    folder.append(
        "retail-history/movements.csv",
        "2010-12-01 00:00:00,700001,sale,85123A,-1,2.55,DE-01,",
    )
    load(folder.path)
    first, second = StockMovement.objects.filter(
        location__code="DE-01", product__product_id="85123A"
    ).order_by("pk")[:2]
    assert (first.quantity, first.balance) == (5, 5)
    assert (second.quantity, second.balance) == (-1, 4)
    assert first.happened_at == second.happened_at


def test_apparel_stock_is_the_same_on_every_load(folder: Folder) -> None:
    def stock() -> list[tuple]:
        apparel = StockOnHand.objects.filter(product__product_id__startswith="MH01")
        apparel = apparel.exclude(location__code__endswith="-90")
        return sorted(
            apparel.values_list(
                "location__code", "product__product_id", "stock_location__name", "quantity"
            )
        )

    with transaction.atomic():
        load_demo(now=NOW, folder=folder.path)
        first = stock()
        transaction.set_rollback(True)
    load(folder.path, NOW + WEEK)
    assert first == stock()
    # These three stores carry the full range.
    assert {row[:2] for row in first if row[2] == "main"} == {
        (store, product)
        for store in ("GB-01", "DE-01", "US-01")
        for product in ("MH01-XS-Black", "MH01-S-Black")
    }


def test_gzip_and_plain_files_load_alike(folder: Folder) -> None:
    folder.pack("retail-history/movements.csv")
    folder.pack("retail-history/products.csv")
    load(folder.path)
    assert on_hand("GB-01", "85123A") == 18


def test_somebody_elses_data_is_left_alone(folder: Folder) -> None:
    Product.objects.create(product_id="mine", name="Mine")
    with pytest.raises(NotEmpty, match=r"holds products \(1\) that are not the demo's"):
        load(folder.path)
    assert Product.objects.count() == 1
    assert not FulfillmentLocation.objects.exists()


def test_somebody_elses_admin_is_left_alone(folder: Folder) -> None:
    User.objects.create(username="admin", email="me@example.com")
    with pytest.raises(NotEmpty, match="A user called admin is already here"):
        load(folder.path)
    assert User.objects.get().email == "me@example.com"
    assert not Product.objects.exists()
