from collections.abc import Callable

import pytest
from django.db import transaction

from omnichannel.accounts.models import User
from omnichannel.jobs import actions, runners
from omnichannel.jobs.models import Job
from tests.people import person


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to workers; there is no broker here."""
    sent: list[str] = []
    monkeypatch.setattr(
        actions.current_app, "send_task", lambda name, **options: sent.append(name), raising=False
    )
    return sent


@pytest.fixture
def owner(transactional_db: None) -> User:
    return person("owner")


@pytest.fixture
def begin(owner: User, nudges: list[str]) -> Callable[..., Job]:
    """begin(key, task) → a committed job of `owner`."""

    def start(key: str = "k", task: str = "test.work", **params: object) -> Job:
        with transaction.atomic():
            return actions.start(task, params=params, owner=owner, key=key, label=f"Job {key}")

    return start


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Callable:
    """runner(function) registers it as the runner of "test.work" for this test."""

    def register(function: runners.Runner) -> None:
        monkeypatch.setitem(runners.RUNNERS, "test.work", function)

    return register
