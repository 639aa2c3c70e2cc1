"""What is under way between two locations, and which events are about a notice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from asn import queries
from asn.models import Asn, Fate
from omnichannel.catalog.models import Price
from omnichannel.eventstream.models import Event
from tests.people import person


@pytest.fixture
def priced(dock):
    book = dock.london.pricebook
    for product, value in zip(dock.products[:2], ("2.50", "10.00"), strict=True):
        Price.objects.create(pricebook=book, product=product, value=value)
    return dock


def test_pairs_tell_units_worth_age_and_whose_stock_it_is(priced):
    dock = priced
    old = timezone.now() - timedelta(days=9, hours=1)
    held = dock.shipped((0, 10), (2, 3), shipped_at=old)
    dock.receive(held, (0, 4))
    outside = dock.asn((1, 2), origin_id=dock.london.pk, shipped_at=timezone.now())
    dock.asn((1, 7), number="from DC", shipped_at=timezone.now())
    dock.close(dock.asn((0, 5), number="over"), Fate.LOST)
    first, second = queries.in_transit_pairs(dock.viewer)
    assert (first.origin_id, first.destination_id) == (dock.london.pk, dock.berlin.pk)
    assert (first.documents, first.units, first.held) == (2, 11, 9)
    assert (first.value, first.currency, first.unpriced) == (Decimal("35.00"), "EUR", 3)
    assert first.oldest == old
    assert (second.origin_id, second.units, second.held) == (dock.dc.pk, 7, 0)
    assert second.value == Decimal("70.00")
    documents = queries.in_transit_documents(dock.viewer, dock.london.pk, dock.berlin.pk)
    assert [one.asn_id for one in documents] == [held.pk, outside.pk]
    assert [(one.units, one.days, one.is_held) for one in documents] == [
        (9, 9, True), (2, 0, False),
    ]  # fmt: skip


def test_no_price_is_no_value_and_never_nothing(dock):
    dock.shipped((5, 3))
    (pair,) = queries.in_transit_pairs(dock.viewer)
    assert (pair.value, pair.unpriced) == (None, 3)


def test_both_ends_see_what_is_under_way_and_nobody_else(dock):
    dock.shipped((0, 3))
    dock.asn((0, 2))
    sender = person("sender", "Store Manager", stores=(dock.london,))
    stranger = person("stranger", "Store Manager", stores=(dock.erp,))
    seen = {
        user: sorted(pair.units for pair in queries.in_transit_pairs(user))
        for user in (dock.manager, sender, stranger, dock.viewer, AnonymousUser())
    }
    assert list(seen.values()) == [[2, 3], [3], [], [2, 3], []]
    for user in seen:
        pks = Asn.objects.visible_to(user).values_list("in_transit_total", flat=True)
        assert sorted(pks) == seen[user]
    assert queries.in_transit_documents(stranger, dock.london.pk, dock.berlin.pk) == []


def test_every_event_about_a_notice_is_found_by_its_entities(dock):
    asn = dock.shipped((0, 10))
    dock.receive(asn, dock.arrived(0, 5, damaged=1, reason_id=dock.broken.pk))
    dock.close(asn, Fate.LOST)
    dock.blind((1, 1), shipment_ref="other")
    about = Event.objects.filter(entity_id__in=queries.event_entities(asn))
    names = sorted(event.name.rpartition(".")[2] for event in about)
    assert names == ["adjustment_created", "adjustment_created", "asn_closed", "items_received"]
