from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from omnichannel.accounts.models import User
from omnichannel.exports import tasks  # noqa: F401  (a worker reads the tasks of every room)
from omnichannel.exports.models import Export
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.runners import work
from tests.kit.conftest import World
from tests.people import person, signed_in

NEW = reverse("exports:new")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


@pytest.fixture
def world(transactional_db: None) -> World:
    """Stock of three products in Berlin and of one in Tokyo."""
    made = World()
    names = ["Éclair", "=1+1", "日本\nbox"]
    products = [made.product(f"P-{n}", name) for n, name in enumerate(names)]
    made.post(*((p, n + 1) for n, p in enumerate(products)), type="STOCK_IMPORT")
    made.post((products[0], 7), where=made.tokyo, type="STOCK_IMPORT")
    return made


@pytest.fixture
def manager(world: World) -> User:
    scopes = {"stock_scope": "OWN_STORES", "document_scope": "OWN_STORES"}
    return person("manager", "Store Manager", stores=(world.berlin,), **scopes)


@pytest.fixture
def mine(manager: User) -> Client:
    return signed_in(manager)


@pytest.fixture
def ask() -> Callable[..., Export]:
    """ask(client, address, …) → the export that the form began; None where it was refused."""

    def begin(client: Client, address: str, *, status: int = 302, **words: object) -> Export | None:
        told = {"list": address, "key": uuid4(), "format": "csv", "columns": "shown", **words}
        answer = client.post(NEW, told)
        assert answer.status_code == status, answer.content[:500]
        return Export.objects.filter(uuid=told["key"]).first()

    return begin


@pytest.fixture
def done() -> Callable[[Export], Export]:
    """done(export) → as the workers leave it."""

    def run(export: Export) -> Export:
        work()
        with transaction.atomic():
            return Export.objects.with_state().get(pk=export.pk)

    return run
