"""The demo's ASNs: every status, each labelled, and books that are right with them."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from asn.filters import OVERDUE
from asn.models import Asn, AsnLine, Receipt, ReceiptLine
from asn.receiving.verification import RULES as ASN_RULES
from demo.loading import load_demo
from demo.notices import EVERY_SCENE, FEWEST, SCENES, TO_DECIDE
from inventory.ledger import verification
from inventory.models import InventoryTransaction, StockMovement
from transfers.models import TransferOrder, TransferTransaction
from transfers.shipping.verification import RULES

from .conftest import Folder

pytestmark = pytest.mark.django_db
STORES = ("DE-01", "GB-01", "US-01")


def deliver(folder: Folder, products: int, stores: tuple[str, ...] = STORES) -> None:
    """Two deliveries to each store; the second, which counts, is of `products` products."""
    codes = [f"N{number:02}" for number in range(products)]
    folder.append(
        "retail-history/products.csv", *(f"{code},Thing {code},1.00,N," for code in codes)
    )
    rows = [
        f"{store},{day},SIM-{store}-{day[2:].replace('-', '')},{code},{units}"
        for store in stores
        for day, some, units in (("2010-12-14", ["85123A"], 9), ("2010-12-16", codes, 7))
        for code in some
    ]
    folder.append("retail-history/deliveries_simulated.csv", *rows)


def load(folder: Folder) -> int:
    with transaction.atomic():
        summary = load_demo(now=timezone.now(), folder=folder.path)
    assert summary is not None
    return summary.asns


def test_every_status_is_there_each_is_labelled_and_the_books_agree(folder: Folder) -> None:
    deliver(folder, 30)
    number = load(folder)
    assert number == Asn.objects.count() > 2 * len(SCENES)
    for store in EVERY_SCENE:
        here = Asn.objects.filter(destination__code=store)
        assert set(here.values_list("status", flat=True)) == set(Asn.Status)
        assert here.filter(OVERDUE, expected_date=None).exists()
        assert here.filter(OVERDUE, expected_date__isnull=False).exists()
        assert here.filter(lines__over_received__gt=0).exists()
        assert here.filter(receipts__kind="CARTON").exists()
        assert here.filter(status="CLOSED", is_force_closed=False).exists()
        assert here.filter(is_force_closed=True, receipts__is_late=True).exists()
    for asn in Asn.objects.all():
        assert asn.number.startswith("SIM-TR-" if asn.source == "TRANSFER" else "SIM-ASN-")
        assert asn.note in ("Simulated ASN", "Simulated transfer")
        assert all(order.startswith("SIM-") for order in asn.order_ids)
    made_up = InventoryTransaction.objects.filter(type__in=("RECEIVING", "TRANSFER"))
    for note, reference in made_up.values_list("note", "reference"):
        assert note.startswith("Simulated ")
        assert reference.startswith("SIM-")
    with connection.cursor() as cursor:
        for rule, select in {**verification.RULES, **ASN_RULES, **RULES}.items():
            cursor.execute(select)
            assert cursor.fetchall() == [], rule
    assert not StockMovement.objects.filter(happened_at__gt=timezone.now()).exists()


def test_the_one_that_the_manager_decides_about(folder: Folder) -> None:
    deliver(folder, FEWEST)
    load(folder)
    asn = Asn.objects.get(number=TO_DECIDE)
    lines = list(asn.lines.order_by("-expected", "pk").values_list("expected", "received"))
    assert lines == [(12, 12), (8, 5), (4, 4), (0, 1)]
    assert (asn.expected_total, asn.in_transit_total) == (24, 3)
    assert (timezone.now() - asn.shipped_at).days in (8, 9)
    damaged = ReceiptLine.objects.get(receipt__asn=asn, damaged__gt=0)
    assert (damaged.damaged, damaged.damage.to_stock_location.name) == (1, "damaged")


def test_goods_between_stores_and_work_on_the_phone(folder: Folder) -> None:
    deliver(folder, 8)
    load(folder)
    held = AsnLine.objects.filter(asn__holder__code="GB-01", in_transit__gt=0)
    assert set(held.values_list("asn__status", flat=True)) == set(Asn.Status)
    left = Receipt.objects.get(status="IN_PROGRESS")
    assert (left.by.username, left.scans.count()) == ("associate-de", 3)
    assert Receipt.objects.get(kind="BLIND").location.code == "DE-01"


def test_transfers_in_every_status_from_both_ends_each_labelled(folder: Folder) -> None:
    deliver(folder, 12)
    load(folder)
    for store in EVERY_SCENE:
        here = TransferOrder.objects.filter(origin__code=store)
        assert set(here.values_list("status", flat=True)) == set(TransferOrder.Status)
        nine = here.get(status="CLOSED", ordered_total=10)
        assert (nine.transferred_total, nine.external_ref) == (9, f"SIM-TR-{store}-nine")
        assert here.get(source="STORE", transactions__status="READY").reserved_total == 4
    assert set(TransferOrder.objects.values_list("note", flat=True)) == {"Simulated transfer"}
    picked = TransferTransaction.objects.get(status="PICKED")
    assert (picked.by.username, picked.quantity_total) == ("associate-de", 2)


def test_deliveries_of_a_few_products_announce_nothing(folder: Folder) -> None:
    deliver(folder, FEWEST - 1)
    assert load(folder) == 0
    assert not Asn.objects.exists()


def test_a_store_alone_has_its_scene(folder: Folder) -> None:
    deliver(folder, FEWEST, stores=("US-01",))
    assert load(folder) == 1
    assert Asn.objects.get().destination.code == "US-01"
