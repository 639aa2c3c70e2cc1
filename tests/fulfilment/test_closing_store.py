"""The way to a closed store: each step is settled by the books, and the last one switches it off."""

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from asn.actions import Arrived
from asn.models import Asn
from counts.models import Count, CountBatch
from fulfilment.actions.closing import NotSettled, close_store, send_remaining
from fulfilment.checklist import closing
from inventory.models import CustomerReservation
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from tests.people import person, signed_in
from tests.transfers.conftest import Yard
from transfers.models import TransferOrder


@pytest.fixture
def yard(transactional_db: None) -> Yard:
    return Yard()


@pytest.fixture
def chief(yard: Yard) -> User:
    return User.objects.create(username="chief", is_superuser=True)


def left(store: FulfillmentLocation) -> dict[str, list[tuple[str, int]]]:
    """What is left of each step that is not settled."""
    store.refresh_from_db()
    return {
        step.kind: [(matter.kind, matter.number) for matter in step.matters]
        for step in closing.steps(store)
        if not step.is_settled
    }


def send(yard: Yard, chief: User, key: str = "k") -> list[TransferOrder]:
    with transaction.atomic(durable=True):
        return send_remaining(
            location_id=yard.london.pk, destination_id=yard.dc.pk, by=chief, key=key
        )


def counted(store: FulfillmentLocation, type_: str = "FULL") -> None:
    Count.objects.create(
        batch=CountBatch.objects.create(operation_key=str(uuid.uuid4())),
        type=type_,
        status="COMPLETED",
        name="Final",
        location=store,
        stock_location=StockLocation.objects.get(name="main"),
        due_date="2030-01-01",
        started_at=timezone.now(),
        completed_at=timezone.now(),
    )


def asked_to_close(chief: User, store: FulfillmentLocation, rf: Any) -> None:
    request = rf.post("/")
    request.user = chief
    with transaction.atomic(durable=True):
        close_store(request, store.pk)


def test_what_lies_on_the_shelves_is_sent_on_counted_and_the_store_switched_off(yard, chief, rf):
    yard.stock((0, 4), (1, 2))
    yard.stock((0, 1), shelf="damaged")
    assert left(yard.london) == {"stock": [("stock", 1), ("stock", 6)], "count": []}
    orders = send(yard, chief)
    assert [(o.from_stock_location.name, o.ordered_total) for o in orders] == [
        ("main", 6), ("damaged", 1),
    ]  # fmt: skip
    assert ("orders", 2) in left(yard.london)["work"]
    main, damaged = orders
    yard.ship(yard.parcel(main, (0, 4), (1, 2)))
    yard.ship(yard.parcel(damaged, (0, 1)))
    assert left(yard.london) == {"under way": [("sent", 7)], "count": []}
    for asn in Asn.objects.filter(destination=yard.dc):
        lines = asn.lines.order_by("pk")
        yard.receive(asn, *(Arrived(line.product_id, line.expected) for line in lines))
    assert left(yard.london) == {"count": []}
    with pytest.raises(NotSettled, match="Final count"):
        asked_to_close(chief, yard.london, rf)
    counted(yard.london)
    asked_to_close(chief, yard.london, rf)
    yard.london.refresh_from_db()
    assert not yard.london.is_enabled
    page = signed_in(chief).get(f"/settings/locations/{yard.london.code}/")
    assert page.status_code == 200


def test_a_count_before_the_last_movement_is_not_the_final_one(yard, chief):
    yard.stock((0, 1))
    counted(yard.london, "CYCLE")
    counted(yard.london)
    assert left(yard.london) == {"stock": [("stock", 1)]}
    yard.stock((0, 1))
    assert left(yard.london) == {"stock": [("stock", 2)], "count": []}


def test_holds_of_customers_keep_a_store_open(yard, chief):
    CustomerReservation.objects.create(
        external_id="R-1", customer_profile_id="c", location=yard.london, associate_id="a",
        status="PENDING", expires_at=timezone.now(), operation_key="r",
    )  # fmt: skip
    assert left(yard.london)["holds"] == [("reservations", 1)]


def test_stock_is_sent_once_to_a_centre_only(yard, chief):
    yard.stock((0, 4))
    first = send(yard, chief)
    assert [o.pk for o in send(yard, chief)] == [o.pk for o in first]
    with pytest.raises(ActionError, match="are open"):
        send(yard, chief, key="another")
    with pytest.raises(ActionError, match="no distribution centre"), transaction.atomic():
        send_remaining(location_id=yard.london.pk, destination_id=yard.berlin.pk, by=chief, key="x")
    assert TransferOrder.objects.count() == 1


def test_an_empty_store_has_nothing_to_send(yard, chief):
    with pytest.raises(ActionError, match="Nothing lies"):
        send(yard, chief)


def test_the_page_leads_through_the_steps_and_refuses_the_end_before_it(yard, chief):
    yard.stock((0, 4))
    client, url = signed_in(chief), f"/settings/locations/{yard.london.code}/close/"
    page = client.get(url).content.decode()
    assert "3 of 5 steps are settled" in page
    assert "Make transfer orders" in page
    assert client.post(url, {"act": "close"}).status_code == 409
    assert client.post(url, {"act": "jump"}).status_code == 409
    assert client.post(url, {"act": "send", "to": "nowhere"}).status_code == 409
    sent = {"act": "send", "to": yard.dc.code, "key": "same"}
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 302
    assert TransferOrder.objects.get().ordered_total == 4
    yard.london.refresh_from_db()
    assert yard.london.is_enabled


def test_where_the_erp_keeps_the_stock_its_part_is_left_out(yard, chief):
    FulfillmentLocation.objects.filter(pk=yard.london.pk).update(is_inventory_master=False)
    yard.stock((0, 4))
    yard.london.refresh_from_db()
    assert [step.kind for step in closing.steps(yard.london)] == ["work", "holds", "under way"]


def test_only_whoever_manages_locations_closes_a_store(yard):
    keeper = signed_in(person("keeper", "Store Manager", stores=(yard.london,)))
    url = f"/settings/locations/{yard.london.code}/close/"
    assert keeper.get(url).status_code == keeper.post(url).status_code == 403
