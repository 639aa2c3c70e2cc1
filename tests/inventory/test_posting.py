"""The ledger's first entrance: what it moves, what it refuses, and that it does both once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from inventory import ledger
from inventory.models import (
    MAX_QUANTITY,
    InventoryTransaction,
    InventoryTransactionLine,
    StockMovement,
    StockOnHand,
)


def post(shop, *lines, header=None, **options):
    with transaction.atomic(durable=True):
        return ledger.post(header or shop.header(), lines, **options)


def on_hand(shop, product, store=0, shelf="main"):
    return StockOnHand.objects.values_list("quantity", flat=True).get(
        location=shop.stores[store],
        product=shop.products[product],
        stock_location=shop.shelf[shelf],
    )


def test_a_posting_writes_header_lines_movements_and_balance(shop):
    posting = post(shop, shop.line(0, 5), shop.line(1, -3))
    header = InventoryTransaction.objects.get(pk=posting.transaction_id)
    assert header.status == "COMPLETED"
    assert header.uuid == posting.uuid
    assert [m.balance for m in header.movements()] == [5, -3]
    assert InventoryTransactionLine.objects.filter(transaction=header).count() == 2
    assert ledger.verify().differences == 0


def test_duplicate_products_in_one_document_are_one_movement(shop):
    posting = post(shop, shop.line(0, 5), shop.line(0, -2), shop.line(0, 4))
    assert [(m.quantity, m.balance) for m in posting.movements] == [(7, 7)]
    assert InventoryTransactionLine.objects.count() == 3


def test_a_move_between_stock_locations_nets_to_zero(shop):
    post(shop, shop.line(0, 5))
    post(shop, shop.move(0, 2, "main", "damaged"))
    assert (on_hand(shop, 0), on_hand(shop, 0, shelf="damaged")) == (3, 2)


def test_goods_on_the_way_stay_in_the_origins_in_transit(shop):
    post(shop, shop.line(0, 5))
    post(shop, shop.move(0, 2, "main", "_in_transit"))
    post(
        shop,
        shop.move(0, 2, "_in_transit", "main"),
        header=shop.header(
            "RECEIVING", 1, from_location_id=shop.stores[0], to_location_id=shop.stores[1]
        ),
    )
    assert on_hand(shop, 0, shelf="_in_transit") == 0
    assert on_hand(shop, 0, store=1) == 2
    assert ledger.verify().differences == 0


def test_counted_and_right_is_a_movement_of_zero(shop):
    posting = post(shop, shop.line(0, 0))
    assert [(m.quantity, m.balance) for m in posting.movements] == [(0, 0)]


def test_an_erp_mastered_location_records_and_moves_nothing(shop):
    posting = post(shop, shop.line(0, 5), header=shop.header(location_id=shop.dc))
    assert posting.movements == []
    assert InventoryTransactionLine.objects.count() == 1
    assert not StockOnHand.objects.exists()


@pytest.mark.parametrize("type", ["SHIPMENT", "STOCK_IMPORT"])
def test_what_left_or_was_imported_moves_an_erp_mastered_location_too(shop, type):
    assert post(shop, shop.line(0, 5), header=shop.header(type, location_id=shop.dc)).movements


def test_the_same_key_again_brings_the_first_posting(shop):
    header = shop.header()
    first = post(shop, shop.line(0, 5), header=header)
    second = post(shop, shop.line(0, 5), header=header)
    assert second.is_replay
    assert (second.transaction_id, second.movements) == (first.transaction_id, first.movements)
    assert on_hand(shop, 0) == 5


@pytest.mark.parametrize("changed", ["quantity", "type", "store"])
def test_the_same_key_for_another_act_is_refused(shop, changed):
    header = shop.header()
    post(shop, shop.line(0, 5), header=header)
    other = shop.header(
        "RETURN" if changed == "type" else "ADJUSTMENT",
        1 if changed == "store" else 0,
        operation_key=header.operation_key,
    )
    with pytest.raises(ledger.OperationKeyReused):
        post(shop, shop.line(0, 6 if changed == "quantity" else 5), header=other)
    assert StockMovement.objects.count() == 1


def test_a_person_cannot_take_more_than_there_is(shop):
    post(shop, shop.line(0, 5), shop.line(1, 1))
    with pytest.raises(ledger.StockTooLow, match="P0: 5 on hand, 6 asked") as refused:
        post(shop, shop.line(1, -1), shop.line(0, -6), refuse_below_zero=True)
    assert refused.value.shortages == [(shop.products[0], 5, 6)]
    assert (on_hand(shop, 0), on_hand(shop, 1)) == (5, 1)


def test_two_lines_of_one_product_are_refused_by_their_sum(shop):
    post(shop, shop.line(0, 5))
    with pytest.raises(ledger.StockTooLow):
        post(shop, shop.line(0, -3), shop.line(0, -3), refuse_below_zero=True)


def test_a_product_never_held_cannot_be_taken(shop):
    with pytest.raises(ledger.StockTooLow):
        post(shop, shop.line(0, -1), refuse_below_zero=True)
    assert not StockOnHand.objects.exists()


def test_whoever_swallows_the_refusal_still_commits_nothing(shop):
    with transaction.atomic(durable=True), pytest.raises(ledger.StockTooLow):
        ledger.post(shop.header(), [shop.line(0, -1)], refuse_below_zero=True)
    assert not StockMovement.objects.exists()


def test_sales_may_go_below_zero(shop):
    post(shop, shop.line(0, -1), header=shop.header("SHIPMENT"))
    assert on_hand(shop, 0) == -1


def test_stock_that_is_already_negative_may_be_raised_by_a_person(shop):
    post(shop, shop.line(0, -5), header=shop.header("SHIPMENT"))
    post(shop, shop.line(0, 2), refuse_below_zero=True)
    assert on_hand(shop, 0) == -3


@pytest.mark.parametrize("quantity", [-1, MAX_QUANTITY + 1, 2**31, 2**63])
def test_a_quantity_out_of_range_is_refused_by_line(shop, quantity):
    line = ledger.Line(shop.products[0], quantity, None, shop.shelf["main"])
    with pytest.raises(ledger.PostingRefused, match="Line 2"):
        post(shop, shop.line(1, 1), line)


def test_a_sum_out_of_range_is_refused_in_words(shop):
    post(shop, shop.line(0, MAX_QUANTITY))
    with pytest.raises(ledger.PostingRefused, match="cannot hold more"):
        post(shop, shop.line(0, 1))
    with pytest.raises(ledger.PostingRefused, match="cannot hold more"):
        post(shop, *[shop.line(1, MAX_QUANTITY)] * 5)


def test_nothing_to_post_is_refused(shop):
    with pytest.raises(ledger.PostingRefused):
        post(shop)
    with pytest.raises(ledger.PostingRefused, match="moves nothing"):
        post(shop, ledger.Line(shop.products[0], 1, None, None))


def test_nothing_happens_in_the_future(shop):
    later = timezone.now() + timedelta(minutes=1)
    with pytest.raises(ledger.PostingRefused, match="future"):
        post(shop, shop.line(0, 1), header=shop.header(happened_at=later))


def test_late_news_is_posted_now_and_happened_then(shop):
    then = timezone.now() - timedelta(days=3)
    post(shop, shop.line(0, 1), header=shop.header(happened_at=then))
    movement = StockMovement.objects.get()
    assert movement.happened_at == then
    assert movement.posted_at > then + timedelta(days=2)


def test_a_posting_outside_a_transaction_is_a_mistake(shop):
    with pytest.raises(transaction.TransactionManagementError):
        ledger.post(shop.header(), [shop.line(0, 1)])


def test_an_unknown_product_leaves_nothing_behind(shop):
    with pytest.raises(IntegrityError):
        post(shop, shop.line(1, 1), ledger.Line(999_999, 1, None, shop.shelf["main"]))
    assert not InventoryTransaction.objects.exists()


def test_rows_are_posted_by_the_same_statement(shop):
    post(shop, shop.line(0, 5), shop.line(1, 7))
    select = (
        "SELECT product_id, quantity, stock_location_id, NULL::smallint"
        " FROM inventory_stockonhand WHERE location_id = %(store)s"
    )
    with transaction.atomic(durable=True):
        posting = ledger.post_rows(shop.header(), select, {"store": shop.stores[0]})
    assert [m.balance for m in posting.movements] == [0, 0]
    assert ledger.verify().differences == 0


EDITS = [
    "UPDATE inventory_stockmovement SET quantity = quantity + 1",
    "DELETE FROM inventory_stockmovement",
    "UPDATE inventory_inventorytransactionline SET quantity = 99",
    "UPDATE inventory_inventorytransaction SET note = 'edited'",
    "DELETE FROM inventory_inventorytransaction",
]


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_posted_cannot_be_edited(shop, edit):
    post(shop, shop.line(0, 5))
    with pytest.raises(ProgrammingError, match="Cannot update or delete"):
        run(edit)
    assert ledger.verify().differences == 0


def test_control_without_the_trigger_an_edit_passes_and_verify_finds_it(shop):
    post(shop, shop.line(0, 5))
    run("ALTER TABLE inventory_stockmovement DISABLE TRIGGER USER")
    try:
        run("UPDATE inventory_stockmovement SET quantity = 4")
    finally:
        run("ALTER TABLE inventory_stockmovement ENABLE TRIGGER USER")
    found = ledger.verify()
    assert found.differences == 3
    assert {e.rule for e in found.examples} == {
        "on hand is the sum of movements",
        "each balance continues the one before",
        "movements are what was typed",
    }
