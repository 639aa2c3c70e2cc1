"""The ledger's third entrance: history in the order of time, into rows that do not exist yet."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from inventory import ledger
from inventory.models import InventoryTransaction, StockMovement, StockOnHand

START = datetime(2026, 1, 1, tzinfo=UTC)


def document(shop, number, *, store=0, hours=0, type="SHIPMENT"):
    return ledger.HistoryDocument(
        f"past-{number}",
        type,
        shop.stores[store],
        None,
        None,
        None,
        None,
        None,
        f"ref-{number}",
        "",
        "till",
        START + timedelta(hours=hours),
    )


def line(shop, index, product, quantity, shelf="main"):
    return ledger.HistoryLine(index, shop.products[product], shop.shelf[shelf], quantity)


def load(documents, lines, **options):
    with transaction.atomic(durable=True):
        return ledger.load(documents, lines, **options)


def test_balances_run_in_the_order_of_time_whatever_the_order_of_the_file(shop):
    documents = [document(shop, 1, hours=2), document(shop, 2, hours=1), document(shop, 3, hours=3)]
    lines = [line(shop, 0, 0, -3), line(shop, 1, 0, 10), line(shop, 2, 0, -1), line(shop, 0, 0, -2)]
    report = load(documents, lines)
    assert report == ledger.LoadReport(documents=3, lines=4, movements=3, stock_rows=1)
    trail = StockMovement.objects.order_by("pk").values_list("quantity", "balance")
    assert list(trail) == [(10, 10), (-5, 5), (-1, 4)]
    assert ledger.verify().differences == 0


def test_posting_goes_on_where_history_ends(shop):
    load([document(shop, 1)], [line(shop, 0, 0, 10)])
    with transaction.atomic(durable=True):
        posting = ledger.post(shop.header(), [shop.line(0, -4)])
    assert posting.movements[0].balance == 6
    header = InventoryTransaction.objects.get(pk=posting.transaction_id)
    assert [m.balance for m in header.movements()] == [6]
    past = InventoryTransaction.objects.get(operation_key="past-1")
    assert [m.balance for m in past.movements()] == [10]
    assert ledger.verify().differences == 0


def test_a_posting_before_the_load_keeps_its_movements(shop):
    with transaction.atomic(durable=True):
        first = ledger.post(shop.header(), [shop.line(5, 1)])
    load([document(shop, 1)], [line(shop, 0, 0, 10)])
    assert ledger.verify().differences == 0
    assert InventoryTransaction.objects.get(pk=first.transaction_id).movements().count() == 1


def test_stock_that_is_here_is_not_written_over(shop):
    with transaction.atomic(durable=True):
        ledger.post(shop.header(), [shop.line(0, 1)])
    with pytest.raises(ledger.HistoryRefused, match="1 stock rows"):
        load([document(shop, 1)], [line(shop, 0, 0, 10), line(shop, 0, 1, 1)])
    assert InventoryTransaction.objects.count() == 1


def test_the_same_history_twice_is_refused_whole(shop):
    load([document(shop, 1)], [line(shop, 0, 0, 10)])
    with pytest.raises(ledger.HistoryRefused):
        load([document(shop, 1)], [line(shop, 0, 0, 10)])
    with pytest.raises(IntegrityError):
        load([document(shop, 1)], [line(shop, 0, 1, 10)])
    assert StockOnHand.objects.get().quantity == 10


def test_a_document_without_lines_and_a_line_of_zero(shop):
    report = load([document(shop, 1), document(shop, 2, hours=1)], [line(shop, 1, 0, 0)])
    assert (report.documents, report.movements) == (2, 1)
    assert ledger.verify().differences == 0


def test_an_unknown_product_loads_nothing(shop):
    with pytest.raises(IntegrityError):
        load([document(shop, 1)], [ledger.HistoryLine(0, 999_999, shop.shelf["main"], 1)])
    assert not InventoryTransaction.objects.exists()


def test_dips_below_zero_are_kept(shop):
    load(
        [document(shop, 1), document(shop, 2, hours=1)],
        [line(shop, 0, 0, -80_995), line(shop, 1, 0, 80_995)],
    )
    assert list(StockMovement.objects.order_by("pk").values_list("balance", flat=True)) == [
        -80_995,
        0,
    ]


def test_progress_is_told_and_an_empty_history_is_fine(shop):
    told = []
    load([], [], progress=lambda stage, rows: told.append(stage))
    assert told[0] == "documents"
    assert "movements" in told
