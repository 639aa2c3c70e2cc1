"""The nightly proof sees what no act would do."""

import pytest
from django.db import connection, transaction

from asn.models import Asn, AsnLine, Fate
from asn.receiving.verification import RULES
from inventory import actions, ledger
from inventory.actions.verification import rules_of_all_rooms
from inventory.models import LedgerVerification


@pytest.fixture
def dock(busy_dock):
    asn = busy_dock.shipped((0, 10), (1, 5))
    busy_dock.receive(asn, (0, 4), (1, 6))
    busy_dock.close(busy_dock.asn((2, 5)), Fate.RETURN)
    return busy_dock


def broken_rules() -> set[str]:
    return {one.rule for one in ledger.verify(RULES).examples}


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_nightly_proof_reads_the_rules_of_this_room(dock):
    kept, examples = actions.verify_ledger()
    assert (kept.differences, examples) == (0, [])
    assert set(rules_of_all_rooms()) >= set(RULES)
    Asn.objects.filter(number="T-1").update(received_total=9)
    kept, (example,) = actions.verify_ledger()
    assert kept.differences == 1
    assert example.rule == "an ASN's totals are those of its lines"
    assert (example.expected, example.found) == (10, 9)
    assert LedgerVerification.objects.count() == 2


def test_a_unit_that_changes_its_place_without_an_act_is_seen(dock):
    AsnLine.objects.filter(asn__number="T-1", product=dock.products[0]).update(in_transit=3, lost=3)
    assert broken_rules() == {
        "an ASN's totals are those of its lines",
        "what stands in transit is what ASNs say",
    }


def test_what_a_receipt_did_not_bring_is_seen(dock):
    AsnLine.objects.filter(asn__number="T-1", product=dock.products[1]).update(
        received=7, over_received=2
    )
    assert "what a line received is what its receipts brought" in broken_rules()


def test_goods_in_transit_that_no_notice_knows_are_seen(dock):
    with transaction.atomic():
        ledger.post(
            ledger.Header(
                operation_key="stray",
                type="ADJUSTMENT",
                location_id=dock.london.pk,
                associate_id="x",
            ),
            [ledger.Line(dock.products[3].pk, 1, None, dock.shelf["_in_transit"])],
        )
    assert broken_rules() == {"what stands in transit is what ASNs say"}


def test_a_status_that_does_not_follow_from_the_lines_is_seen(dock):
    Asn.objects.filter(number="T-1").update(status="OPEN")
    assert broken_rules() == {"an open ASN lacks something, and says how far it is"}


def test_a_line_that_does_not_add_up_is_seen_even_without_the_constraint(dock):
    run("ALTER TABLE asn_asnline DROP CONSTRAINT asn_line_balance")
    try:
        AsnLine.objects.filter(asn__number="T-1", product=dock.products[0]).update(lost=1)
        assert "every unit of a line is in one place" in broken_rules()
    finally:
        AsnLine.objects.filter(asn__number="T-1", product=dock.products[0]).update(lost=0)
        run(
            "ALTER TABLE asn_asnline ADD CONSTRAINT asn_line_balance CHECK (expected ="
            " received + received_elsewhere + in_transit + lost + damaged + returned"
            " + never_shipped - over_received)"
        )
