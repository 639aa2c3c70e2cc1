"""One who hangs or fails keeps nobody else waiting (RELIABILITY rule 17)."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from omnichannel.eventstream import drain as draining
from omnichannel.eventstream.drain import drain
from omnichannel.eventstream.models import Attempt, Integration

from .receiver import OK, Server, answer
from .test_drain import register, tell, told

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 180


@pytest.fixture
def well(settings):
    with Server() as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": ["127.0.0.0/8"]}
        register("well", server.url())
        yield server


def eventually(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_while_the_last_answers_are_waited_for_another_drain_of_the_worker_goes_on(
    well, monkeypatch
):
    over, handed_over = threading.Event(), threading.Event()
    hand_over = draining.hand_over

    def watched():
        try:
            return hand_over()
        finally:
            handed_over.set()

    async def hang(_call, writer):
        while not over.is_set():
            await asyncio.sleep(0.01)
        writer.write(OK)
        await writer.drain()

    monkeypatch.setattr(draining, "hand_over", watched)
    with Server({"/": [hang]}) as ill:
        hanging = register("ill", ill.url())
        tell(1)
        first = threading.Thread(target=drain, args=("here", 2))
        first.start()
        try:
            assert handed_over.wait(PATIENCE)
            Integration.objects.filter(pk=hanging.pk).update(status="STOPPED")
            tell(2)
            assert drain("here") == 1
            assert told(well) == ["1", "2"]
            assert first.is_alive()
        finally:
            over.set()
            first.join()
    assert told(ill) == ["1"]
    assert not Attempt.objects.exclude(status="SUCCESS").exists()


def test_nobody_waits_while_failures_are_written_down(well, monkeypatch):
    over, writing = threading.Event(), threading.Event()
    settle = draining.settle

    def slow(outcomes):
        if any(outcome.code == 500 for outcome in outcomes):
            writing.set()
            assert over.wait(PATIENCE)
        settle(outcomes)

    monkeypatch.setattr(draining, "settle", slow)
    with Server({"/": [answer(500)]}) as ill:
        register("ill", ill.url())
        tell(1)
        running = threading.Thread(target=drain)
        running.start()
        try:
            assert writing.wait(PATIENCE)
            tell(2)
            eventually(lambda: told(well) == ["1", "2"])
            # Before its failure is known nothing more goes to whom it failed with.
            assert told(ill) == ["1"]
        finally:
            over.set()
            running.join()
    assert set(Attempt.objects.values_list("integration__name", "status")) == {
        ("well", "SUCCESS"),
        ("ill", "FAILURE"),
    }


def test_what_goes_wrong_while_a_failure_is_written_down_ends_the_drain(well, monkeypatch):
    def broken(outcomes):
        if outcomes and any(outcome.code == 500 for outcome in outcomes):
            raise ZeroDivisionError

    monkeypatch.setattr(draining, "settle", broken)
    with Server({"/": [answer(500)]}) as ill:
        register("ill", ill.url())
        tell(1)
        with pytest.raises(ZeroDivisionError):
            drain()
