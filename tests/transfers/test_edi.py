"""What warehouses' messages say: orders, shipments, receipts, and what is wrong with them."""

import io
from datetime import date, datetime

import pytest

from omnichannel.imports.archive import Source
from omnichannel.imports.edi.reading import LEFT_OUT, PAPER
from omnichannel.imports.rows import BadFile
from tests.asn.messages import CROSSDOCK
from transfers.edi.reading import EDI
from transfers.edi.told import Arrival, Ordered, Shipment

from .messages import (
    CUT_940,
    IN_CASES,
    OUR_945,
    REAL_940,
    REAL_943,
    REAL_944,
    arrived,
    ordered,
    shipped,
    x12,
)


def papers(data: bytes) -> list:
    found = EDI.items(Source("transfers", "some.edi", lambda: io.BytesIO(data)))
    return [item.fields[PAPER] for item in found if PAPER in item.fields]


def shown(paper) -> list[tuple[list[str], int]]:
    return [([str(code) for code in line.codes], line.quantity) for line in paper.lines]


def ends(paper) -> tuple[list[str], list[str]]:
    return [p.id for p in paper.senders], [p.id for p in paper.receivers]


def test_a_real_940_is_an_order_with_every_name_of_its_product():
    (order,) = papers(REAL_940.read_bytes())
    assert isinstance(order, Ordered)
    assert (order.number, order.due_date, order.errors) == ("35131", None, [])
    # It tells no date, so it was ordered when it was written.
    assert order.ordered.at == datetime(2009, 9, 2, 9, 0)
    assert shown(order) == [(["UP 871209028795", "VC 110220", "UPC 000100022220"], 1)]
    assert ends(order) == ([], [])


def test_a_real_940_in_cases_is_refused_line_by_line():
    (order,) = papers(IN_CASES.read_bytes())
    assert (order.number, order.due_date) == ("538686", date(2000, 2, 7))
    assert order.note == "SHIP ON CHEP PALLETS"
    assert ends(order) == (["0000000000140"], ["00000001"])
    assert [(one.segment, one.tag, one.code) for one in order.errors] == [
        (19, "W01", "000100"),
        (23, "W01", "000200"),
        (27, "W01", "000300"),
    ]
    assert "in CA, which cannot be counted as units" in order.errors[0].cause


def test_a_real_940_whose_count_is_wrong_is_refused_with_its_segment_and_cause():
    with pytest.raises(BadFile, match=r"segment 11 \(SE\): it counts 12, but ST 20066 holds 9"):
        papers(CUT_940.read_bytes())


def test_a_real_943_and_the_944_that_answers_it():
    (shipment,) = papers(REAL_943.read_bytes())
    assert isinstance(shipment, Shipment)
    assert (shipment.order_ref, shipment.number, shipment.carrier) == ("DO12345", "", "SCAC")
    assert shipment.shipped.at == datetime(2026, 7, 14)
    # It has no number of its own: its interchange names it.
    assert shipment.key == "edi:943:SENDER:000000001:0001"
    assert (shipment.may_announce, shown(shipment)) == (True, [(["VN ITEM123"], 100)])
    assert ends(shipment) == ([], ["ACME01"])
    (arrival,) = papers(REAL_944.read_bytes())
    assert isinstance(arrival, Arrival)
    assert (arrival.number, arrival.order_ref) == ("WR12345", "DO12345")
    assert arrival.key == "edi:944:SENDER:WR12345"
    assert shown(arrival) == [(["UK ITEM123"], 100)]
    for paper in (shipment, arrival):
        assert paper.errors == []
        assert "marks the message as a test" in paper.warnings[-1].cause
    # Its code is no GTIN, and is read as the product's name all the same.
    assert "ITEM123 is no GTIN" in arrival.warnings[0].cause


def test_a_945_of_our_own_leaves_out_what_did_not_ship():
    (shipment,) = papers(OUR_945.read_bytes())
    assert (shipment.order_ref, shipment.number) == ("TR-500", "SHIP-77")
    assert (shipment.tracking_number, shipment.carrier) == ("1Z0000000077", "PARC")
    assert shown(shipment) == [(["IN P0"], 5), (["EN 2010000000021"], 3)]
    assert (shipment.errors, shipment.may_announce) == ([], False)
    assert ends(shipment) == (["DC-1"], ["DE-01"])


def test_other_messages_of_a_file_are_left_out_and_counted():
    both = x12(ordered("TR-1", ("IN*P0", 1))) + CROSSDOCK.read_bytes()
    found = list(EDI.items(Source("transfers", "both.edi", lambda: io.BytesIO(both))))
    assert [item.fields.get(LEFT_OUT) for item in found] == [None, "X12 856"]


@pytest.mark.parametrize("status", ["A", "C", "D", "F", "G", "L", "R", "X", ""])
def test_an_order_that_is_not_new_is_refused(status):
    (order,) = papers(x12(ordered("TR-1", ("IN*P0", 1), status=status)))
    assert "is no new order" in order.errors[0].cause


@pytest.mark.parametrize("code", ["N", "X", "R", "A", "O", "S", "K", ""])
def test_a_report_that_is_not_whole_is_refused(code):
    sent = x12(shipped("TR-1", ("IN*P0", 1))).replace(b"W06*F*", b"W06*%s*" % code.encode())
    came = x12(arrived("WR-1", "TR-1", ("IN*P0", 1))).replace(b"W17*F*", b"W17*%s*" % code.encode())
    for data in (sent, came):
        (paper,) = papers(data)
        assert "no whole new" in paper.errors[0].cause


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (x12(("940", ["N1*ST*x*92*y"])), "W0502"),
        (x12(("940", ["W05*N*TR-1"])), "no units of any item"),
        (x12(("943", ["N1*ST*x*92*y"])), "W06, which names the order"),
        (x12(("945", ["W06*F"])), "Neither W0602"),
        (x12(("944", ["W17*F*20260303"])), "W1703"),
        (x12(("944", ["W17*F*20260303*WR-1", "W07*1*EA**ZZ*P0"])), "names no product"),
        (x12(ordered("TR-1", ("IN*P0", "1.5"))), "1.5 is no whole number"),
        (x12(ordered("TR-1", ("IN*P0", -3))), "-3 is no whole number"),
        (x12(ordered("TR-1", ("IN*P0", 0))), "no units of any item"),
        (x12(ordered("TR-1", ("IN*P0", 1), unit="CT")), "in CT"),
    ],
    ids=["head", "empty", "w06", "nameless", "w17", "codes", "part", "below", "none", "unit"],
)
def test_what_is_wrong_is_said_at_its_segment(data, cause):
    (paper,) = papers(data)
    assert cause in paper.errors[0].cause
    assert paper.errors[0].segment > 2


@pytest.mark.parametrize(
    ("kind", "total"), [("940", "W76"), ("943", "W03"), ("944", "W14"), ("945", "W03")]
)
def test_a_total_that_does_not_fit_its_lines_is_told(kind, total):
    make = {
        "940": ordered("TR-1", ("IN*P0", 4)),
        "943": shipped("TR-1", ("IN*P0", 4), kind="943"),
        "944": arrived("WR-1", "TR-1", ("IN*P0", 4)),
        "945": shipped("TR-1", ("IN*P0", 4)),
    }
    name, body = make[kind]
    (good,), (strange,) = (papers(x12((name, [*body, f"{total}*{n}"]))) for n in (4, 5))
    assert (good.warnings, good.errors) == ([], [])
    assert "sums up to 5 units, but its lines hold 4" in strange.warnings[0].cause


def test_an_exception_of_a_receipt_is_told():
    name, body = arrived("WR-1", "TR-1", ("IN*P0", 4))
    (paper,) = papers(x12((name, [*body, "W13*1*EA*01"])))
    assert "exception (quantity 1, condition 01)" in paper.warnings[0].cause


def test_a_shipment_is_named_by_its_sender_and_number_however_often_it_is_sent():
    first, again = (papers(x12(shipped("TR-1", ("IN*P0", 1)), number=n))[0] for n in (7, 8))
    other = papers(x12(shipped("TR-1", ("IN*P0", 1), number="SH-2")))[0]
    assert first.key == again.key == "edi:945:WH:TR-1:SH-1"
    assert other.key != first.key
    long = papers(x12(shipped("T" * 300, ("IN*P0", 1))))[0]
    assert len(long.key) < 100
