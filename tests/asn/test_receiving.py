"""Receiving: in parts, too much, unannounced, by carton, blind, damaged, twice."""

import pytest
from django.db import transaction

from asn import actions
from asn.models import Asn, AsnLine, Receipt, ReceiptLine
from inventory import ledger
from inventory.models import MAX_QUANTITY, InventoryTransaction
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.eventstream.models import Event
from omnichannel.locations.models import Configuration

from .conftest import allow_over_receipt

PRODUCT_UNKNOWN = 999_999


def test_in_parts_until_every_line_has_what_it_expects(dock):
    asn = dock.asn((0, 10), (1, 4), order_ids=["SO-1"], po_number="PO-7")
    dock.receive(asn, (0, 6))
    asn.refresh_from_db()
    assert (asn.status, asn.received_total, asn.in_transit_total) == ("PARTIALLY_RECEIVED", 6, 8)
    assert (asn.received_products, asn.revision) == (1, 2)
    dock.receive(asn, (0, 4), (1, 4))
    asn.refresh_from_db()
    assert (asn.status, asn.is_force_closed, asn.in_transit_total) == ("CLOSED", False, 0)
    assert (asn.closed_by, asn.closed_associate_id) == (dock.manager, "manager")
    assert (dock.held(0), dock.held(1)) == (10, 4)
    documents = InventoryTransaction.objects.filter(reference="A-1", type="RECEIVING")
    assert documents.count() == 2
    assert {one.from_location for one in documents} == {dock.dc}
    first, second = dock.told("items_received")
    assert (first["asn_id"], first["shipment_ref"], first["order_ref"]) == (
        str(asn.uuid), "A-1", "SO-1",
    )  # fmt: skip
    assert first["items"] == [
        {"product_id": "P0", "quantity": 6, "external_identifiers": {"sku": "S0"}}
    ]
    assert {i["product_id"]: i["quantity"] for i in second["items"]} == {"P0": 4, "P1": 4}
    assert dock.told("asn_closed") == [{"id": str(asn.uuid)}]
    dock.agree()


def test_over_receipt_of_one_line_never_makes_up_for_another(dock):
    asn = dock.asn((0, 5), (1, 5))
    dock.receive(asn, (0, 9), (1, 4))
    asn.refresh_from_db()
    assert asn.status == "PARTIALLY_RECEIVED"
    line = dock.line(asn)
    assert (line.received, line.over_received, line.in_transit, line.variance) == (9, 4, 0, 4)
    dock.receive(asn, (1, 1))
    asn.refresh_from_db()
    assert (asn.status, asn.received_total) == ("CLOSED", 14)
    dock.agree()


def test_an_unannounced_product_becomes_an_unexpected_line(dock):
    asn = dock.asn((0, 5))
    dock.receive(asn, (3, 2))
    dock.receive(asn, (3, 1))
    line = dock.line(asn, 3)
    assert (line.is_unexpected, line.received, line.over_received) == (True, 3, 3)
    assert Asn.objects.get().status == "PARTIALLY_RECEIVED"
    assert Asn.objects.get().product_count == 1
    dock.agree()


def test_over_receiving_is_refused_on_the_cumulative_quantity_where_it_is_not_allowed(dock):
    allow_over_receipt(False)
    asn = dock.asn((0, 5), (1, 5))
    dock.receive(asn, (0, 3))
    dock.refused(
        lambda: dock.receive(asn, (1, 5), (0, 3)),
        actions.OverReceived,
        "P0: 5 expected, 3 received so far, 3 more asked. Receive 2 at most",
    )
    dock.refused(lambda: dock.receive(asn, (2, 1)), actions.OverReceived, "P2: 0 expected")
    dock.receive(asn, (0, 2), (1, 5))
    assert Asn.objects.get().status == "CLOSED"


def test_over_receiving_is_refused_where_an_integration_says_so(dock):
    asn = dock.asn((0, 5))
    Configuration.objects.create(allow_asn_overreceiving=False)
    dock.refused(lambda: dock.receive(asn, (0, 6)), actions.OverReceived, "P0: 5 expected")
    Configuration.objects.update(allow_asn_overreceiving=True)
    dock.receive(asn, (0, 6))
    assert dock.line(asn, 0).over_received == 1


def test_items_fill_cartons_one_after_the_other_and_the_rest_goes_to_no_carton(dock):
    asn = dock.asn((0, 3, "C1"), (0, 4, "C2"), (0, 2))
    dock.receive(asn, (0, 5))
    found = dict(AsnLine.objects.values_list("carton_id", "received"))
    assert found == {"C1": 3, "C2": 2, "": 0}
    dock.receive(asn, dock.arrived(0, 1, carton_id="C2"), (0, 10))
    found = dict(AsnLine.objects.values_list("carton_id", "received"))
    assert found == {"C1": 3, "C2": 4, "": 9}
    assert dict(AsnLine.objects.values_list("carton_id", "over_received")) == {
        "C1": 0, "C2": 0, "": 7,
    }  # fmt: skip
    dock.agree()


def test_a_carton_in_one_scan_brings_what_it_still_lacks(dock):
    asn = dock.asn((0, 3, "C1"), (1, 4, "C1"), (0, 2, "C2"))
    receipt = dock.carton(asn, "C1")
    assert (receipt.kind, receipt.carton_id) == ("CARTON", "C1")
    assert (dock.held(0), dock.held(1)) == (3, 4)
    dock.refused(lambda: dock.carton(asn, "C1"), ActionError, "C1 of ASN A-1 was received already")
    dock.refused(lambda: dock.carton(asn, "C9"), ActionError, "no carton C9")
    dock.refused(lambda: dock.carton(asn, ""), ActionError, "no carton")
    dock.carton(asn, "C2")
    assert Asn.objects.get().status == "CLOSED"
    dock.agree()


def test_no_carton_after_items_were_scanned_one_by_one(dock):
    asn = dock.asn((0, 3, "C1"), (1, 4, "C2"))
    dock.receive(asn, (0, 1))
    dock.refused(lambda: dock.carton(asn, "C2"), ActionError, "scanned one by one already")


def test_damaged_goods_are_received_and_then_adjusted_away(dock):
    asn = dock.asn((0, 5), (1, 5))
    receipt = dock.receive(asn, dock.arrived(0, 5, damaged=2, reason_id=dock.broken.pk), (1, 1))
    assert (dock.held(0), dock.held(0, "damaged")) == (3, 2)
    names = [row.name.rpartition(".")[2] for row in Event.objects.order_by("pk")]
    assert names == ["items_received", "adjustment_created"]
    (told,) = dock.told("adjustment_created")
    assert told["adjustment_reason"] == "Broken on arrival"
    assert told["items"][0]["quantity"] == 2
    (line,) = receipt.lines.filter(damaged__gt=0)
    assert (line.damaged, line.quantity, line.damage.reference) == (2, 5, "A-1")
    dock.agree()


def test_broken_goods_are_booked_although_the_shelf_was_oversold(dock):
    sell(dock, 0, 9)
    asn = dock.asn((0, 5))
    dock.receive(asn, dock.arrived(0, 5, damaged=3, reason_id=dock.broken.pk))
    assert (dock.held(0), dock.held(0, "damaged")) == (-7, 3)


def sell(dock, product, quantity):
    from_main = dock.shelf["main"]
    with transaction.atomic(durable=True):
        ledger.post(
            ledger.Header(
                operation_key=f"sale-{product}-{quantity}",
                type="SHIPMENT",
                location_id=dock.berlin.pk,
                associate_id="till",
            ),
            [ledger.Line(dock.products[product].pk, quantity, from_main, None)],
        )


@pytest.mark.parametrize("damaged", [-1, 6])
def test_more_damaged_than_received_is_refused(dock, damaged):
    asn = dock.asn((0, 5))
    item = dock.arrived(0, 5, damaged=damaged, reason_id=dock.broken.pk)
    dock.refused(lambda: dock.receive(asn, item), ActionError, "cannot be")


def test_damaged_goods_need_a_reason_that_leads_somewhere_else(dock):
    asn = dock.asn((0, 5))
    item = dock.arrived(0, 5, damaged=1)
    dock.refused(lambda: dock.receive(asn, item), ActionError, "need a reason")
    dock.broken.is_active = False
    dock.broken.save()
    item = dock.arrived(0, 5, damaged=1, reason_id=dock.broken.pk)
    dock.refused(lambda: dock.receive(asn, item), ActionError, "need a reason")


@pytest.mark.parametrize("quantity", [0, -3, MAX_QUANTITY + 1], ids=["none", "negative", "absurd"])
def test_no_such_quantity_is_received(dock, quantity):
    asn = dock.asn((0, 5))
    dock.refused(
        lambda: dock.receive(asn, (1, 2), (0, quantity)), ActionError, "P0: .* no quantity"
    )


def test_sums_beyond_what_a_shelf_can_hold_are_refused(dock):
    asn = dock.asn((0, 5))
    dock.refused(lambda: dock.receive(asn, (0, MAX_QUANTITY), (0, MAX_QUANTITY)), ActionError, "P0")


def test_what_is_not_in_the_catalogue_is_not_received(dock):
    asn = dock.asn((0, 5))
    item = actions.Arrived(PRODUCT_UNKNOWN, 1)
    dock.refused(lambda: dock.receive(asn, (0, 1), item), ActionError, "not in the catalogue")
    dock.refused(lambda: dock.receive(asn), ActionError, "at least one product")


def test_a_closed_notice_and_a_stale_one_are_refused_by_name(dock):
    asn = dock.asn((0, 5))
    dock.receive(asn, (0, 5))
    text = "A-1 closed on .* when manager received the last of its 5 units"
    dock.refused(lambda: dock.receive(asn, (0, 1)), actions.AsnClosed, text)
    open_one = dock.asn((0, 5), number="A-2")
    dock.receive(open_one, (0, 1))
    dock.refused(
        lambda: dock.receive(open_one, (0, 1), revision=1), actions.StaleRevision, "1 of 5 units"
    )
    dock.receive(open_one, (0, 1), revision=2)
    missing = Asn(pk=10**9)
    dock.refused(lambda: dock.receive(missing, (0, 1)), Asn.DoesNotExist)


def test_the_same_act_twice_is_received_and_told_once(dock):
    asn = dock.asn((0, 10))
    first = dock.receive(asn, (0, 3), key="k")
    assert dock.receive(asn, (0, 3), key="k") == first
    assert dock.held(0) == 3
    assert len(dock.told()) == 1
    dock.refused(lambda: dock.receive(asn, (0, 4), key="k"), ActionError, "already stands for")
    assert dock.receive(asn, (0, 3), key="other") != first
    dock.agree()


def test_a_replay_after_the_close_is_still_the_first_receipt(dock):
    asn = dock.asn((0, 3))
    first = dock.receive(asn, (0, 3), key="k")
    assert dock.receive(asn, (0, 3), key="k") == first
    assert Receipt.objects.count() == 1


def test_five_hundred_and_one_products_leave_in_two_chunks(dock):
    Product.objects.bulk_create(
        Product(product_id=f"X{n}", name=f"X{n}", name_key=f"x{n}") for n in range(501)
    )
    products = Product.objects.filter(product_id__startswith="X").values_list("pk", flat=True)
    asn = dock.asn((0, 1))
    with transaction.atomic(durable=True):
        actions.receive_items(
            asn_id=asn.pk,
            items=[actions.Arrived(pk, 1) for pk in products],
            session=dock.session(),
        )
    first, second = dock.told("items_received")
    assert first["id"] == second["id"]
    assert (len(first["items"]), len(second["items"])) == (500, 1)
    assert [(c["chunk_number"], c["total_chunks"]) for c in (first, second)] == [(1, 2), (2, 2)]
    assert ReceiptLine.objects.count() == 501
    dock.agree()


def test_received_where_the_erp_masters_stock_is_recorded_and_moves_none(dock):
    asn = dock.asn((0, 5), destination_id=dock.erp.pk)
    dock.receive(asn, (0, 5))
    assert dock.held(0, where=dock.erp) == 0
    assert InventoryTransaction.objects.get().lines.get().quantity == 5
    assert len(dock.told("items_received")) == len(dock.told("asn_closed")) == 1
    dock.agree()


# ------------------------------------------------------------------ goods that left a store of ours
def test_goods_leave_the_senders_transit_as_they_arrive(dock):
    asn = dock.shipped((0, 10))
    assert dock.held(0, "_in_transit", dock.london) == 10
    dock.agree()
    dock.receive(asn, (0, 12))
    assert dock.held(0, "_in_transit", dock.london) == 0
    assert (dock.held(0, where=dock.london), dock.held(0)) == (-10, 12)
    dock.agree()


# ------------------------------------------------------------------ blind
def test_goods_without_a_notice_are_received_by_their_reference(dock):
    receipt = dock.blind((0, 3), (0, 1), shipment_ref="IF-1 - 99", order_ref="SO-3")
    assert dock.held(0) == 4
    (told,) = dock.told()
    assert (told["shipment_ref"], told["order_ref"]) == ("IF-1 - 99", "SO-3")
    assert "asn_id" not in told
    assert (receipt.kind, receipt.asn, receipt.transaction.reference) == (
        "BLIND",
        None,
        "IF-1 - 99",
    )
    dock.refused(lambda: dock.blind((0, 1)), ActionError, "need a shipment or an order reference")
    dock.agree()


@pytest.mark.parametrize("reference", ["A-1", "PO-7", "SO-2", "C1"])
@pytest.mark.parametrize("way", ["shipment_ref", "order_ref"])
def test_a_reference_that_is_announced_is_offered_and_passed_only_with_a_reason(
    dock, reference, way
):
    asn = dock.asn((0, 5), (1, 5, "C1"), po_number="PO-7", order_ids=["SO-1", "SO-2"])
    dock.asn((0, 5), number="closed", order_ids=["SO-2"])
    dock.close(Asn.objects.get(number="closed"))
    dock.asn((0, 5), number="elsewhere", order_ids=["SO-2"], destination_id=dock.london.pk)
    offer = dock.refused(lambda: dock.blind((0, 1), **{way: reference}), actions.AsnOffered, "A-1")
    assert offer.asns == [asn]
    receipt = dock.blind((0, 1), note="the label is torn", **{way: reference})
    assert [match.asn for match in receipt.matches.all()] == [asn]
    assert [match.receipt for match in asn.blind_matches.all()] == [receipt]
    asn.refresh_from_db()
    assert (asn.status, asn.received_total) == ("OPEN", 0)


def test_the_same_blind_receipt_twice_is_one(dock):
    first = dock.blind((0, 3), shipment_ref="X", key="k")
    assert dock.blind((0, 3), shipment_ref="X", key="k") == first
    assert dock.held(0) == 3
    assert len(dock.told()) == 1
