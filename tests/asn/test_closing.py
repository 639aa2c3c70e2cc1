"""Force close, and what becomes of the rest: at the close, later, and when it arrives after all."""

import pytest

from asn import actions
from asn.models import Asn, AsnLine, Fate, FateDecision
from inventory import ledger
from inventory.models import AdjustmentReason, InventoryTransaction
from omnichannel.documents import ActionError
from tests.people import person

from .conftest import allow_over_receipt

MOVES_STOCK = [Fate.NEVER_SHIPPED, Fate.LOST, Fate.DAMAGED]


@pytest.mark.parametrize("received", [0, 3])
def test_closed_by_force_with_who_and_when_and_one_event(dock, received):
    asn = dock.asn((0, 5), (1, 2))
    if received:
        dock.receive(asn, (0, received))
    asn = dock.close(asn)
    assert (asn.status, asn.is_force_closed, asn.closed_by) == ("CLOSED", True, dock.manager)
    assert asn.closed_associate_id == "manager"
    assert asn.closed_at is not None
    assert dock.told("asn_closed") == [{"id": str(asn.uuid)}]
    dock.agree()


def test_the_default_is_to_decide_later_for_a_store_and_never_shipped_for_a_supplier(dock):
    from_dc = dock.close(dock.asn((0, 5)))
    from_store = dock.close(dock.asn((0, 5), number="A-2", origin_id=dock.london.pk))
    assert dock.line(from_dc).never_shipped == 5
    assert dock.line(from_store).in_transit == 5
    assert Asn.objects.get(pk=from_store.pk).in_transit_total == 5
    assert [one.fate for one in FateDecision.objects.all()] == ["NEVER_SHIPPED"]
    dock.agree()


@pytest.mark.parametrize(
    ("fate", "transit", "main"),
    [
        (Fate.DECIDE_LATER, 6, -10),
        (Fate.NEVER_SHIPPED, 0, -4),
        (Fate.LOST, 0, -10),
        (Fate.DAMAGED, 0, -10),
        (Fate.RETURN, 6, -10),
    ],
)
def test_each_fate_moves_the_stock_of_who_sent_it(dock, fate, transit, main):
    asn = dock.shipped((0, 10))
    dock.receive(asn, (0, 4))
    dock.close(asn, fate)
    assert dock.held(0, "_in_transit", dock.london) == transit
    assert dock.held(0, where=dock.london) == main
    line = dock.line(asn)
    assert getattr(line, fate.column) == 6
    assert (line.received, line.variance) == (4, -6)
    told = dock.told("adjustment_created")
    assert len(told) == (1 if fate in MOVES_STOCK else 0)
    if told:
        assert told[0]["fulfillment_node_id"] == "GB-01"
        assert told[0]["origin_stock_location_name"] == "_in_transit"
        assert told[0]["items"][0]["quantity"] == 6
        document = InventoryTransaction.objects.get(type="ADJUSTMENT")
        assert (document.reference, document.location) == ("T-1", dock.london)
        assert not document.reason.is_active
    dock.agree()


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate != Fate.ELSEWHERE])
def test_where_no_stock_of_ours_left_a_fate_only_records(dock, fate):
    asn = dock.asn((0, 5))
    dock.close(asn, fate, by=dock.viewer)
    assert getattr(dock.line(asn), fate.column) == 5
    assert not InventoryTransaction.objects.exists()
    assert dock.told("adjustment_created") == []
    dock.agree()


@pytest.mark.parametrize("fate", MOVES_STOCK)
def test_a_fate_that_moves_stock_needs_the_permission_to_adjust(dock, fate):
    asn = dock.shipped((0, 5))
    dock.refused(
        lambda: dock.close(asn, fate, by=dock.viewer),
        actions.FateNeedsPermission,
        "Adjust Inventory",
    )
    dock.close(asn, by=dock.viewer)
    move = actions.Move(dock.line(asn).pk, Fate.DECIDE_LATER, fate, 2)
    dock.refused(lambda: dock.change(asn, move, by=dock.viewer), actions.FateNeedsPermission)
    keyholder = person("keyholder", "Keyholder", stores=(dock.berlin,))
    dock.change(asn, move, by=keyholder)
    assert getattr(dock.line(asn), fate.column) == 2


def test_each_line_may_have_a_fate_of_its_own(dock):
    asn = dock.shipped((0, 5), (1, 5), (2, 5), (3, 5))
    dock.receive(asn, (3, 5))
    fates = {
        dock.line(asn, 0).pk: actions.LineFate(Fate.LOST),
        dock.line(asn, 1).pk: actions.LineFate(Fate.RETURN),
        dock.line(asn, 3).pk: actions.LineFate(Fate.LOST),
    }
    dock.close(asn, Fate.NEVER_SHIPPED, line_fates=fates)
    found = [dock.line(asn, n) for n in range(4)]
    assert [(x.lost, x.returned, x.never_shipped, x.received) for x in found] == [
        (5, 0, 0, 0), (0, 5, 0, 0), (0, 0, 5, 0), (0, 0, 0, 5),
    ]  # fmt: skip
    dock.agree()
    other = dock.asn((0, 1))
    foreign = {dock.line(asn, 0).pk: actions.LineFate(Fate.LOST)}
    dock.refused(lambda: dock.close(other, line_fates=foreign), ActionError, "not of ASN A-1")


def test_the_second_who_closes_is_told_who_was_first(dock):
    asn = dock.asn((0, 5))
    dock.receive(asn, (0, 2))
    dock.close(asn, key="k")
    text = "force closed on .* by manager, with 2 of 5 units received"
    dock.refused(lambda: dock.close(asn), actions.AsnClosed, text)
    before = dock.everything()
    dock.close(asn, key="k")
    assert dock.everything() == before
    dock.refused(lambda: dock.receive(asn, (0, 1)), actions.AsnClosed, text)


def test_what_the_dialog_showed_must_still_be_so(dock):
    asn = dock.asn((0, 5))
    dock.receive(asn, (0, 2))
    dock.refused(lambda: dock.close(asn, revision=1), actions.StaleRevision, "2 of 5")
    assert dock.close(asn, revision=2).status == "CLOSED"


# ------------------------------------------------------------------ back to the source
def test_what_goes_back_is_a_notice_and_moves_when_it_is_received_there(dock):
    asn = dock.shipped((0, 6), (1, 4, "C1"))
    dock.receive(asn, (0, 4))
    dock.close(asn, Fate.RETURN)
    way = Asn.objects.get(source="RETURN")
    assert (way.number, way.origin, way.destination) == ("T-1-R1", dock.berlin, dock.london)
    assert (way.holder, way.returns, way.in_transit_total) == (dock.london, asn, 6)
    assert dock.line(way, 1, "C1").expected == 4
    assert [one.return_asn for one in FateDecision.objects.all()] == [way, way]
    dock.receive(way, (0, 2), (1, 4))
    assert dock.held(0, "_in_transit", dock.london) == dock.held(1, "_in_transit", dock.london) == 0
    assert (dock.held(0, where=dock.london), dock.held(1, where=dock.london)) == (-4, 0)
    assert [told["id"] for told in dock.told("asn_closed")] == [str(asn.uuid), str(way.uuid)]
    dock.agree()


def test_two_returns_of_one_notice_have_numbers_of_their_own(dock):
    dock.asn((0, 1), number="T-1-R1")
    asn = dock.close(dock.shipped((0, 6)))
    line = dock.line(asn)
    for _ in range(2):
        dock.change(asn, actions.Move(line.pk, Fate.DECIDE_LATER, Fate.RETURN, 2))
    numbers = Asn.objects.filter(source="RETURN").values_list("number", flat=True)
    assert sorted(numbers) == ["T-1-R2", "T-1-R3"]
    dock.agree()


def test_what_shall_not_go_back_after_all_stops_unless_it_arrived(dock):
    asn = dock.close(dock.shipped((0, 6)), Fate.RETURN)
    way, line = Asn.objects.get(source="RETURN"), dock.line(asn)
    dock.receive(way, (0, 2))
    back = actions.Move(line.pk, Fate.RETURN, Fate.DECIDE_LATER, 5)
    dock.refused(lambda: dock.change(asn, back), ActionError, "arrived there already")
    dock.change(asn, back._replace(quantity=4))
    way.refresh_from_db()
    assert (way.status, dock.line(way).never_shipped, way.in_transit_total) == ("CLOSED", 4, 0)
    assert dock.line(asn).in_transit == 4
    dock.agree()


# ------------------------------------------------------------------ received elsewhere
def test_a_receipt_that_has_the_goods_is_claimed_once(dock):
    blind = dock.blind((0, 5), shipment_ref="parcel")
    asn = dock.shipped((0, 4))
    other = dock.asn((0, 9), number="A-2")
    dock.refused(lambda: dock.close(asn, Fate.ELSEWHERE), ActionError, "Choose the receipt")
    dock.refused(
        lambda: dock.close(other, Fate.ELSEWHERE, receipt_id=blind.pk), ActionError,
        "P0: the receipt has 5 units that no ASN claims, 9 asked",
    )  # fmt: skip
    dock.close(asn, Fate.ELSEWHERE, receipt_id=blind.pk)
    assert (dock.line(asn).received_elsewhere, dock.line(asn).received) == (4, 0)
    assert dock.held(0, "_in_transit", dock.london) == 0
    dock.receive(other, (0, 7))
    dock.refused(
        lambda: dock.close(other, Fate.ELSEWHERE, receipt_id=blind.pk), ActionError, "1 units"
    )
    dock.refused(lambda: dock.correct(blind), ActionError, "1 units of this receipt")
    dock.agree()
    # Decided again, the receipt is free again.
    line = dock.line(asn)
    dock.change(asn, actions.Move(line.pk, Fate.ELSEWHERE, Fate.LOST, 4))
    dock.close(other, Fate.ELSEWHERE, receipt_id=blind.pk)
    dock.agree()


def test_a_receipt_of_the_same_notice_cannot_have_what_it_lacks(dock):
    asn = dock.asn((0, 5))
    own = dock.receive(asn, (0, 2))
    dock.refused(
        lambda: dock.close(asn, Fate.ELSEWHERE, receipt_id=own.pk), ActionError, "cannot have"
    )
    dock.refused(
        lambda: dock.close(asn, Fate.ELSEWHERE, receipt_id=10**9), ActionError, "cannot have"
    )


# ------------------------------------------------------------------ decided again
def test_a_changed_mind_is_a_further_document(dock):
    asn = dock.close(dock.shipped((0, 6)), Fate.LOST)
    line = dock.line(asn)
    dock.change(asn, actions.Move(line.pk, Fate.LOST, Fate.DECIDE_LATER, 2), note="found", key="k")
    dock.change(asn, actions.Move(line.pk, Fate.LOST, Fate.DECIDE_LATER, 2), key="k")
    line.refresh_from_db()
    assert (line.lost, line.in_transit, line.written_off) == (4, 2, 4)
    assert dock.held(0, "_in_transit", dock.london) == 2
    assert [(d.before, d.fate, d.quantity) for d in FateDecision.objects.order_by("pk")] == [
        ("DECIDE_LATER", "LOST", 6), ("LOST", "DECIDE_LATER", 2),
    ]  # fmt: skip
    told = dock.told("adjustment_created")[-1]
    assert told["destination_stock_location_name"] == "_in_transit"
    assert told["note"] == "found"
    dock.agree()


def test_what_was_put_back_on_the_shelf_and_sold_cannot_be_lost_in_transit(dock):
    asn = dock.close(dock.shipped((0, 6)), Fate.NEVER_SHIPPED)
    move = actions.Move(dock.line(asn).pk, Fate.NEVER_SHIPPED, Fate.LOST, 6)
    # London shipped what it did not have, so nothing is on its shelf.
    dock.refused(lambda: dock.change(asn, move), ledger.StockTooLow, "P0: 0 on hand")


@pytest.mark.parametrize(
    ("move", "match"),
    [
        ((Fate.LOST, Fate.DAMAGED, 1), "0 units are “Lost in transit”, 1 asked"),
        ((Fate.DECIDE_LATER, Fate.LOST, 7), "6 units are “Decide later”, 7 asked"),
        ((Fate.DECIDE_LATER, Fate.LOST, 0), "0 asked"),
        ((Fate.DECIDE_LATER, Fate.LOST, -1), "-1 asked"),
        ((Fate.DECIDE_LATER, Fate.DECIDE_LATER, 1), "its fate already"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(dock, move, match):
    asn = dock.close(dock.shipped((0, 6)))
    one = actions.Move(dock.line(asn).pk, *move)
    dock.refused(lambda: dock.change(asn, one), ActionError, match)


def test_an_open_notice_has_no_fate_yet(dock):
    asn = dock.asn((0, 6))
    move = actions.Move(dock.line(asn).pk, Fate.DECIDE_LATER, Fate.LOST, 1)
    dock.refused(lambda: dock.change(asn, move), ActionError, "still open")
    dock.close(asn)
    dock.refused(lambda: dock.change(asn), ActionError, "of which units")
    stale = actions.Move(dock.line(asn).pk, Fate.NEVER_SHIPPED, Fate.LOST, 1)
    dock.refused(lambda: dock.change(asn, stale, revision=1), actions.StaleRevision)


# ------------------------------------------------------------------ late arrivals
@pytest.mark.parametrize("fate", [fate for fate in Fate if fate != Fate.ELSEWHERE])
@pytest.mark.parametrize("is_held", [True, False], ids=["held", "outside"])
def test_a_late_arrival_undoes_the_fate_of_its_units_and_the_notice_stays_closed(
    dock, fate, is_held
):
    asn = dock.shipped((0, 10)) if is_held else dock.asn((0, 10))
    dock.receive(asn, (0, 4))
    dock.close(asn, fate)
    receipt = dock.receive(asn, (0, 5), is_late=True)
    assert receipt.is_late
    line = dock.line(asn)
    assert (line.received, getattr(line, fate.column), line.over_received) == (9, 1, 0)
    asn.refresh_from_db()
    assert (asn.status, asn.received_total) == ("CLOSED", 9)
    assert dock.held(0) == 9
    (undone,) = FateDecision.objects.filter(receipt=receipt)
    assert (undone.before, undone.fate, undone.quantity) == (fate, "", 5)
    assert len(dock.told("asn_closed")) == 1
    dock.agree()
    dock.receive(asn, (0, 3), is_late=True)
    line = dock.line(asn)
    assert (line.received, line.over_received, getattr(line, fate.column)) == (12, 2, 0)
    dock.agree()


def test_what_is_late_and_was_received_elsewhere_is_too_much_there(dock):
    blind = dock.blind((0, 6), shipment_ref="parcel")
    asn = dock.close(dock.shipped((0, 6)), Fate.ELSEWHERE, receipt_id=blind.pk)
    dock.receive(asn, (0, 6), is_late=True)
    line = dock.line(asn)
    assert (line.received, line.received_elsewhere, line.over_received) == (6, 0, 0)
    assert dock.held(0) == 12
    dock.agree()


def test_what_was_on_its_way_back_and_arrives_late_stops_the_way_back(dock):
    asn = dock.close(dock.shipped((0, 6)), Fate.RETURN)
    way = Asn.objects.get(source="RETURN")
    dock.receive(way, (0, 1))
    dock.receive(asn, (0, 6), is_late=True)
    line = dock.line(asn)
    # One unit is back at the source for good, so one of six is more than was shipped here.
    assert (line.received, line.returned, line.over_received) == (6, 1, 1)
    way.refresh_from_db()
    assert (way.status, way.received_total, dock.line(way).never_shipped) == ("CLOSED", 1, 5)
    dock.agree()


def test_a_late_arrival_that_is_too_much_is_refused_where_none_is_allowed(dock):
    allow_over_receipt(False)
    asn = dock.asn((0, 5))
    dock.receive(asn, (0, 5))
    dock.refused(lambda: dock.receive(asn, (0, 1), is_late=True), actions.OverReceived)


# ------------------------------------------------------------------ corrections
def test_a_correction_names_the_first_and_takes_back_what_it_brought(dock):
    asn = dock.shipped((0, 10))
    first = dock.receive(asn, (0, 7))
    fixed = dock.correct(first, actions.TakenBack(dock.products[0].pk, 3, dock.line(asn).pk))
    line = dock.line(asn)
    assert (line.received, line.in_transit) == (4, 6)
    assert (fixed.corrects, fixed.transaction.corrects) == (first, first.transaction)
    assert (dock.held(0), dock.held(0, "_in_transit", dock.london)) == (4, 6)
    (told,) = dock.told("adjustment_created")
    assert (told["adjustment_reason"], told["origin_stock_location_name"]) == (
        "Receipt correction", "main",
    )  # fmt: skip
    assert "destination_stock_location_name" not in told
    assert told["items"][0]["quantity"] == 3
    dock.correct(first)
    asn.refresh_from_db()
    assert (asn.status, asn.received_total, asn.received_products) == ("OPEN", 0, 0)
    dock.refused(lambda: dock.correct(first), ActionError, "taken back already")
    dock.refused(lambda: dock.correct(fixed), ActionError, "Only a completed receipt")
    dock.agree()


def test_what_was_too_much_is_taken_back_first(dock):
    asn = dock.asn((0, 5), (1, 1))
    first = dock.receive(asn, (0, 8))
    dock.correct(first, actions.TakenBack(dock.products[0].pk, 4, dock.line(asn).pk))
    line = dock.line(asn)
    assert (line.received, line.over_received, line.in_transit) == (4, 0, 1)
    dock.agree()


def test_a_closed_notice_stays_closed_when_its_receipt_is_corrected(dock):
    asn = dock.asn((0, 5))
    first = dock.receive(asn, (0, 5))
    dock.correct(first)
    asn.refresh_from_db()
    assert (asn.status, asn.in_transit_total) == ("CLOSED", 5)
    assert len(dock.told("asn_closed")) == 1
    dock.receive(asn, (0, 5), is_late=True)
    dock.agree()


def test_what_is_not_on_the_shelf_any_more_is_not_taken_back(dock):
    asn = dock.asn((0, 5))
    first = dock.receive(asn, dock.arrived(0, 5, damaged=3, reason_id=dock.broken.pk))
    dock.refused(lambda: dock.correct(first), ledger.StockTooLow, "P0: 2 on hand, 5 asked")
    too_many = actions.TakenBack(dock.products[0].pk, 6, dock.line(asn).pk)
    dock.refused(lambda: dock.correct(first, too_many), ActionError, "5 units of this receipt")
    foreign = actions.TakenBack(dock.products[1].pk, 1, None)
    dock.refused(lambda: dock.correct(first, foreign), ActionError, "P1: 0 units")


def test_a_blind_receipt_is_corrected_too(dock):
    first = dock.blind((0, 5), (1, 2), shipment_ref="X")
    dock.correct(first, actions.TakenBack(dock.products[0].pk, 2))
    assert (dock.held(0), dock.held(1)) == (3, 2)
    dock.correct(first)
    assert (dock.held(0), dock.held(1)) == (0, 0)
    dock.agree()


def test_a_correction_twice_under_one_key_is_one(dock):
    first = dock.receive(dock.asn((0, 5)), (0, 4))
    taken = actions.TakenBack(dock.products[0].pk, 1, AsnLine.objects.get().pk)
    assert dock.correct(first, taken, key="k") == dock.correct(first, taken, key="k")
    assert dock.held(0) == 3


def test_reasons_of_fates_are_offered_to_nobody_who_adjusts(dock):
    dock.close(dock.shipped((0, 5)), Fate.LOST)
    reason = AdjustmentReason.objects.get(type="ASN")
    assert (reason.subtype, reason.is_active) == ("Lost in transit", False)
