"""Stock Levels, safety stock by file, reservations and mispicks: what a manager sees and does."""

import csv
import io
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models.functions import Now

from fulfilment.models import LocationAvailability, SafetyStockUpload, StockLevel
from inventory.actions import reserve_items
from inventory.models import CustomerReservation
from omnichannel.catalog.models import Price, Product
from omnichannel.locations.models import FulfillmentLocation
from tests.people import person, signed_in

from .conftest import work

LEVELS = "/catalog/stock-levels/"
SAFETY = f"{LEVELS}safety-stock/"
R = "/store-operations/inventory/reservations/"
MISPICKS = "/store-operations/inventory/mispicks/"


@pytest.fixture
def client(hall):
    return signed_in(person("manager", "Store Manager", document_scope="ALL_STORES"))


def manager_of(location: FulfillmentLocation):
    scopes = {"stock_scope": "OWN_STORES", "document_scope": "OWN_STORES"}
    name = f"of-{location.code}"
    return signed_in(person(name, "Store Manager", stores=(location,), **scopes))


def exported(client, url: str) -> list[dict[str, str]]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content[:400]
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def reserved(hall, product: int, units: int = 1, **more) -> CustomerReservation:
    with transaction.atomic():
        made = reserve_items(
            location_id=hall.ours.pk,
            product_ids=[hall.products[product].pk] * units,
            customer_profile_id="C-1",
            by=hall.user,
            key=str(uuid4()),
            **more,
        )
    return made.reservation


# ------------------------------------------------------------------ stock levels
def test_the_documented_columns_with_their_numbers(client, hall):
    Price.objects.create(pricebook=hall.ours.pricebook, product=hall.products[0], value="9.90")
    hall.post(0, 10)
    hall.reserve(0, uuid4())
    hall.assign(0)
    hall.level(0, safety_stock=3)
    (row,) = exported(client, f"{LEVELS}?export=csv&store=DE-01")
    assert row == {
        "Product Name": "Product 0", "Product ID": "P0", "SKU": "", "Size": "", "Color": "",
        "Price": "9.90", "Location": "Store DE-01", "Location ID": "DE-01", "In Stock": "10",
        "Reserved": "1", "Allocated": "1", "Safety Stock": "3", "Current ATP": "5",
        "Future ATP": "0", "Future Availability Date": "", "Total ATP": "5",
        "Last Stock Import": "-", "Last Mispick": "",
    }  # fmt: skip
    page = client.get(LEVELS).content.decode()
    assert "Stock Levels" in page
    assert "1 row" in page


def test_nothing_negative_is_shown(client, hall):
    hall.post(0, -4, type="ADJUSTMENT")
    (row,) = exported(client, f"{LEVELS}?export=csv")
    assert [row[name] for name in ("In Stock", "Current ATP", "Total ATP")] == ["0", "0", "0"]


def test_what_is_expected_adds_up_and_has_its_day(client, hall):
    hall.post(0, 2, where=hall.dc, type="STOCK_IMPORT")
    hall.level(0, hall.dc, future_quantity=5, future_date="2099-01-02")
    (row,) = exported(client, f"{LEVELS}?export=csv&state=future")
    assert (row["Future ATP"], row["Future Availability Date"], row["Total ATP"]) == (
        "5", "2099-01-02", "7",
    )  # fmt: skip
    assert "2 Jan 2099" in client.get(LEVELS).content.decode()


def test_an_import_counts_where_the_stock_is_the_erps(client, hall):
    hall.post(0, 1)
    hall.post(0, 1, where=hall.erp, type="STOCK_IMPORT")
    for place in (hall.ours, hall.erp):
        hall.level(0, place, last_import_at="2026-03-01T08:00Z")
    rows = {row["Location ID"]: row for row in exported(client, f"{LEVELS}?export=csv")}
    assert rows["DE-01"]["Last Stock Import"] == "-"
    assert rows["ERP-1"]["Last Stock Import"] == "2026-03-01T09:00:00+01:00"


def test_a_mispicked_product_is_found_and_told(client, hall):
    hall.post(0, 4)
    hall.post(1, 4)
    hall.fail(*hall.assign(0), "no_inventory")
    (row,) = exported(client, f"{LEVELS}?export=csv&state=mispicked")
    assert (row["Product ID"], row["In Stock"], row["Current ATP"]) == ("P0", "4", "0")
    assert row["Last Mispick"]
    hall.post(0, 1)
    assert exported(client, f"{LEVELS}?export=csv&state=mispicked") == []


def test_a_manager_of_one_store_sees_its_levels_only(hall):
    hall.post(0, 4)
    hall.post(0, 4, where=hall.erp, type="STOCK_IMPORT")
    rows = exported(manager_of(hall.erp), f"{LEVELS}?export=csv")
    assert [row["Location ID"] for row in rows] == ["ERP-1"]


# ------------------------------------------------------------------ safety stock
def sent(client, text: str | bytes, key=None):
    data = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("safety.csv", data, content_type="text/csv")
    return client.post(SAFETY, {"key": key or uuid4(), "file": file})


def test_what_goes_out_comes_in_again_unchanged(client, hall):
    Product.objects.filter(pk=hall.products[1].pk).update(product_id="=1+1")
    hall.post(0, 4)
    text = "Product ID,Location,Safety Stock\n,DE-01,2\nP0,DE-01,5\n'=1+1,DE-01,1\n"
    assert sent(client, text).status_code == 302
    work()
    out = b"".join(client.get(f"{SAFETY}export/").streaming_content)
    table = [list(csv.reader(io.StringIO(found))) for found in (out.decode(), text)]
    assert sorted(table[0]) == sorted(table[1])
    assert LocationAvailability.objects.get(location=hall.ours).safety_stock == 2
    assert sent(client, out).status_code == 302
    work()
    assert SafetyStockUpload.objects.order_by("-id").first().changed == 0
    assert hall.atp(0) == 0


def test_every_wrong_row_is_told_and_nothing_written(client, hall):
    hall.post(0, 4)
    refused = sent(client, "Product ID,Location,Safety Stock\nP0,DE-01,1\nNOPE,DE-01,1\n")
    page = refused.content.decode()
    assert refused.status_code == 400
    assert "There is no product NOPE" in page
    assert ">3<" in page
    assert not StockLevel.objects.filter(safety_stock__isnull=False).exists()
    assert SafetyStockUpload.objects.count() == 0


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2", b"\xff\xfe", "Product ID,Location,Safety Stock\nP0,DE-01,-1\n",
     "Product ID,Location,Safety Stock\nP0,DE-01,1.5\n", "Product ID,Location,Safety Stock\n\0,,1"],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(client, hall, text):
    assert sent(client, text).status_code == 400
    assert SafetyStockUpload.objects.count() == 0


def test_a_second_file_waits_for_the_first_and_a_second_click_is_the_first(client, hall):
    text, key = "Product ID,Location,Safety Stock\n,DE-01,2\n", uuid4()
    assert sent(client, text, key).status_code == 302
    assert sent(client, text, key).status_code == 302
    refused = sent(client, text)
    assert refused.status_code == 409
    assert "being written" in refused.content.decode()
    assert SafetyStockUpload.objects.count() == 1


def test_a_manager_holds_nothing_back_elsewhere(hall):
    refused = sent(manager_of(hall.erp), "Product ID,Location,Safety Stock\n,DE-01,2\n")
    assert refused.status_code == 400
    assert "no location DE-01 for you" in refused.content.decode()


# ------------------------------------------------------------------ reservations
def test_an_expired_reservation_is_still_set_aside_until_it_is_released(client, hall):
    hall.post(0, 5)
    made = reserved(hall, 0, units=2)
    CustomerReservation.objects.update(expires_at=Now() - timedelta(minutes=1))
    (row,) = exported(client, f"{R}?state=expired&export=csv")
    assert (row["Status"], row["Set Aside"]) == ("Expired, still set aside", "2")
    assert hall.on_hand(0) == 3
    page = client.get(f"{R}{made.uuid}/").content.decode()
    assert "Expired, still set aside" in page
    assert f"{made.uuid}/release/" in page
    assert "2 units go back" in client.get(f"{R}{made.uuid}/release/").content.decode()
    assert client.post(f"{R}{made.uuid}/release/", {"key": "k"}).status_code == 302
    assert hall.on_hand(0) == 5
    assert exported(client, f"{R}?state=expired&export=csv") == []
    again = client.post(f"{R}{made.uuid}/release/", {"key": "k"})
    assert again.status_code == 409
    assert hall.on_hand(0) == 5


def test_several_are_released_and_each_says_what_became_of_it(client, hall):
    hall.post(0, 5)
    first, second = reserved(hall, 0), reserved(hall, 0)
    client.post(f"{R}{first.uuid}/release/", {"key": "k"})
    uuids = [str(first.uuid), str(second.uuid), "nonsense", str(uuid4())]
    asked = client.post(R, {"act": "release", "row": uuids[:2]})
    assert asked.status_code == 200
    assert str(second.uuid) in asked.content.decode()
    told = client.post(
        f"{R}release/", {"reservation": uuids, "act": "confirm", "key": "x"}
    ).content.decode()
    assert told.count("is back on its shelf") == 1
    assert told.count("t-bad") == 1
    assert hall.on_hand(0) == 5


def test_reservations_of_another_store_are_nobodys_here(hall):
    hall.post(0, 5)
    made = reserved(hall, 0)
    stranger = manager_of(hall.erp)
    assert exported(stranger, f"{R}?export=csv") == []
    for path in (f"{R}{made.uuid}/", f"{R}{made.uuid}/release/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{R}{made.uuid}/release/", {}).status_code == 404
    told = stranger.post(f"{R}release/", {"reservation": str(made.uuid), "act": "confirm"})
    assert "None of these" in told.content.decode()
    assert hall.on_hand(0) == 4


def test_the_items_of_a_reservation_are_told_one_by_one(client, hall):
    hall.post(0, 5)
    hall.post(1, 5)
    made = reserved(hall, 0, units=2)
    page = client.get(f"{R}{made.uuid}/").content.decode()
    assert Counter(["P0" in page, page.count("Product 0") >= 2]) == {True: 2}


# ------------------------------------------------------------------ mispicks
def test_mispicks_tell_order_store_and_associate(client, hall):
    hall.post(0, 4)
    order = uuid4()
    request, item = hall.assign(0, order)
    hall.fail(request, item, "no_inventory")
    (row,) = exported(client, f"{MISPICKS}?export=csv")
    assert list(row)[:4] == ["Order ID", "Updated", "Store", "Associate"]
    assert (row["Order ID"], row["Store"], row["Kind"]) == (str(order), "Store DE-01", "Mispick")
    assert exported(client, f"{MISPICKS}?export=csv&order={order}")
    assert exported(client, f"{MISPICKS}?export=csv&order={uuid4()}") == []
    said = client.get(f"{MISPICKS}?order=nonsense").content.decode()
    assert "This filter is ignored" in said
    assert exported(manager_of(hall.erp), f"{MISPICKS}?export=csv") == []
