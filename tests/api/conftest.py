from types import SimpleNamespace

import pytest
from django.core.cache import cache

from omnichannel.accounts.models import User
from omnichannel.api import throttling
from tests.kit.conftest import World
from tests.people import ALL, person

from .calling import Call, caller, reference_world


@pytest.fixture(autouse=True)
def nobody_asked_yet() -> None:
    """What limits count is forgotten."""
    cache.clear()


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every limit is three in a minute that does not end."""
    monkeypatch.setattr(throttling.Limit, "number", 3)
    monkeypatch.setattr(throttling, "time", SimpleNamespace(time=lambda: 1_800_000_001.0))


@pytest.fixture
def world(db: None) -> World:
    return reference_world()


@pytest.fixture
def everybody(world: World) -> User:
    """May everything, everywhere."""
    return person("erp", is_superuser=True, stock_scope=ALL, document_scope=ALL, first_name="E")


@pytest.fixture
def call(everybody: User) -> Call:
    return caller(everybody)
