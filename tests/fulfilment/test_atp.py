"""What may be promised, and what changes it (PRODUCT §1)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from fulfilment import actions
from fulfilment.models import LocationAvailability
from inventory.models import Allocation
from omnichannel.locations.models import FulfillmentLocation

Kind = Allocation.Kind


def test_atp_is_stock_without_promises_and_what_is_held_back(hall):
    hall.post(0, 10)
    hall.level(0, safety_stock=3)
    order = uuid4()
    hall.reserve(0, order)
    hall.assign(0)
    row = hall.row(0)
    assert (row.on_hand, row.soft_reserved, row.allocated, row.safety_stock) == (10, 1, 1, 3)
    assert (row.current_atp, row.future_atp, row.total_atp) == (5, 0, 5)


def test_nothing_is_promised_of_what_was_never_there(hall):
    assert hall.atp(3) == 0


def test_only_main_is_sold_from(hall):
    hall.post(0, 4, shelf="display")
    hall.post(0, 1)
    assert hall.atp(0) == 1


def test_a_location_that_is_switched_off_has_nothing_and_keeps_its_numbers(hall):
    hall.post(0, 10)
    FulfillmentLocation.objects.filter(pk=hall.ours.pk).update(is_enabled=False)
    row = hall.row(0)
    assert (row.on_hand, row.current_atp, row.total_atp) == (10, 0, 0)


def test_the_number_of_a_product_wins_over_the_locations(hall):
    hall.post(0, 10)
    hall.post(1, 10)
    hall.level(1, safety_stock=0)
    LocationAvailability.objects.create(location=hall.ours, safety_stock=4)
    assert (hall.atp(0), hall.atp(1)) == (6, 10)


def test_what_comes_is_told_apart_and_added_up(hall):
    hall.post(0, 2, where=hall.dc, type="STOCK_IMPORT")
    tomorrow = timezone.localdate() + timedelta(days=1)
    hall.level(0, hall.dc, future_quantity=5, future_date=tomorrow)
    hall.assign(0, kind=Kind.FUTURE, where=hall.dc)
    row = hall.row(0, hall.dc)
    assert (row.current_atp, row.future_atp, row.total_atp) == (2, 4, 6)
    assert row.future_date == tomorrow


@pytest.mark.parametrize("clears", ["COUNT_ADJUSTMENT", "STOCK_IMPORT", "RECEIVING", "ADJUSTMENT"])
def test_a_mispicked_product_is_not_promised_until_its_stock_is_told_anew(hall, clears):
    hall.post(0, 5)
    hall.fail(*hall.assign(0), "no_inventory")
    assert (hall.atp(0), hall.row(0).mispicked_at is None) == (0, False)
    hall.post(0, -1, type="SHIPMENT")
    assert hall.atp(0) == 0
    hall.post(0, 0, type=clears)
    assert (hall.atp(0), hall.row(0).mispicked_at) == (4, None)


@pytest.mark.parametrize("reason", ["cancellation_request", "refused", "damaged_items"])
def test_what_failed_otherwise_may_be_promised_again(hall, reason):
    hall.post(0, 5)
    hall.fail(*hall.assign(0), reason)
    assert hall.atp(0) == 5


def test_a_packed_order_still_stands_in_main_and_is_promised(hall):
    hall.post(0, 5)
    request, item = hall.assign(0)
    with transaction.atomic():
        actions.pack_items(pk=request.pk, item_uuids=[item], by=hall.user, key=str(uuid4()))
    assert (hall.on_hand(0), hall.atp(0)) == (5, 4)
    hall.complete(request, item)
    assert (hall.on_hand(0), hall.atp(0)) == (4, 4)
