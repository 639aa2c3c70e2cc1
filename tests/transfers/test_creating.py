"""Orders come in or are begun by a store: what is set aside, what is refused, what is told."""

import uuid
from datetime import date

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from counts import checklist
from counts.models import Count
from inventory.ledger import StockTooLow
from inventory.models import MAX_QUANTITY, InventoryTransaction
from omnichannel.documents import ActionError
from transfers import actions
from transfers.models import TransferOrder

CREATED = "transfer_order_created"


def test_an_order_that_comes_in_sets_aside_what_is_there_and_tells_nobody(yard):
    yard.stock((0, 10), (1, 3))
    order = yard.order((0, 4), (1, 5), (2, 2))
    assert [yard.order_line(order, p).reserved for p in range(3)] == [4, 3, 0]
    assert (order.ordered_total, order.product_count, order.reserved_total) == (11, 3, 7)
    assert [yard.shelves(p)[:2] for p in range(3)] == [(6, 4), (0, 3), (0, 0)]
    assert yard.told() == []
    yard.agree()


def test_what_is_below_zero_is_not_set_aside(yard):
    yard.stock((0, 3))
    yard.shipped((0, 5), origin=yard.london)
    assert yard.shelves() == (-2, 0, 5)
    order = yard.order((0, 4))
    assert yard.order_line(order).reserved == 0
    yard.agree()


def test_setting_aside_is_in_the_audit_trail_and_not_on_the_list_of_transactions(yard):
    yard.stock((0, 10))
    order = yard.order((0, 4))
    posted = InventoryTransaction.objects.get(type="RESERVE")
    assert (posted.reference, posted.location) == (order.external_ref, yard.london)
    assert not InventoryTransaction.objects.filter(type="RESERVE").listed().exists()


@pytest.mark.parametrize("is_erp", [True, False])
def test_nothing_is_set_aside_without_the_setting_or_where_the_erp_is_master(
    yard, settings, is_erp
):
    origin = yard.erp if is_erp else yard.london
    settings.TRANSFERS_RESERVE = is_erp
    yard.stock((0, 10), where=origin)
    order = yard.order((0, 4), origin=origin)
    assert (order.reserves, yard.shelves(where=origin)) == (False, (10, 0, 0))
    yard.agree()


def test_a_store_begins_an_order_numbered_by_us_and_the_stream_is_told(yard):
    yard.stock((0, 10), (1, 10))
    yard.order((0, 1), ref="TO-GB-01-2")
    first, second = yard.begun((0, 2), (1, 1)), yard.begun((0, 1))
    assert (first.external_ref, second.external_ref) == ("TO-GB-01-1", "TO-GB-01-3")
    told = yard.told(CREATED)[0]
    assert told["external_ref"] == "TO-GB-01-1"
    assert (told["origin_id"], told["destination_id"]) == ("GB-01", "DE-01")
    assert told["origin_stock_location"] == "main"
    assert [(one["product_id"], one["quantity"]) for one in told["items"]] == [("P0", 2), ("P1", 1)]
    assert len(yard.told(CREATED)) == 2
    yard.agree()


def test_a_store_is_refused_what_it_has_not_by_product(yard):
    yard.stock((0, 10), (1, 1))
    refused = yard.refused(
        lambda: yard.begun((0, 10), (1, 2), (2, 1)), StockTooLow, "P1: 1 on hand, 2 asked"
    )
    found = {pk: (on_hand, asked) for pk, on_hand, asked in refused.shortages}
    assert found == {yard.products[1].pk: (1, 2), yard.products[2].pk: (0, 1)}


def test_where_the_erp_is_master_a_store_sends_what_it_finds_and_a_dc_what_its_figures_say(yard):
    assert yard.begun((0, 5), origin=yard.erp).reserved_total == 0
    yard.refused(lambda: yard.begun((0, 5), origin=yard.dc), StockTooLow, "P0: 0 on hand")
    yard.stock((0, 5), where=yard.dc)
    assert yard.begun((0, 5), origin=yard.dc).external_ref == "TO-DC-1-1"


def test_lines_of_one_product_become_one(yard):
    order = yard.order((0, 4), (1, 1), (0, 6))
    assert (yard.order_line(order).ordered, order.product_count) == (10, 2)


def test_a_reference_is_taken_once_and_the_refusal_says_whether_it_is_the_same(yard):
    first = yard.order((0, 4), ref="ERP-1")
    again = {"ref": "ERP-1", "ordered_at": first.ordered_at}
    refused = yard.refused(lambda: yard.order((0, 4), **again), actions.OrderAlreadyExists)
    assert (refused.order, refused.is_same) == (first, True)
    refused = yard.refused(lambda: yard.order((0, 5), **again), actions.OrderAlreadyExists)
    assert not refused.is_same


def test_one_key_makes_one_order(yard):
    yard.stock((0, 10))
    first = yard.begun((0, 4), key="k")
    before = yard.everything()
    assert yard.begun((0, 4), key="k") == first
    assert yard.everything() == before
    yard.refused(lambda: yard.begun((0, 5), key="k"), ActionError, "already stands for")


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        ([], "at least one product"),
        ([(0, 0)], "0 is no quantity"),
        ([(0, -1)], "no quantity"),
        ([(0, MAX_QUANTITY + 1)], "no quantity"),
        ([(0, MAX_QUANTITY), (0, 1)], "Line 2"),
        ([(0, 1)] * 10_001, "at most 10000"),
    ],
    ids=["none", "zero", "negative", "huge", "huge sum", "many"],
)
def test_lines_that_make_no_sense_are_refused(yard, lines, match):
    yard.refused(lambda: yard.order(*lines), ActionError, match)


def test_ends_that_make_no_sense_are_refused(yard):
    yard.refused(lambda: yard.order((0, 1), destination=yard.london), ActionError, "Name two")
    aside = yard.shelf["_transfers"]
    yard.refused(
        lambda: yard.order((0, 1), from_stock_location_id=aside), ActionError, "no stock location"
    )

    def unknown() -> None:
        with transaction.atomic():
            actions.create_transfer_order(
                origin_id=yard.london.pk,
                destination_id=yard.berlin.pk,
                lines=[actions.Ordered(999_999_999, 1)],
                source=TransferOrder.Source.API,
                key=str(uuid.uuid4()),
                external_ref="X",
            )

    yard.refused(unknown, ActionError, "999999999")


def test_units_of_another_stock_location(yard):
    yard.stock((0, 5), shelf="returns")
    order = yard.begun((0, 5), from_stock_location_id=yard.shelf["returns"])
    assert yard.held(0, "returns", yard.london) == 0
    assert yard.told(CREATED)[0]["origin_stock_location"] == "returns"
    yard.close_order(order)
    assert yard.held(0, "returns", yard.london) == 5
    assert yard.shelves() == (0, 0, 0)
    yard.agree()


def test_the_database_itself_refuses_what_no_act_writes(yard):
    yard.stock((0, 5))
    order = yard.order((0, 5))
    lines = yard.order_line(order)
    for change in ({"transferred": 6}, {"reserved": 6}, {"ordered": 4}, {"transferred": -1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(lines).objects.filter(pk=lines.pk).update(**change)
    yard.close_order(order)
    with pytest.raises(DatabaseError, match="transfer_stays_done"), transaction.atomic():
        TransferOrder.objects.filter(pk=order.pk).update(status="OPEN", closed_at=None)


def test_the_setting_is_on_unless_somebody_turns_it_off():
    assert settings.TRANSFERS_RESERVE is True


def test_the_checklist_of_a_full_count_sees_boxed_and_open_transfers(yard):
    yard.stock((0, 10))
    order = yard.order((0, 4))
    yard.order((0, 1), origin=yard.berlin, destination=yard.london)
    yard.close_order(yard.order((0, 1)))
    yard.ready(yard.parcel(order, (0, 2)))
    yard.parcel(order, (0, 1))
    count = Count(location=yard.london, stock_location_id=yard.shelf["main"], due_date=date.today())
    found = {matter.kind: matter.number for matter in checklist.matters(count)}
    assert (found["handover"], found["transfers"], found["to_move"]) == (1, 1, 4)
