"""What despatch advices say: shipments, orders, cartons, quantities, and what is wrong with them."""

import io
from datetime import date, datetime

import pytest

from asn.edi.notice import Notice
from asn.edi.reading import EDI
from omnichannel.imports.archive import Source
from omnichannel.imports.edi.papers import units_of
from omnichannel.imports.edi.reading import LEFT_OUT, PAPER

from .messages import (
    CROSSDOCK,
    DATA,
    DESADV,
    GTINS,
    LABELS,
    SHIPMENT,
    SSCCS,
    TWO_ORDERS,
    bsn,
    one_order,
    x12,
)


def notices(data: bytes) -> list[Notice]:
    found = EDI.items(Source("asns", "some.edi", lambda: io.BytesIO(data)))
    return [item.fields[PAPER] for item in found if PAPER in item.fields]


def shown(notice: Notice) -> list[tuple[str, int, str]]:
    return [(str(line.codes[0]), line.quantity, line.carton) for line in notice.lines]


def test_a_shipment_with_two_orders_makes_two_notices_with_their_cartons():
    """A real message; its item and carton numbers are invented, and some of them wrong."""
    first, second = notices(CROSSDOCK.read_bytes())
    assert [(n.number, n.po_number) for n in (first, second)] == [
        ("000009-POREF00", "POREF00"),
        ("000009-POREF01", "POREF01"),
    ]
    assert shown(first) == [
        ("UP 0000000000642", 12, "00000715670002152360"),
        ("EN 0000000000831", 12, "00000715670002152377"),
        ("UP 0000000000283", 12, "00000715670002152384"),
        ("UP 0000000000203", 12, "00000715670002152391"),
    ]
    assert shown(second) == [("UP 0000000000642", 12, "00000715670002152111")]
    for notice in (first, second):
        assert [(p.role, p.id) for p in notice.senders] == [("SF", "000009")]
        assert [(p.role, p.id) for p in notice.receivers] == [("ST", "0001")]
        assert notice.shipped.at == datetime(2009, 9, 21)
        assert not notice.shipped.is_utc
        assert notice.expected_date == date(2009, 9, 25)
        assert not notice.errors


def test_wrong_check_digits_of_a_real_message_are_told_and_kept():
    first, second = notices(CROSSDOCK.read_bytes())
    assert [(w.tag, w.code) for w in first.warnings] == [
        ("MAN", "00000715670002152360"),
        ("LIN", "0000000000831"),
        ("MAN", "00000715670002152377"),
        ("LIN", "0000000000283"),
        ("MAN", "00000715670002152384"),
        ("LIN", "0000000000203"),
        ("MAN", "00000715670002152391"),
    ]
    assert [w.code for w in second.warnings] == ["00000715670002152111"]


def test_tares_within_a_shipment_without_orders_are_no_cartons_of_ours():
    first, second = notices((DATA / "stupidedi/002001_SH856_fail_1.edi").read_bytes())
    assert (first.number, first.po_number) == ("35100", "")
    assert shown(first) == [
        ("BP 7389141G01", 1000, ""),
        ("BP 6500012G00", 176, ""),
        ("BP 7340912G00", 100, ""),
        ("BP 7450013G00", 156, ""),
    ]
    assert shown(second) == [("BP 3104982G00", 234, ""), ("BP 8930212G01", 25, "")]
    assert first.receivers == []


def test_desadv_says_the_same():
    (notice,) = notices(DESADV.read_bytes())
    assert (notice.number, notice.po_number) == ("DES-2026-17", "PO-4500")
    assert notice.shipped.at == datetime(2026, 3, 2, 9, 30)
    assert notice.expected_date == date(2026, 3, 5)
    assert [(p.role, p.id, p.name) for p in notice.senders] == [("SU", "DC-1", "K'nig + Söhne ?")]
    assert [p.id for p in notice.receivers] == ["DE-01"]
    assert shown(notice) == [
        ("IN P0", 24, LABELS[0]),
        (f"EN {GTINS[1]}", 6, LABELS[1]),
        (f"EN {GTINS[0]}", 2, LABELS[1]),
    ]
    assert (notice.errors, notice.warnings) == ([], [])


def test_a_desadv_with_an_order_at_each_line_makes_a_notice_of_each():
    found = notices(TWO_ORDERS.read_bytes())
    assert [(n.number, n.po_number, shown(n)) for n in found] == [
        ("DES-2026-18-PO-1", "PO-1", [(f"SRV {GTINS[0]}", 10, "")]),
        ("DES-2026-18-PO-2", "PO-2", [(f"SRV {GTINS[1]}", 4, "")]),
    ]


def test_two_loops_of_one_order_are_one_notice():
    lines = one_order("SK*A")
    lines += ["HL*9*1*O", "PRF*PO-1", "HL*10*9*I", "LIN**SK*B", "SN1**1*EA"]
    (notice,) = notices(x12(lines))
    assert (notice.number, len(notice.lines)) == ("S-1", 2)


def test_one_order_for_two_stores_is_two_notices():
    lines = one_order("SK*A")
    lines += ["HL*9*1*O", "PRF*PO-1", "N1*ST*Other*92*GB-01", "HL*10*9*I", "LIN**SK*B", "SN1**1*EA"]
    found = notices(x12(lines))
    assert [n.number for n in found] == ["S-1-PO-1-DE-01", "S-1-PO-1-GB-01"]


STANDARD = [bsn(), *SHIPMENT, "HL*2*1*O", "PRF*PO-1", "HL*3*2*I", "LIN**SK*A", "SN1**12*EA"]


@pytest.mark.parametrize(
    ("packs", "told", "warned"),
    [
        (["HL*4*3*P", "MAN*GM*c1"], [("c1", 12)], 0),
        (["HL*4*3*P", "MAN*CP*c1", "HL*5*3*P", "MAN*CP*c2"], [("c1", 6), ("c2", 6)], 0),
        (
            ["HL*4*3*P", "SN1**10*EA", "MAN*CP*c1", "HL*5*3*P", "SN1**2*EA", "MAN*CP*c2"],
            [("c1", 10), ("c2", 2)],
            0,
        ),
        (
            ["HL*4*3*P", "SN1**10*EA", "MAN*CP*c1", "HL*5*3*P", "SN1**9*EA", "MAN*CP*c2"],
            [("", 12)],
            1,
        ),
        ([x for n in range(5) for x in (f"HL*{n + 4}*3*P", f"MAN*CP*c{n}")], [("", 12)], 1),
        (["HL*4*3*P", "MAN*CP*c1*x*GM*best"], [("best", 12)], 0),
        (["HL*4*3*P", "MAN*XX*strange"], [("", 12)], 0),
    ],
    ids=["one", "alike", "told", "wrong-sum", "not-alike", "best-mark", "no-mark"],
)
def test_standard_cartons_within_an_item_share_its_units(packs, told, warned):
    (notice,) = notices(x12([*STANDARD, *packs]))
    assert [(line.carton, line.quantity) for line in notice.lines] == told
    strange = [w for w in notice.warnings if "SSCC" not in w.cause]
    assert len(strange) == warned


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([bsn(purpose="01"), *SHIPMENT], "Purpose 01"),
        (["BSN*00**20260302*0930", *SHIPMENT], "BSN02"),
        ([*SHIPMENT], "BSN02"),
        ([bsn(), *SHIPMENT], "announces no item"),
        ([bsn(), "HL*1**S", "HL*1*1*I"], "number 1 is empty or was there before"),
        ([bsn(), "HL*1*7*S"], "parent 7 did not come before"),
        ([bsn(), "HL***S"], "number – is empty"),
        ([bsn(), "HL*1*1*S"], "parent 1 did not come before"),
        (["BSN*00*S-1*20261302*0930", "HL*1**S"], "no date in it that can be read"),
        ([bsn(), "HL*1**S", "DTM*011*tomorrow"], "no date in it that can be read"),
        (one_order("SK*A", units="1.5"), "1.5 is no whole number"),
        (one_order("SK*A", units="-1"), "-1 is no whole number"),
        (one_order("SK*A", units="٣"), "٣ is no whole number"),
        (one_order("SK*A", units="9" * 13), "is no whole number"),
        (one_order("SK*A", unit="CA"), "The quantity is in CA"),
        (one_order("LT*A"), "names no product in a way that is read"),
        ([*one_order("SK*A"), "HL*9*2*I", "LIN**SK*B"], "The item has no SN1"),
        ([*one_order("SK*A"), "HL*9*2*I"], "The item has no LIN"),
    ],
)
def test_what_cannot_be_an_asn_says_why(lines, told):
    causes = [e.cause for notice in notices(x12(lines)) for e in notice.errors]
    assert len(causes) == 1
    assert told in causes[0]


def desadv(*changes: tuple[bytes, bytes]) -> Notice:
    data = DESADV.read_bytes()
    for before, after in changes:
        assert before in data
        data = data.replace(before, after)
    return notices(data)[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((b"+9'\nDTM+137", b"+1'\nDTM+137"), "Function 1"),
        ((b"DES-2026-17", b""), "no number"),
        ((b"202603020930:203", b"the 2nd:203"), "no date of despatch"),
        ((b"202603020930:203", b"202603020930:999"), "no date of despatch"),
        ((b"QTY+12:24:PCE", b"QTY+21:24:PCE"), "no QTY+12"),
        ((b"QTY+12:24:PCE", b"QTY+12:24:CT"), "The quantity is in CT"),
        ((b"QTY+12:24:PCE", b"QTY+12:2,5:PCE"), "2,5 is no whole number"),
        ((b"CPS+3+1", b"CPS+2+1"), "number 2 was there before"),
        ((b"CPS+3+1", b"CPS+3+9"), "parent 9 did not come before"),
    ],
)
def test_what_a_desadv_lacks_is_said(change, told):
    assert [told in error.cause for error in desadv(change).errors] == [True]


def test_a_wrong_sscc_of_a_desadv_is_kept_and_told():
    notice = desadv((SSCCS[0].encode(), b"020100000000000019"))
    assert notice.lines[0].carton == "020100000000000019"
    assert [(w.tag, w.code) for w in notice.warnings] == [("GIN", "020100000000000019")]


def test_a_range_of_cartons_is_told_and_its_units_have_none():
    notice = desadv((SSCCS[0].encode(), f"{SSCCS[0]}:{SSCCS[2]}".encode()))
    assert notice.lines[0].carton == ""
    assert "range of cartons" in notice.warnings[0].cause


def test_a_message_that_is_marked_as_a_test_says_so():
    (notice,) = notices(x12(one_order("SK*A"), usage="T"))
    assert [w.cause for w in notice.warnings] == ["The sender marks the message as a test."]


def test_other_messages_beside_are_left_out_by_name():
    both = (DATA / "ediengine/850.OK.edi").read_bytes() + b"\n" + CROSSDOCK.read_bytes()
    found = list(EDI.items(Source("asns", "both.edi", lambda: io.BytesIO(both))))
    assert [item.fields.get(LEFT_OUT) for item in found] == ["X12 850", None, None]


@pytest.mark.parametrize(
    ("text", "units"), [("5", 5), ("+5", 5), ("5.00", 5), ("0", 0), ("", None)]
)
def test_units_are_whole(text, units):
    assert units_of(text) == units


# ------------------------------------------------------------ messages made to cost
def test_a_hierarchy_without_bottom_is_refused():
    chain = [f"HL*{n}*{n - 1}*P" for n in range(2, 2_000)]
    (notice,) = notices(x12([bsn(), *SHIPMENT, *chain]))
    assert "more than 20 levels deep" in notice.errors[0].cause
    deep = "".join(f"CPS+{n}+{n - 1}'" for n in range(4, 2_000)).encode()
    causes = {e.cause for e in desadv((b"LIN+3", deep + b"LIN+3"), (b"UNT+27", b"UNT+2023")).errors}
    assert causes == {"The hierarchy is broken: it is more than 20 levels deep."}


def test_many_items_in_many_cartons_are_not_multiplied():
    cartons = "".join(f"GIN+BJ+{n:018}'" for n in range(101)).encode()
    items_ = "".join(f"LIN+{n}++P{n}:IN'QTY+12:1010'" for n in range(200)).encode()
    changed = (b"GIN+BJ+020100000000000021'", cartons), (b"CNT+2:3'", items_ + b"CNT+2:3'")
    notice = desadv(*changed, (b"UNT+27", b"UNT+527"))
    assert len(notice.lines) == 203
    assert {line.carton for line in notice.lines[1:]} == {""}


def test_lines_beyond_any_asn_are_not_kept(monkeypatch):
    monkeypatch.setattr("omnichannel.imports.edi.papers.MOST_LINES", 7)
    (notice,) = notices(x12(one_order(*(f"SK*{n}" for n in range(50)))))
    assert len(notice.lines) == 7


def test_an_item_has_no_more_names_than_are_looked_up():
    (notice,) = notices(x12(one_order("*".join(f"SK*{n}" for n in range(1_000)))))
    assert len(notice.lines[0].codes) == 25
