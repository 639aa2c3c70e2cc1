"""A worker that is killed, two that start at once, and one that is late: each row comes in once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from omnichannel.catalog.models import Product
from omnichannel.imports import actions, staging
from omnichannel.imports.models import Import, ImportChunk
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job
from omnichannel.jobs.runners import work
from tests.dying import killed, lease_ran_out

from .files import prepared, product, products, zipped

# In the middle of the third chunk.
THERE = {"place": "omnichannel.imports.applying:Rows.write", "calls": 3, "chunk": 2}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


def queued(file: bytes, **fields: object) -> Import:
    import_ = prepared(file, **fields)
    with transaction.atomic():
        return actions.queue(import_.pk, None, "api")


def test_a_worker_killed_in_a_chunk_is_followed_by_one_that_writes_the_rest(
    transactional_db, monkeypatch
):
    monkeypatch.setattr(staging, "CHUNK", 2)
    import_ = queued(zipped(products=products(*(product(f"P-{n}") for n in range(7)))))
    killed(**THERE)
    import_.refresh_from_db()
    assert (import_.state, import_.chunks.count(), Product.objects.count()) == ("PROCESSING", 2, 4)
    before = dict(Product.objects.values_list("product_id", "pk"))
    lease_ran_out()
    work()
    import_.refresh_from_db()
    assert (import_.state, import_.created, import_.updated) == ("FINISHED", 7, 0)
    assert list(import_.chunks.order_by("number").values_list("size", flat=True)) == [2, 2, 2, 1]
    after = dict(Product.objects.values_list("product_id", "pk"))
    assert len(after) == 7
    assert before.items() <= after.items()
    assert (Job.objects.get().state, Job.objects.get().attempts) == ("DONE", 2)


def test_control_without_the_rows_of_its_chunks_what_was_written_is_forgotten(
    transactional_db, monkeypatch
):
    monkeypatch.setattr(staging, "CHUNK", 2)
    import_ = queued(zipped(products=products(*(product(f"P-{n}") for n in range(7)))))
    killed(**THERE)
    ImportChunk.objects.all().delete()
    lease_ran_out()
    work()
    import_.refresh_from_db()
    assert (import_.created, Product.objects.count()) == (3, 7)


def test_of_eight_starts_at_once_one_wins(transactional_db):
    import_ = actions_received()
    gate = threading.Barrier(8)

    def start() -> str:
        gate.wait()
        try:
            with transaction.atomic():
                actions.start(
                    pk=import_.pk, transformed_uri="https://files.example.org/p.zip", by=None
                )
            return "won"
        except actions.WrongState:
            return "lost"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        said = sorted(found.result() for found in [threads.submit(start) for _n in range(8)])
    assert said == ["lost"] * 7 + ["won"]
    assert Job.objects.count() == 1


def actions_received() -> Import:
    with transaction.atomic():
        return actions.receive(entities=["products"], owner=None)


def test_of_many_that_announce_at_once_no_more_than_may_be_are_open(transactional_db):
    gate = threading.Barrier(16)

    def announce() -> bool:
        gate.wait()
        try:
            actions_received()
            return True
        except actions.TooManyOpen:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        said = [found.result() for found in [threads.submit(announce) for _n in range(16)]]
    assert (said.count(True), Import.objects.count()) == (10, 10)


def test_two_imports_of_the_same_products_at_once_end_and_write_each_once(
    transactional_db, monkeypatch
):
    """Orders are opposite: without a turn they would lock each other out."""
    monkeypatch.setattr(staging, "CHUNK", 50)
    names = [f"P-{n:03}" for n in range(200)]
    files = [names, names[::-1]]
    imports = [queued(zipped(products=products(*map(product, each)))) for each in files]

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
    assert sum(import_.created for import_ in imports) == 200
    assert Product.objects.count() == 200
