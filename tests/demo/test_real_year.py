"""The whole shipped year, loaded once: about half a minute."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Count, Min, Sum
from django.utils import timezone

from asn.models import Asn
from counts import queries, reconciliation
from counts.models import Count as Counted
from demo.keepers import BY_THE_ERP, FROM_ZERO
from demo.loading import load_demo
from fulfilment.models import Mispick
from inventory.models import (
    CustomerReservation,
    InventoryTransaction,
    InventoryTransactionLine,
    StockMovement,
    StockOnHand,
)
from omnichannel.catalog.models import Price, Pricebook, Product
from omnichannel.locations.models import FulfillmentLocation

# The stores beside those of the year.
BESIDE = (BY_THE_ERP.code, FROM_ZERO.code)
RULES = {
    "on hand is the sum of movements": """
      SELECT count(*) FROM inventory_stockonhand
        FULL JOIN (SELECT location_id, product_id, stock_location_id, sum(quantity) AS moved
                     FROM inventory_stockmovement GROUP BY 1, 2, 3) AS summed
             USING (location_id, product_id, stock_location_id)
       WHERE quantity IS DISTINCT FROM coalesce(moved, 0)""",
    "each balance continues the one before": """
      SELECT count(*) FROM (
        SELECT balance, sum(quantity) OVER (
                 PARTITION BY location_id, product_id, stock_location_id ORDER BY id) AS running
          FROM inventory_stockmovement) AS row
       WHERE balance <> running""",
    "time never runs backwards along a row": """
      SELECT count(*) FROM (
        SELECT happened_at, lag(happened_at) OVER (
                 PARTITION BY location_id, product_id, stock_location_id ORDER BY id) AS before
          FROM inventory_stockmovement) AS row
       WHERE happened_at < before""",
    "lines say what movements say": """
      SELECT count(*) FROM (
        SELECT transaction_id, product_id,
               sum(CASE WHEN line.to_stock_location_id IS NULL THEN 0 ELSE quantity END
                   - CASE WHEN line.from_stock_location_id IS NULL THEN 0 ELSE quantity END) AS typed
          FROM inventory_inventorytransactionline AS line
          JOIN inventory_inventorytransaction AS typed ON typed.id = transaction_id
          JOIN locations_fulfillmentlocation AS place ON place.id = typed.location_id
         -- Where the ERP keeps the stock, a receipt is recorded and moves nothing.
         WHERE is_inventory_master OR typed.type <> 'RECEIVING' GROUP BY 1, 2) AS line
        FULL JOIN (SELECT transaction_id, product_id, sum(quantity) AS moved
                     FROM inventory_stockmovement GROUP BY 1, 2) AS movement
             USING (transaction_id, product_id)
       WHERE typed IS DISTINCT FROM moved""",
}


def lines_of(**which: object) -> tuple[int, int]:
    """How many lines the transactions have, and how many units these are."""
    lines = InventoryTransactionLine.objects.filter(
        **{f"transaction__{name}": value for name, value in which.items()}
    )
    return lines.count(), lines.aggregate(units=Sum("quantity"))["units"]


def lines_of_unlisted(*types: str) -> int:
    return InventoryTransactionLine.objects.filter(
        product__is_active=False, transaction__type__in=types
    ).count()


def the_full_count_is_as_described(number: int) -> None:
    assert number == Counted.objects.count() > 50
    active = Counted.objects.active_full().get()
    assert (active.location.code, active.status) == ("DE-02", "IN_PROGRESS")
    ready = Counted.objects.get(type="FULL", status="PENDING")
    assert (ready.location.code, ready.activation_requested_at) == ("GB-02", None)
    zones = queries.zones(active)
    assert Counter(zone.status for zone in zones) == {"COMPLETED": 7, "COUNTING": 4, "NEVER": 1}
    lines = reconciliation.lines(active)
    assert Counter(line.question for line in lines if line.question) == {
        "UNCOUNTED": 3,
        "AMBIGUOUS": 1,
    }
    (product,) = {one.product_id for one in queries.in_zones(active) if one.units == 12} & {
        line.product_id for line in lines if line.counted == 31
    }
    names = {zone.zone_id: zone.name for zone in zones}
    found = queries.in_zones(active, [product])
    assert {names[one.zone_id]: one.units for one in found} == {
        "Zone 1": 10,
        "Zone 6": 12,
        "Zone 138": 9,
    }


@pytest.mark.django_db
def test_the_real_year_is_complete_and_its_books_are_right() -> None:
    now = timezone.now()
    with transaction.atomic():
        summary = load_demo(now=now)
    assert summary is not None

    assert Product.objects.count() == 5_795 == 3_804 + 144 + 1_847
    assert Product.objects.filter(is_active=False).count() == 144
    stores = FulfillmentLocation.objects.filter(kind="STORE")
    # Beside those of the year one whose stock the ERP keeps, and one that waits for its count.
    assert stores.count() == 49 == 47 + 2
    assert list(stores.filter(is_inventory_master=False).values_list("code", flat=True)) == [
        "IT-90"
    ]
    assert FulfillmentLocation.objects.filter(kind="DC").count() == 5
    # All but the 144 without price and the one of a tenth of a penny.
    assert Price.objects.count() == 3 * (3_804 - 1 + 1_847)
    assert not Price.objects.filter(value=0).exists()
    used = Pricebook.objects.annotate(stores=Count("fulfillmentlocation"))
    assert dict(used.values_list("currency", "stores")) == {"GBP": 9, "EUR": 27, "USD": 13}

    assert summary.movement_lines.total() == 538_493 == 538_997 - 504
    assert summary.without_store == {"sale": 503, "return": 1}
    assert (summary.deliveries, summary.delivery_lines) == (859, 270_294)
    assert lines_of(type="SHIPMENT", note="")[0] == 527_826 - 503
    assert lines_of(type="RETURN")[0] == 8_704 - 1
    assert lines_of(type="ADJUSTMENT")[0] == 2_467 + 1
    delivered = {"type": "RECEIVING", "note": "Simulated delivery"}
    assert lines_of(**delivered)[0] == 270_294
    assert lines_of(reference__startswith="SIM-OPENING") == (45_735, 360_188)
    assert InventoryTransaction.objects.filter(**delivered).count() == 859
    assert 0 < summary.apparel_lines < 60_000
    assert lines_of(reference__startswith="SIM-APPAREL")[0] == summary.apparel_lines

    for rule, select in RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(select)
            assert cursor.fetchone() == (0,), rule
    total = StockMovement.objects.aggregate(Sum("quantity"))["quantity__sum"]
    assert total == StockOnHand.objects.aggregate(Sum("quantity"))["quantity__sum"]

    assert summary.asns == Asn.objects.count() > 50
    assert CustomerReservation.objects.count() == 6
    assert CustomerReservation.objects.expired().count() == Mispick.objects.count() == 2
    the_full_count_is_as_described(summary.counts)
    # What the demo makes up says so in its note.
    of_the_year = InventoryTransaction.objects.filter(type="SHIPMENT", note="")
    last = of_the_year.order_by("-completed_at", "-pk").first()
    assert last is not None
    local = last.completed_at.astimezone(ZoneInfo(last.location.time_zone))
    last_week = (now.astimezone(UTC) - timedelta(days=7)).isocalendar()[:2]
    assert local.isocalendar()[:2] == last_week
    # The shop closed its books on a Friday.
    assert local.weekday() == 4
    assert not StockMovement.objects.filter(happened_at__gt=timezone.now()).exists()

    shifted = timedelta(weeks=summary.shifted_weeks)
    great = InventoryTransaction.objects.get(reference="581483", location__code="GB-08")
    taken = StockMovement.objects.get(transaction=great)
    assert (taken.product.product_id, taken.quantity) == ("23843", -80_995)
    assert taken.balance < -80_000
    assert taken.happened_at.astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None) == (
        datetime(2011, 12, 9, 9, 15) + shifted
    )
    back = StockMovement.objects.get(transaction__reference="C581484")
    assert (back.quantity, back.balance - taken.balance) == (80_995, 80_995)

    assert lines_of_unlisted("SHIPMENT", "RETURN", "ADJUSTMENT") == 153
    assert lines_of_unlisted("RECEIVING") == 238
    assert lines_of_unlisted("STOCK_IMPORT") == 152

    earliest = InventoryTransaction.objects.values_list("location__code").annotate(
        Min("completed_at")
    )
    opening = InventoryTransaction.objects.filter(reference__startswith="SIM-OPENING")
    of_the_year = {code: at for code, at in dict(earliest).items() if code not in BESIDE}
    assert of_the_year == dict(opening.values_list("location__code", "completed_at"))
    for code, zone, at in opening.values_list(
        "location__code", "location__time_zone", "completed_at"
    ):
        clock = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert clock == datetime(2010, 12, 1) + shifted, code
