from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from inventory import actions, ledger, tasks
from inventory.models import LedgerVerification, StockOnHand


def test_the_command_says_that_the_books_agree(shop):
    with transaction.atomic(durable=True):
        ledger.post(shop.header(), [shop.line(0, 5)])
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "1 movements, 1 stock rows, 0 differences" in out.getvalue()


def test_the_command_fails_and_repairs_nothing(shop):
    with transaction.atomic(durable=True):
        ledger.post(shop.header(), [shop.line(0, 5)])
    StockOnHand.objects.update(quantity=4)
    out = StringIO()
    with pytest.raises(CommandError, match="do not agree"):
        call_command("verify_ledger", stdout=out)
    assert "expected 5, found 4" in out.getvalue()
    assert StockOnHand.objects.get().quantity == 4
    assert LedgerVerification.objects.get().differences == 1


def test_a_stock_row_without_movements_is_a_difference(shop):
    StockOnHand.objects.create(
        location_id=shop.stores[0],
        product_id=shop.products[0],
        stock_location_id=shop.shelf["main"],
        quantity=3,
    )
    assert ledger.verify().differences == 1


def test_a_row_opened_for_other_facts_is_the_sum_of_no_movements(shop):
    keys = "SELECT %(location)s::int, %(product)s::int"
    asked = {"location": shop.stores[0], "product": shop.products[0]}
    with transaction.atomic(durable=True):
        assert ledger.open_rows(keys, asked) == 1
        assert ledger.open_rows(keys, asked) == 0
    assert StockOnHand.objects.get().quantity == 0
    assert ledger.verify().differences == 0


def test_the_task_keeps_its_result(shop):
    tasks.verify_ledger()
    assert LedgerVerification.objects.get().differences == 0


def test_two_verifications_do_not_run_at_once(shop):
    rival = connection.copy()
    try:
        with rival.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [actions.VERIFICATION_LOCK])
            assert actions.verify_ledger() is None
            # Unlocked by hand: a backend that loses its client lets go only when it notices.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [actions.VERIFICATION_LOCK])
            assert actions.verify_ledger() is not None
    finally:
        rival.close()
