"""A notice comes in: merged, counted, unique."""

import pytest
from django.db import transaction

from asn import actions
from asn.models import Asn, AsnLine
from inventory.models import MAX_QUANTITY, StockMovement
from omnichannel.documents import ActionError
from tests.inventory.test_posting_in_parallel import at_once


def test_lines_of_one_product_and_carton_become_one_and_cartons_do_not(dock):
    asn = dock.asn((0, 3), (0, 4), (0, 5, "C1"), (1, 2, "C1"), (0, 1, "C1"))
    rows = AsnLine.objects.filter(asn=asn).values_list(
        "product__product_id", "carton_id", "expected"
    )
    assert sorted(rows) == [("P0", "", 7), ("P0", "C1", 6), ("P1", "C1", 2)]
    assert (asn.product_count, asn.expected_total, asn.in_transit_total) == (2, 15, 15)
    assert (asn.status, asn.revision) == ("OPEN", 1)
    assert not StockMovement.objects.exists()
    assert dock.told() == []
    dock.agree()


def test_a_notice_without_a_reference_is_numbered_here(dock):
    first, second = dock.asn((0, 1), number=""), dock.asn((0, 1), number="")
    assert first.number != second.number
    assert first.shipment_ref is None
    assert dock.asn((0, 1), number=" ref / 1 ").shipment_ref == " ref / 1 "


def test_the_same_number_is_refused_and_says_whether_it_is_the_same(dock):
    asn = dock.asn((0, 3), (1, 0))
    same = dock.refused(lambda: dock.asn((0, 1), (0, 2)), actions.AsnAlreadyExists, "A-1 exists")
    assert (same.asn, same.is_same) == (asn, True)
    other = dock.refused(lambda: dock.asn((0, 4)), actions.AsnAlreadyExists)
    assert not other.is_same


def test_one_number_from_eight_at_once_is_one_notice(busy_dock):
    results = at_once([lambda: busy_dock.asn((0, 3), (1, 4))] * 8)
    assert sum(isinstance(one, Asn) for one in results) == 1
    assert sum(isinstance(one, actions.AsnAlreadyExists) for one in results) == 7
    assert AsnLine.objects.count() == 2


def test_control_numbers_of_their_own_are_eight_notices(busy_dock):
    results = at_once([lambda n=n: busy_dock.asn((0, 3), number=f"A-{n}") for n in range(8)])
    assert all(isinstance(one, Asn) for one in results)
    assert Asn.objects.count() == 8


@pytest.mark.parametrize(
    ("lines", "fields", "match"),
    [
        ([], {}, "at least one line"),
        ([(0, -1)], {}, "-1 is no quantity"),
        ([(0, MAX_QUANTITY), (0, 1)], {}, "is no quantity"),
        ([(0, 1)] * 10_001, {}, "at most 10000"),
    ],
    ids=["empty", "negative", "absurd", "long"],
)
def test_what_makes_no_sense_is_refused(dock, lines, fields, match):
    dock.refused(lambda: dock.asn(*lines, **fields), ActionError, match)


def test_both_ends_are_two_places_and_a_holder_masters_its_stock(dock):
    here = dock.berlin.pk
    dock.refused(lambda: dock.asn((0, 1), origin_id=here), ActionError, "Name two")
    dock.refused(lambda: dock.asn((0, 1), holder_id=dock.dc.pk), ActionError, "kept elsewhere")


def test_a_notice_that_is_undone_leaves_nothing(dock):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.create_asn(
            origin_id=dock.dc.pk,
            destination_id=dock.berlin.pk,
            shipped_at=dock.bare_asn("B").shipped_at,
            lines=[dock.expected(0, 1)],
            source="API",
        )
        raise ZeroDivisionError
    assert not Asn.objects.exists()
