"""A session on the phone: scans kept once, left and resumed, completed once, also after a close."""

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from asn import actions
from asn.models import Asn, Fate, Receipt, ReceiptScan
from omnichannel.documents import ActionError, TransitionNotAllowed
from tests.inventory.test_posting_in_parallel import at_once


def begin(dock, asn: Asn | None = None, key: str = "", **more: Any) -> Receipt:
    with transaction.atomic(durable=True):
        return actions.begin_receipt(
            by=dock.manager,
            key=key or str(uuid.uuid4()),
            asn_id=asn.pk if asn else None,
            location_id=dock.berlin.pk,
            **more,
        )


def scan(dock, product: int | None, quantity: int = 1, **more: Any) -> actions.Scan:
    values = {"key": uuid.uuid4(), "code": f"code-{product}", "scanned_at": timezone.now(), **more}
    pk = None if product is None else dock.products[product].pk
    return actions.Scan(product_id=pk, quantity=quantity, **values)


def record(receipt: Receipt, *scans: actions.Scan) -> int:
    with transaction.atomic(durable=True):
        return actions.record_scans(receipt_id=receipt.pk, scans=scans)


def complete(dock, receipt: Receipt, **more: Any) -> actions.Received:
    with transaction.atomic(durable=True):
        return actions.complete_receipt(receipt_id=receipt.pk, by=dock.manager, **more)


def cancel(receipt: Receipt) -> Receipt:
    with transaction.atomic(durable=True):
        return actions.cancel_receipt(receipt_id=receipt.pk)


def test_scans_add_up_and_become_one_receipt(dock):
    asn = dock.asn((0, 5), (1, 2))
    receipt = begin(dock, asn)
    record(receipt, scan(dock, 0), scan(dock, 0, 3), scan(dock, 1, 2))
    record(receipt, scan(dock, 0, -1), scan(dock, 1, -2))
    assert (dock.held(0), dock.told()) == (0, [])
    done = complete(dock, receipt)
    assert (done.receipt, done.is_replay) == (receipt, False)
    assert (dock.held(0), dock.held(1)) == (3, 0)
    assert complete(dock, receipt).is_replay
    assert dock.held(0) == 3
    assert len(dock.told("items_received")) == 1
    receipt.refresh_from_db()
    assert (receipt.status, receipt.kind, receipt.asn) == ("COMPLETED", "ITEMS", asn)
    dock.agree()


def test_a_scan_sent_twice_or_out_of_order_counts_once(dock):
    receipt = begin(dock, dock.asn((0, 50)))
    scans = [scan(dock, 0) for _ in range(20)]
    assert record(receipt, *scans[10:]) == 10
    assert record(receipt, *reversed(scans)) == 10
    assert record(receipt, *scans) == 0
    complete(dock, receipt)
    assert dock.held(0) == 20


def test_the_same_begin_twice_is_one_session(dock):
    asn = dock.asn((0, 5))
    assert begin(dock, asn, key="k") == begin(dock, asn, key="k")
    assert Receipt.objects.count() == 1


def test_what_was_begun_before_a_close_is_completed_after_it(dock):
    asn = dock.shipped((0, 5))
    receipt = begin(dock, asn)
    record(receipt, scan(dock, 0, 4))
    dock.close(asn, Fate.LOST)
    dock.refused(lambda: begin(dock, asn), actions.AsnClosed)
    dock.refused(lambda: dock.receive(asn, (0, 1)), actions.AsnClosed)
    done = complete(dock, receipt)
    assert done.receipt.is_late
    line = dock.line(asn)
    assert (line.received, line.lost, Asn.objects.get().status) == (4, 1, "CLOSED")
    assert len(dock.told("asn_closed")) == 1
    dock.agree()


def test_what_was_cancelled_stays_readable_and_moves_nothing(dock):
    asn = dock.asn((0, 5, "C1"))
    receipt = begin(dock, asn)
    record(receipt, scan(dock, 0))
    dock.refused(lambda: dock.carton(asn, "C1"), ActionError, "one by one")
    cancel(receipt)
    assert ReceiptScan.objects.count() == 1
    dock.refused(lambda: complete(dock, receipt), TransitionNotAllowed)
    dock.refused(lambda: record(receipt, scan(dock, 0)), TransitionNotAllowed, "Cancelled")
    dock.refused(lambda: cancel(receipt), TransitionNotAllowed)
    # Its items are put back, so the carton is whole again.
    dock.carton(asn, "C1")
    assert dock.held(0) == 5


def test_unknown_codes_are_kept_until_somebody_says_what_they_are(dock):
    asn = dock.asn((0, 5))
    receipt = begin(dock, asn)
    record(receipt, scan(dock, 0), *(scan(dock, None, code=code) for code in ("??", "??", "box")))
    dock.refused(lambda: complete(dock, receipt), ActionError, r"\?\?, box")
    with transaction.atomic():
        settled = actions.settle_code(
            receipt_id=receipt.pk, code="??", product_id=dock.products[2].pk
        )
    assert settled == 2
    with transaction.atomic():
        assert actions.settle_code(receipt_id=receipt.pk, code="box", product_id=None) == 1
    complete(dock, receipt)
    assert (dock.held(0), dock.held(2)) == (1, 2)
    assert dock.line(asn, 2).is_unexpected


def test_damage_is_scanned_in_the_same_step(dock):
    receipt = begin(dock, dock.asn((0, 5)))
    broken = scan(dock, 0, 2, is_damaged=True, reason_id=dock.broken.pk)
    record(receipt, scan(dock, 0, 3), broken)
    complete(dock, receipt)
    assert (dock.held(0), dock.held(0, "damaged")) == (3, 2)
    assert len(dock.told("adjustment_created")) == 1
    dock.agree()


def test_a_blind_session_is_offered_its_notice_at_the_end(dock):
    dock.asn((0, 5), po_number="PO-1")
    receipt = begin(dock, order_ref="PO-1")
    assert receipt.kind == "BLIND"
    record(receipt, scan(dock, 0, 2))
    dock.refused(lambda: complete(dock, receipt), actions.AsnOffered, "A-1")
    complete(dock, receipt, note="box without label")
    assert dock.held(0) == 2
    assert receipt.matches.count() == 1
    assert dock.told("items_received")[0]["order_ref"] == "PO-1"


@pytest.mark.parametrize("quantity", [0, 2**31, -(2**31)], ids=["none", "absurd", "absurd back"])
def test_no_such_quantity_is_scanned(dock, quantity):
    receipt = begin(dock, dock.asn((0, 5)))
    dock.refused(
        lambda: record(receipt, scan(dock, 0), scan(dock, 0, quantity)), ActionError, "no quantity"
    )
    assert not receipt.scans.exists()


def test_nothing_scanned_or_less_than_nothing_is_not_received(dock):
    receipt = begin(dock, dock.asn((0, 5)))
    dock.refused(lambda: complete(dock, receipt), ActionError, "Nothing was scanned")
    record(receipt, scan(dock, 0, -2))
    dock.refused(lambda: complete(dock, receipt), ActionError, "P0: -2 is no quantity")


def test_scans_of_eight_at_once_and_two_who_complete(busy_dock):
    dock = busy_dock
    asn = dock.asn((0, 1_000))
    receipt = begin(dock, asn)
    batches = [[scan(dock, 0) for _ in range(25)] for _ in range(4)]
    # Each batch is sent twice, as a phone does that did not hear the answer.
    results = at_once([lambda b=batch: record(receipt, *b) for batch in batches * 2])
    assert sum(results) == 100
    results = at_once([lambda: complete(dock, receipt)] * 8)
    assert sorted(one.is_replay for one in results) == [False, *[True] * 7]
    assert dock.held(0) == 100
    assert len(dock.told("items_received")) == 1
    dock.agree()


def test_scans_that_meet_the_completion_are_in_it_or_refused(busy_dock):
    dock = busy_dock
    receipt = begin(dock, dock.asn((0, 1_000)))
    record(receipt, scan(dock, 0))
    acts = [lambda: record(receipt, scan(dock, 0, 10)) for _ in range(6)]
    results = at_once([*acts, lambda: complete(dock, receipt)])
    kept = sum(one == 1 for one in results[:-1])
    refused = sum(isinstance(one, TransitionNotAllowed) for one in results[:-1])
    assert kept + refused == 6
    assert dock.held(0) == 1 + 10 * kept
