"""A store's stock becomes ours: once, with its guards, and every transaction counts from then on."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone

from asn.models import Receipt
from counts.models import Count, CountBatch
from fulfilment.actions.mastering import OpenDocuments, take_over_stock
from fulfilment.checklist import takeover
from fulfilment.models import LocationAvailability, Takeover
from inventory.models import InventoryTransaction, StockMovement
from omnichannel.accounts.models import AuditEvent, User
from omnichannel.imports.models import Import
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.api.calling import Call, caller
from tests.people import person, signed_in

from .stock_files import CENTRE, ERP, OURS, brought, on_hand, post, row, shop

SWITCH = "/v0/locations/{}/inventory_master/_enable"


@pytest.fixture
def owner(db: None) -> User:
    return shop()


@pytest.fixture
def call(owner: User) -> Call:
    return caller(owner)


def switch(call: Call, code: str = ERP) -> HttpResponse:
    return call("POST", SWITCH.format(code))


def place(code: str = ERP) -> FulfillmentLocation:
    return FulfillmentLocation.objects.get(code=code)


def count(status: str, **fields: Any) -> Count:
    return Count.objects.create(
        batch=CountBatch.objects.create(operation_key=f"b{CountBatch.objects.count()}"),
        type="CYCLE",
        status=status,
        name="A count",
        location=place(),
        stock_location=StockLocation.objects.get(name="main"),
        due_date="2030-01-01",
        started_at=timezone.now(),
        **fields,
    )


def test_a_store_becomes_ours_once_and_it_is_written_down(owner, call):
    brought(owner, row("P-1", 5))
    answer = switch(call)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": ERP, "is_inventory_master": True, "is_enabled": True, "store_id": ERP,
        "type": "store",
    }  # fmt: skip
    taken = Takeover.objects.get()
    assert (taken.location.code, taken.units, taken.by) == (ERP, 5, owner)
    assert AuditEvent.objects.filter(resource="location", resource_id=ERP).count() == 1
    assert switch(call).status_code == 200
    assert Takeover.objects.count() == AuditEvent.objects.count() == 1


def test_a_centre_never_becomes_ours_and_a_store_of_ours_stays_so(call):
    assert switch(call, CENTRE).status_code == 405
    assert switch(call, OURS).status_code == 200
    assert switch(call, "nowhere").status_code == 404
    assert not Takeover.objects.exists()
    assert not place(CENTRE).is_inventory_master


def test_there_is_no_way_back(owner, call):
    switch(call)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        path = SWITCH.format(ERP).replace("_enable", "_disable")
        assert call(method, path).status_code in (404, 405)
    assert place().is_inventory_master


@pytest.mark.parametrize("kind", ["counts", "receipts", "movements", "imports"])
def test_what_would_be_cut_in_two_stands_in_the_way(owner, call, kind):
    if kind == "counts":
        count("IN_PROGRESS")
    elif kind == "receipts":
        Receipt.objects.create(
            operation_key="r", location=place(), kind="BLIND", status="IN_PROGRESS",
            associate_id="a", started_at=timezone.now(), begun_at=timezone.now(),
            by=User.objects.get(),
        )  # fmt: skip
    elif kind == "movements":
        InventoryTransaction.objects.create(
            type="TRANSFER", status="READY_FOR_HANDOVER", location=place(), associate_id="a",
            started_at=timezone.now(), operation_key="t", movements_after=0, movement_count=0,
        )  # fmt: skip
    else:
        Import.objects.create(origin="API", entities=["availabilities"], state="PROCESSING")
    answer = switch(call)
    assert answer.status_code == 409
    assert answer.json()["open_documents"] == [{"kind": kind, "number": 1}]
    assert not place().is_inventory_master


@pytest.mark.parametrize("status", ["PENDING", "COMPLETED", "CANCELLED"])
def test_counts_that_have_not_begun_or_have_ended_are_in_nobodys_way(call, status):
    count(status, **({"completed_at": timezone.now()} if status == "COMPLETED" else {}))
    assert switch(call).status_code == 200


KINDS = (
    "RECEIVING",
    "ADJUSTMENT",
    "COUNT_ADJUSTMENT",
    "RETURN",
    "RESERVE",
    "UNRESERVE",
)


def test_where_the_erp_keeps_the_stock_only_what_is_sent_and_imports_move_it(owner):
    brought(owner, row("P-1", 10))
    for kind in KINDS:
        post("P-1", 3, kind)
    assert on_hand() == {"P-1": 10}
    assert InventoryTransaction.objects.exclude(type="STOCK_IMPORT").count() == len(KINDS)
    post("P-1", -2, "SHIPMENT")
    post("P-1", -1, "TRANSFER")
    assert on_hand() == {"P-1": 7}
    brought(owner, row("P-1", 31))
    assert on_hand() == {"P-1": 31}


def test_once_it_is_ours_every_kind_moves_it_and_no_import_does(owner, call):
    brought(owner, row("P-1", 10))
    switch(call)
    for kind in KINDS:
        post("P-1", 1, kind)
    post("P-1", -2, "SHIPMENT")
    assert on_hand() == {"P-1": 10 + len(KINDS) - 2}
    refused = brought(owner, row("P-1", 99))
    assert (refused.state, refused.errors) == ("PARTIALLY_FAILED", 1)
    assert on_hand() == {"P-1": 10 + len(KINDS) - 2}


def test_the_dialog_tells_the_age_of_the_import_what_moved_since_and_what_nobody_counted(owner):
    brought(owner, row("P-1", 5), row("P-2", 7))
    LocationAvailability.objects.update(last_import_at=timezone.now() - timedelta(days=3))
    post("P-1", 1, "RECEIVING")
    post("P-1", -1, "SHIPMENT")
    found = takeover.standing(place())
    assert (found.moved, found.units, found.products) == (1, 11, 2)
    page = signed_in(owner).get(f"/settings/locations/{ERP}/take-over/").content.decode()
    assert "3 days ago" in page
    assert "1 transaction was recorded since the last import" in page
    assert "Nobody has counted these units" in page


def test_the_dialog_without_an_import_says_so_and_may_be_confirmed(owner):
    client = signed_in(owner)
    page = client.get(f"/settings/locations/{ERP}/take-over/").content.decode()
    assert "No stock was ever imported" in page
    unsure = client.post(f"/settings/locations/{ERP}/take-over/")
    assert unsure.status_code == 400
    assert not place().is_inventory_master
    done = client.post(f"/settings/locations/{ERP}/take-over/", {"sure": "yes"})
    assert done.status_code == 302
    assert place().is_inventory_master


def test_the_dialog_refuses_while_something_is_open_and_names_it(owner):
    count("IN_PROGRESS")
    client = signed_in(owner)
    page = client.get(f"/settings/locations/{ERP}/take-over/").content.decode()
    assert "Counts in progress" in page
    assert 'name="sure"' not in page
    answer = client.post(f"/settings/locations/{ERP}/take-over/", {"sure": "yes"})
    assert answer.status_code == 409
    assert not place().is_inventory_master


def test_a_banner_stays_until_the_first_count(owner, call):
    brought(owner, row("P-1", 5))
    switch(call)
    client = signed_in(owner)
    pages = (
        f"/settings/locations/{ERP}/",
        f"/store-operations/inventory/stock-on-hand/{ERP}/P-1/",
        f"/store-operations/inventory/stock-on-hand/?store={ERP}",
    )
    for page in pages:
        assert "Nobody has counted this store" in client.get(page).content.decode()
    count("COMPLETED", completed_at=timezone.now())
    for page in pages:
        assert "Nobody has counted this store" not in client.get(page).content.decode()


def test_a_store_loaded_with_0_waits_for_its_count(owner, call):
    brought(owner, row("P-1", 0))
    switch(call)
    page = signed_in(owner).get(f"/settings/locations/{ERP}/").content.decode()
    assert "was loaded with 0 and waits for its first count" in page


def test_where_a_number_is_the_erps_its_page_says_so(owner):
    brought(owner, row("P-1", 5))
    client = signed_in(owner)
    for page in (
        f"/settings/locations/{ERP}/",
        f"/store-operations/inventory/stock-on-hand/{ERP}/P-1/",
    ):
        assert "The ERP keeps the stock of this store" in client.get(page).content.decode()


def test_a_location_is_switched_off_and_on_by_whoever_may(owner):
    client = signed_in(owner)
    client.post(f"/settings/locations/{ERP}/switch/", {"enabled": "no"})
    assert not place().is_enabled
    client.post(f"/settings/locations/{ERP}/switch/", {"enabled": "yes"})
    assert place().is_enabled
    keeper = signed_in(person("keeper", "Store Manager", stores=(place(),)))
    assert keeper.post(f"/settings/locations/{ERP}/switch/").status_code == 403


def test_of_many_who_take_over_at_once_one_does(transactional_db):
    owner = shop()
    gate = threading.Barrier(6)

    def take() -> None:
        gate.wait()
        try:
            assert switch(caller(owner)).status_code == 200
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        for each in [threads.submit(take) for _n in range(6)]:
            each.result()
    assert (Takeover.objects.count(), AuditEvent.objects.count()) == (1, 1)


def test_a_refused_takeover_writes_nothing(owner, rf):
    count("IN_PROGRESS")
    request = rf.post("/")
    request.user = owner
    with pytest.raises(OpenDocuments), transaction.atomic():
        take_over_stock(request, place().pk)
    assert not Takeover.objects.exists()
    assert StockMovement.objects.count() == 0
