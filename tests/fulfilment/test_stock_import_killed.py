"""A worker that is killed in an import of stock, and imports at once: each row is posted once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from fulfilment.imports.writing import StockRows
from inventory import ledger
from inventory.models import StockMovement
from omnichannel.accounts.models import User
from omnichannel.imports import actions, staging
from omnichannel.imports.models import Import, ImportChunk
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.runners import work
from omnichannel.locations.models import FulfillmentLocation
from tests.dying import killed, lease_ran_out
from tests.imports.files import prepared, zipped

from .stock_files import ERP, on_hand, row, shop, stock_file

# In the middle of the third chunk, after the posting and before the commit.
THERE = {"place": "fulfilment.imports.writing:StockRows.write", "calls": 3, "chunk": 2}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


@pytest.fixture
def owner(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(staging, "CHUNK", 2)
    return shop()


def queued(owner: User, quantity: int) -> Import:
    rows = [row(f"P-{n}", quantity + n) for n in range(7)]
    file = zipped(availabilities=stock_file(*rows))
    import_ = prepared(file, "availabilities", owner=owner)
    with transaction.atomic():
        return actions.queue(import_.pk, owner, "api")


def test_a_worker_killed_while_it_posts_is_followed_by_one_that_posts_the_rest(owner):
    import_ = queued(owner, 10)
    killed(**THERE)
    import_.refresh_from_db()
    assert (import_.state, import_.chunks.count(), StockMovement.objects.count()) == (
        "PROCESSING",
        2,
        4,
    )
    lease_ran_out()
    work()
    import_.refresh_from_db()
    assert (import_.state, import_.created, import_.updated) == ("FINISHED", 7, 0)
    assert on_hand() == {f"P-{n}": 10 + n for n in range(7)}
    assert StockMovement.objects.count() == 7
    assert ledger.verify().differences == 0


def test_control_without_the_rows_of_its_chunks_what_was_posted_is_told_as_old(owner):
    import_ = queued(owner, 10)
    killed(**THERE)
    ImportChunk.objects.all().delete()
    lease_ran_out()
    work()
    import_.refresh_from_db()
    assert import_.created == 3


def test_two_imports_of_the_same_rows_at_once_leave_the_numbers_of_one(owner):
    imports = [queued(owner, 10), queued(owner, 20)]

    def do() -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(do) for _n in range(2)]:
            each.result()
    for import_ in imports:
        import_.refresh_from_db()
        assert import_.state == "FINISHED", import_.reason
    found = on_hand()
    assert all(found[f"P-{n}"] in (10 + n, 20 + n) for n in range(7))
    assert StockMovement.objects.count() == 14
    assert ledger.verify().differences == 0


def test_a_store_that_is_taken_over_while_its_file_is_read_is_left_alone(owner, monkeypatch):
    read = StockRows.stage

    def taken_over_then(rows, items, progress):
        staged = read(rows, items, progress)
        FulfillmentLocation.objects.filter(code=ERP).update(is_inventory_master=True)
        return staged

    monkeypatch.setattr(StockRows, "stage", taken_over_then)
    import_ = queued(owner, 10)
    work()
    import_.refresh_from_db()
    assert import_.state == "FAILED"
    assert "ERP-1 was taken over" in import_.reason
    assert on_hand() == {}
