"""Where a loop runs already: under a browser test's driver, or a worker that is a loop itself."""

import asyncio
import threading

import pytest
from django.db import transaction
from django.utils.translation import get_language, override

from omnichannel.eventstream import egress, integrations, loops
from omnichannel.eventstream.drain import drain

from .receiver import Server
from .test_drain import tell, told


@pytest.fixture
def sink(settings):
    with Server() as server:
        settings.EVENT_STREAM = {**settings.EVENT_STREAM, "ALLOW": [server.place]}
        yield server


@pytest.fixture
def beside():
    """This thread's loop runs, as it does while a browser is driven from it; a test may call on."""
    loop = asyncio.new_event_loop()
    asyncio._set_running_loop(loop)
    yield loop
    asyncio._set_running_loop(None)
    loop.close()


async def nothing() -> None:
    return None


def test_control_asyncio_itself_refuses_here(beside):
    main = nothing()
    with pytest.raises(RuntimeError, match="running event loop"):
        asyncio.run(main)
    main.close()


def test_a_call_goes_out_while_a_loop_runs_in_this_thread(sink, beside):
    assert egress.call(sink.url(), b"{}", {}).code == 200


@pytest.mark.django_db(transaction=True)
def test_the_drain_delivers_while_a_loop_runs_in_its_thread(sink):
    with transaction.atomic():
        integrations.register("erp", callback_url=sink.url())
    tell(*range(5))
    loop = asyncio.new_event_loop()
    # Django refuses the database to a thread whose loop runs; the drain's own threads have none.
    asyncio._set_running_loop(loop)
    try:
        assert drain() == 5
    finally:
        asyncio._set_running_loop(None)
        loop.close()
    assert sorted(told(sink)) == list("01234")


def test_what_is_raised_comes_back_and_the_language_goes_along():
    async def fails() -> None:
        raise ZeroDivisionError(get_language())

    with override("de"), pytest.raises(ZeroDivisionError, match="de"):
        loops.run(fails())


def test_no_thread_stays_behind():
    loops.run(nothing())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("loop")]
