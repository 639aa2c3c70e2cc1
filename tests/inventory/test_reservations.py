"""What is set aside for customers: moved, put back, never twice (CONTRACT §4.5, invariant I4)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from inventory import actions, ledger, tasks
from inventory.models import (
    CustomerReservation,
    CustomerReservationItem,
    InventoryTransaction,
    StockOnHand,
)
from omnichannel.documents import ActionError, TransitionNotAllowed
from omnichannel.eventstream.models import Event
from omnichannel.locations.configuration import phone_defaults
from omnichannel.locations.models import Configuration, StockLocation
from tests.people import ALL, person

Status = CustomerReservation.Status


@pytest.fixture
def by(shop):
    StockLocation.objects.get_or_create(
        name="_customer_reservations", defaults={"display_name": "Reserved"}
    )
    with transaction.atomic():
        ledger.post(shop.header("RECEIVING"), [shop.line(0, 5), shop.line(1, 1)])
    return person("clerk", is_superuser=True, document_scope=ALL)


def reserve(shop, by, *products: int, key: str = "k", **more) -> CustomerReservation:
    with transaction.atomic():
        return actions.reserve_items(
            location_id=shop.stores[0],
            product_ids=[shop.products[product] for product in products],
            customer_profile_id="C-1",
            by=by,
            key=key,
            **more,
        ).reservation


def settle(by, reservation, *statuses: str, key: str = "s") -> None:
    items = reservation.items.order_by("position").values_list("pk", flat=True)
    outcomes = {
        pk: actions.Outcome(status) for pk, status in zip(items, statuses, strict=False) if status
    }
    with transaction.atomic():
        actions.settle_items(pk=reservation.pk, outcomes=outcomes, by=by, key=key)
    reservation.refresh_from_db()


def set_aside() -> int:
    rows = StockOnHand.objects.filter(stock_location__name="_customer_reservations")
    units = rows.aggregate(units=Sum("quantity"))["units"] or 0
    reserved = CustomerReservationItem.objects.filter(status=Status.RESERVED).count()
    assert units == reserved
    return units


def test_goods_are_set_aside_and_seen_in_the_audit_trail_only(shop, by):
    made = reserve(shop, by, 0, 0, 1)
    assert (made.status, set_aside()) == (Status.RESERVED, 3)
    assert reserve(shop, by, 0, 0, 1).pk == made.pk
    assert set_aside() == 3
    assert not InventoryTransaction.objects.listed().exclude(type="RECEIVING").exists()
    assert InventoryTransaction.objects.filter(type="RESERVE", reference=made.external_id).exists()
    assert not Event.objects.exists()
    assert ledger.verify().differences == 0


def test_more_than_there_is_is_refused_and_nothing_is_written(shop, by):
    with pytest.raises(ledger.StockTooLow, match="P1: 1 on hand, 2 asked"):
        reserve(shop, by, 0, 1, 1)
    assert (CustomerReservation.objects.count(), set_aside()) == (0, 0)


@pytest.mark.parametrize(
    ("statuses", "whole", "left"),
    [
        ((Status.CONVERTED, ""), Status.RESERVED, 1),
        ((Status.CONVERTED, Status.UNRESERVED), Status.CONVERTED, 0),
        ((Status.UNRESERVED, Status.UNRESERVED), Status.UNRESERVED, 0),
    ],
)
def test_the_whole_is_what_its_items_say(shop, by, statuses, whole, left):
    made = reserve(shop, by, 0, 1)
    settle(by, made, *statuses)
    assert (made.status, set_aside()) == (whole, left)
    with pytest.raises(TransitionNotAllowed):
        settle(by, made, *statuses, key="again")
    assert set_aside() == left


def test_a_pending_one_moves_nothing_before_it_is_accepted(shop, by):
    made = reserve(shop, by, 0, is_pending=True)
    other = reserve(shop, by, 0, is_pending=True, key="other")
    assert set_aside() == 0
    with transaction.atomic():
        actions.accept_reservation(pk=made.pk, by=by, key="a")
        actions.reject_reservation(pk=other.pk)
    assert set_aside() == 1
    for verb in (
        lambda: actions.reject_reservation(pk=made.pk),
        lambda: actions.accept_reservation(pk=other.pk, by=by, key="b"),
    ):
        with pytest.raises(TransitionNotAllowed), transaction.atomic():
            verb()


def test_the_time_passing_moves_nothing_and_somebody_releases(shop, by):
    made = reserve(shop, by, 0, 1, expires_in_minutes=0)
    later = reserve(shop, by, 0, key="later")
    tasks.notice_expired()
    expired = CustomerReservation.objects.expired()
    assert ([row.pk for row in expired], set_aside()) == ([made.pk], 3)
    made.refresh_from_db()
    later.refresh_from_db()
    assert (made.noticed_at is None, later.noticed_at) == (False, None)
    with transaction.atomic():
        assert actions.release_reservation(pk=made.pk, by=by, key="r") == 2
    with pytest.raises(TransitionNotAllowed), transaction.atomic():
        actions.release_reservation(pk=made.pk, by=by, key="r2")
    made.refresh_from_db()
    assert (made.status, set_aside()) == (Status.UNRESERVED, 1)


def test_goods_are_kept_as_long_as_it_is_configured(shop, by):
    before = timezone.now()
    assert reserve(shop, by, 0).expires_at >= before + timedelta(days=1)
    Configuration.objects.create(customer_reservation_minutes=5)
    asked = reserve(shop, by, 0, key="five")
    assert asked.expires_at < before + timedelta(days=1)


def test_a_centre_and_a_store_that_does_not_reserve_refuse(shop, by):
    phone = {**phone_defaults(), "enabled_reservations_stores": ["ST-2"]}
    Configuration.objects.create(phone=phone)
    with pytest.raises(ActionError, match="reserves nothing"):
        reserve(shop, by, 0)
    shop.stores[0] = shop.dc
    with pytest.raises(ActionError, match="reserves nothing"):
        reserve(shop, by, 0)
    assert set_aside() == 0


@pytest.mark.parametrize("number", [0, 501])
def test_too_few_and_too_many_items_are_refused(shop, by, number):
    with pytest.raises(ActionError, match="1 to 500"):
        reserve(shop, by, *([0] * number))
