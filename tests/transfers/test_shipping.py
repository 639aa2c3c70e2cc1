"""Parcels: what leaves stock, which ASN arrives, what is told, and what ends the order."""

import uuid

import pytest
from django.db import DatabaseError, transaction

from asn.models import Asn, Fate
from inventory.ledger import StockTooLow
from inventory.models import InventoryTransaction
from omnichannel.documents import ActionError, TransitionNotAllowed
from transfers import actions, queries
from transfers.models import TransferOrder, TransferTransaction

READY = "items_ready_for_handover"
CARRIER = actions.Handover(True, "Parcels Ltd", "next-day", "TRK-1")


@pytest.fixture
def order(yard):
    """Ten wanted, ten there, all set aside."""
    yard.stock((0, 10), (1, 5))
    return yard.order((0, 10), (1, 5), ref="ERP-7")


def test_what_ships_stands_in_transit_until_it_is_received(yard, order):
    done = yard.ship(yard.parcel(order, (0, 4)))
    asn = done.asn
    assert yard.shelves() == (0, 6, 4)
    assert (asn.number, asn.order_ids, asn.holder, asn.source) == (
        "ERP-7-1",
        ["ERP-7"],
        yard.london,
        "TRANSFER",
    )
    order.refresh_from_db()
    assert (order.status, order.transferred_total, order.reserved_total) == ("IN_PROGRESS", 4, 11)
    posted = done.transaction.posting
    assert (posted.type, posted.from_location, posted.to_location, posted.reference) == (
        "TRANSFER",
        yard.london,
        yard.berlin,
        "ERP-7",
    )
    yard.receive(asn, (0, 3))
    product = yard.products[0].pk
    assert queries.arrivals(order)[product] == (3, 1)
    assert (yard.shelves(), yard.held(0)) == ((0, 6, 1), 3)
    yard.agree()


def test_without_a_carrier_only_the_notice_is_told(yard, order):
    done = yard.ship(yard.parcel(order, (0, 4)))
    assert [row["id"] for row in yard.told()] == [str(done.asn.uuid)]
    told = yard.told("asn_created")[0]
    assert (told["transfer_order_id"], told["transfer_order_ref"]) == (str(order.uuid), "ERP-7")
    assert told["transfer_transaction_id"] == str(done.transaction.uuid)
    assert (told["transfer_transaction_ref"], told["shipment_ref"]) == ("ERP-7-1", "ERP-7-1")


@pytest.mark.parametrize("is_ready_before", [True, False])
def test_with_a_carrier_the_parcel_is_told_once_and_its_number_is_the_carton(
    yard, order, is_ready_before
):
    parcel = yard.parcel(order, (0, 4), (1, 1))
    if is_ready_before:
        yard.ready(parcel, handover=CARRIER)
        assert yard.shelves() == (0, 10, 0)
        asn = yard.ship(parcel).asn
    else:
        asn = yard.ship(parcel, handover=CARRIER).asn
    assert set(asn.lines.values_list("carton_id", flat=True)) == {"TRK-1"}
    ready = yard.told(READY)
    assert [(one["id"], one["order_ref"], one["associate_id"]) for one in ready] == [
        (str(parcel.uuid), "ERP-7", "packer")
    ]
    assert ready[0]["stock_location_name"] == "main"
    assert [one.get("shipment_ref") for one in yard.told()] == [None, "ERP-7-1"]
    yard.agree()


def test_the_last_unit_completes_the_order_and_gives_up_what_is_still_picked(yard, order):
    begun = yard.parcel(order, (0, 1))
    yard.ship(yard.parcel(order, (0, 10)))
    yard.ship(yard.parcel(order, (1, 5)))
    order.refresh_from_db()
    begun.refresh_from_db()
    assert (order.status, order.closed_associate_id, begun.status) == (
        "COMPLETED",
        "packer",
        "UNPACKED",
    )
    assert yard.told("transfer_order_closed") == [{"id": str(order.uuid), "external_ref": "ERP-7"}]
    yard.refused(lambda: yard.parcel(order), actions.OrderClosed, "completed on")
    yard.refused(lambda: yard.close_order(order), actions.OrderClosed, "packer")
    yard.agree()


def test_ten_wanted_nine_there_nine_shipped_closed_by_hand(yard):
    yard.stock((0, 9))
    order = yard.order((0, 10))
    parcel = yard.parcel(order, (0, 10))
    yard.refused(lambda: yard.ship(parcel), StockTooLow, "P0: 9 on hand, 10 asked")
    asn = yard.ship(yard.parcel(order, (0, 9))).asn
    order = yard.close_order(order)
    line = yard.order_line(order)
    assert (order.status, line.ordered, line.transferred, line.variance) == ("CLOSED", 10, 9, 1)
    assert len(yard.told("transfer_order_closed")) == 1
    assert Asn.objects.get().status == "OPEN"
    yard.receive(asn, (0, 9))
    assert (yard.shelves(), yard.held(0)) == ((0, 0, 0), 9)
    yard.agree()


def test_closing_gives_back_what_was_set_aside_and_says_so_in_the_audit_trail(yard, order):
    yard.ship(yard.parcel(order, (0, 4)))
    begun = yard.parcel(order, (0, 1))
    order = yard.close_order(order)
    assert [yard.shelves(p) for p in (0, 1)] == [(6, 0, 4), (5, 0, 0)]
    begun.refresh_from_db()
    assert (begun.status, order.reserved_total) == ("UNPACKED", 0)
    posted = InventoryTransaction.objects.get(type="UNRESERVE")
    assert (posted.reference, posted.movement_count) == ("ERP-7", 4)
    yard.refused(lambda: yard.close_order(order), actions.OrderClosed, "was closed on")
    yard.agree()


def test_a_parcel_that_is_ready_must_leave_or_be_unpacked_first(yard, order):
    parcel = yard.ready(yard.parcel(order, (0, 4)))
    refused = yard.refused(lambda: yard.close_order(order), actions.ParcelReady, "ERP-7-1")
    assert refused.parcel == parcel
    yard.refused(lambda: yard.put(parcel, (0, 1)), TransitionNotAllowed, "Begin another")
    yard.refused(lambda: yard.ready(parcel), TransitionNotAllowed, "ready for handover since")
    yard.unpack(parcel)
    assert yard.shelves() == (0, 10, 0)
    yard.refused(lambda: yard.ship(parcel), TransitionNotAllowed, "Unpacked since")
    yard.close_order(order)
    yard.agree()


def test_more_than_ordered_is_refused_with_product_and_both_numbers(yard, order):
    yard.stock((0, 50), (2, 50))
    yard.refused(
        lambda: yard.parcel(order, (0, 11)), actions.MoreThanOrdered, "P0: 11 packed, 10 still"
    )
    yard.refused(lambda: yard.parcel(order, (2, 1)), actions.MoreThanOrdered, "P2: 1 packed, 0")
    ready = yard.ready(yard.parcel(order, (0, 6)))
    late = yard.parcel(order, (0, 4))
    yard.scan(late, yard.scanned(0))
    for act in (yard.ready, yard.ship):
        refused = yard.refused(
            lambda act=act: act(late), actions.MoreThanOrdered, "P0: 5 packed, 4 still"
        )
        assert refused.excess == [(yard.products[0].pk, 4, 5)]
    yard.ship(ready)
    yard.refused(lambda: yard.ship(late), actions.MoreThanOrdered)
    yard.scan(late, yard.scanned(0, -1))
    yard.ship(late)
    assert yard.order_line(order).transferred == 10
    yard.agree()


def test_stock_of_another_order_is_not_taken(yard, order):
    other = yard.order((0, 2))
    parcel = yard.parcel(other, (0, 2))
    yard.refused(lambda: yard.ship(parcel), StockTooLow, "P0: 0 on hand, 2 asked")
    yard.close_order(order)
    yard.ship(parcel)
    assert yard.shelves() == (8, 0, 2)
    yard.agree()


def test_the_erp_s_store_loses_its_units_at_once_and_holds_nothing_in_transit(yard):
    yard.stock((0, 3), where=yard.erp)
    order = yard.order((0, 5), origin=yard.erp)
    asn = yard.ship(yard.parcel(order, (0, 5))).asn
    assert asn.holder is None
    assert yard.shelves(where=yard.erp) == (-2, 0, 0)
    yard.receive(asn, (0, 5))
    assert yard.held(0) == 5
    yard.agree()


def test_scans_count_once_however_often_they_come(yard, order):
    parcel = yard.parcel(order)
    key = uuid.uuid4()
    back, there = yard.scanned(0, -2), yard.scanned(0, 3, key)
    assert yard.scan(parcel, back) == 1
    yard.refused(lambda: yard.ship(parcel), ActionError, "taken out of")
    assert [yard.scan(parcel, there, there, back), yard.scan(parcel, there)] == [1, 0]
    parcel.refresh_from_db()
    assert parcel.quantity_total == 1
    yard.ship(parcel)
    assert yard.shelves() == (0, 9, 1)


def test_codes_that_nobody_knows_are_settled_before_it_leaves(yard, order):
    parcel = yard.parcel(order)
    yard.scan(parcel, yard.scanned(None, 2, code="?"), yard.scanned(None, 1, code="☃"))
    yard.refused(lambda: yard.ready(parcel), ActionError, "Nobody knows these codes yet: \\?, ☃")
    with transaction.atomic():
        for code, product in (("?", yard.products[0].pk), ("☃", None), ("?", None)):
            actions.settle_code(transaction_id=parcel.pk, code=code, product_id=product)
    yard.ship(parcel)
    assert yard.shelves() == (0, 8, 2)
    yard.agree()


def test_an_empty_parcel_stays(yard, order):
    parcel = yard.parcel(order, (0, 1))
    yard.put(parcel, (0, 0))
    yard.refused(lambda: yard.ready(parcel), ActionError, "Nothing is in")
    yard.refused(lambda: yard.ship(parcel), ActionError, "Nothing is in")
    yard.refused(lambda: yard.scan(parcel, yard.scanned(0, 0)), ActionError, "no quantity")


def test_each_act_is_done_once_under_its_key(yard, order):
    parcel = yard.parcel(order, (0, 4), key="begin")
    assert yard.parcel(order, key="begin") == parcel
    other = yard.order((0, 1))
    yard.refused(lambda: yard.parcel(other, key="begin"), ActionError, "already stands for")
    yard.ready(parcel, key="ready", handover=CARRIER)
    yard.ready(parcel, key="ready", handover=CARRIER)
    first = yard.ship(parcel, key="ship")
    before = yard.everything()
    again = yard.ship(parcel, key="ship")
    assert (again.asn, again.is_replay, first.is_replay) == (first.asn, True, False)
    assert yard.everything() == before
    yard.refused(lambda: yard.ship(parcel, key="other"), TransitionNotAllowed, "Shipped since")
    gone = yard.unpack(yard.parcel(order, (0, 1)), key="unpack")
    assert yard.unpack(gone, key="unpack") == gone
    yard.close_order(order, key="close")
    before = yard.everything()
    yard.close_order(order, key="close")
    assert yard.everything() == before


def test_who_looked_at_something_older_is_told(yard, order):
    parcel = yard.parcel(order, (0, 4))
    stale = parcel.revision
    yard.put(parcel, (0, 3))
    for act in (yard.ready, yard.ship, yard.unpack):
        yard.refused(lambda act=act: act(parcel, revision=stale), actions.StaleRevision)
    yard.ship(parcel)
    yard.refused(lambda: yard.close_order(order, revision=1), actions.StaleRevision, "In Progress")


def test_a_number_that_an_asn_has_already_is_left_to_it(yard, order):
    yard.asn((0, 1), number="ERP-7-1")
    asn = yard.ship(yard.parcel(order, (0, 1))).asn
    assert asn.number.startswith("ASN-")


def test_what_is_lost_on_the_way_is_gone_and_what_comes_back_is_here(yard, order):
    lost = yard.ship(yard.parcel(order, (0, 3))).asn
    yard.close(lost, Fate.LOST)
    back = yard.ship(yard.parcel(order, (0, 2))).asn
    yard.close(back, Fate.RETURN)
    yard.receive(Asn.objects.get(source="RETURN"), (0, 2), by=yard.packer)
    assert yard.shelves() == (2, 5, 0)
    yard.agree()


def test_both_ends_see_it_and_only_one_acts(yard, order):
    parcel = yard.parcel(order, (0, 1))
    for rows, one in ((TransferOrder.objects, order), (TransferTransaction.objects, parcel)):
        for person in (yard.packer, yard.manager):
            assert rows.visible_to(person).get() == one
        assert rows.acted_on_by(yard.packer).get() == one
        assert not rows.acted_on_by(yard.manager).exists()
        assert rows.visible_to(yard.viewer).get() == one


def test_the_database_keeps_what_left_as_it_left(yard, order):
    parcel = yard.parcel(order, (0, 1))
    rows = TransferTransaction.objects.filter(pk=parcel.pk)
    with pytest.raises(DatabaseError, match="parcel_shipped_has_an_asn"), transaction.atomic():
        rows.update(status="SHIPPED")
    yard.ship(parcel)
    for change in ({"status": "PICKED"}, {"asn": None}, {"carrier": "X"}):
        with pytest.raises(DatabaseError, match="parcel_is_final"), transaction.atomic():
            rows.update(**change)


def test_control_a_rule_of_the_books_finds_a_wrong_figure(yard, order):
    """Proves that `agree` can fail."""
    yard.ship(yard.parcel(order, (0, 4)))
    yard.agree()
    line = yard.order_line(order)
    type(line).objects.filter(pk=line.pk).update(transferred=5, reserved=5)
    with pytest.raises(AssertionError):
        yard.agree()
