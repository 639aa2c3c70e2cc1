"""One drain per worker sends everything that is due, to all integrations at once (DESIGN §5).

The event loop, in a thread of its own, sends; one thread beside it claims and settles in short
transactions, so that no transaction is open while a receiver is waited for. A second one settles
what failed, which takes longer, so that nobody who is well waits for it.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections

from . import clock, integrations, loops
from .claiming import claim, is_any_due
from .egress import Egress
from .lanes import Lane
from .nudging import nudge
from .parcels import Outcome, Parcel
from .receivers import Receiver, receivers
from .settling import settle

logger = logging.getLogger(__name__)
# Calls in a thread with the database.
Ask = Callable[..., asyncio.Future[Any]]

# "DRAI", with the worker's name beside it.
LOCK = 0x44524149
# Within the limits of a Celery task: after this nothing new is begun, and another one takes over
# while the last answers are waited for.
SECONDS = 25.0
# A drain stays for the next event this long; nudges rely on it.
LINGER = 1.0
# The pace of looking: while something is written down, and while nothing is.
BATCH_SECONDS, IDLE_SECONDS = 0.025, 0.1


class Drain:
    """All lanes of one worker, for at most `seconds`."""

    def __init__(self, ask: Ask, ask_aside: Ask, seconds: float = SECONDS) -> None:
        self.ask, self.ask_aside = ask, ask_aside
        self.ends = time.monotonic() + seconds
        self.width = settings.EVENT_STREAM["CONCURRENCY"]
        self.lanes: dict[int, Lane] = {}
        self.outcomes: list[Outcome] = []
        self.tasks: set[asyncio.Task] = set()
        # What failed: waiting, being settled, and whose it is.
        self.ill: list[Outcome] = []
        self.aside: asyncio.Future | None = None
        self.unwell: set[int] = set()
        self.sent = 0

    async def run(self) -> int:
        """Until nothing is due or the time is over; how many requests were made."""
        self.wake = asyncio.Event()
        async with Egress() as self.egress:
            quiet_since, has_lock = time.monotonic(), True
            while True:
                is_over = time.monotonic() >= self.ends
                if is_over:
                    for lane in self.lanes.values():
                        self.give_back(lane)
                outcomes = await self.told_apart()
                rooms = None if is_over else self.rooms()
                parcels, found = await self.ask(step, outcomes, rooms, self.width)
                self.begin(parcels, found)
                now = time.monotonic()
                if parcels or outcomes or self.tasks or self.outcomes or self.aside:
                    quiet_since = now
                elif is_over or not self.sent or now - quiet_since > LINGER:
                    return self.sent
                if is_over and has_lock:
                    # Whoever hangs keeps nobody else waiting.
                    has_lock = await self.ask(hand_over)
                await self.pause()

    def rooms(self) -> dict[int, int]:
        """Of a stream whose failure is not written down yet nothing is claimed."""
        return {pk: 0 if pk in self.unwell else lane.room for pk, lane in self.lanes.items()}

    async def told_apart(self) -> list[Outcome]:
        """What the next step settles; the outcomes of a stream that failed are settled aside.

        Raises:
            Exception: what went wrong aside.
        """
        if self.aside and self.aside.done():
            await self.aside
            self.aside, self.unwell = None, streams(self.ill)
        self.unwell |= streams(one for one in self.outcomes if not is_taken(one))
        told, self.outcomes = self.outcomes, []
        self.ill += [one for one in told if one.parcel.integration_id in self.unwell]
        if self.ill and not self.aside:
            self.aside = self.ask_aside(settle, self.ill)
            self.aside.add_done_callback(lambda _done: self.wake.set())
            self.ill = []
        return [one for one in told if one.parcel.integration_id not in self.unwell]

    async def pause(self) -> None:
        """Until a lane runs dry, or results have gathered, or it is time to look again."""
        self.wake.clear()
        seconds = BATCH_SECONDS if self.outcomes else IDLE_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            return

    def begin(self, parcels: list[Parcel], found: Mapping[int, Receiver]) -> None:
        for pk, group in groupby(parcels, key=attrgetter("integration_id")):
            lane = self.lanes.setdefault(pk, Lane(self.width))
            lane.fill(list(group))
            for _worker in range(min(self.width - lane.workers, len(lane.waiting))):
                lane.workers += 1
                task = asyncio.create_task(self.work(lane, found[pk]))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    def give_back(self, lane: Lane) -> None:
        self.outcomes += [Outcome(unsent, None) for unsent in lane.empty()]

    async def work(self, lane: Lane, receiver: Receiver) -> None:
        """Send what waits in the lane, one after the other, until it is empty."""
        try:
            while lane.waiting:
                parcel = lane.waiting.popleft()
                if time.monotonic() > parcel.until:
                    self.outcomes.append(Outcome(parcel, None))
                    continue
                outcome = await receiver.send(self.egress, parcel)
                self.sent += 1
                self.outcomes.append(outcome)
                if not is_taken(outcome):
                    self.give_back(lane)
                elif len(lane.waiting) == lane.window // 4:
                    self.wake.set()
        finally:
            lane.workers -= 1
            if not lane.workers:
                self.wake.set()


def is_taken(outcome: Outcome) -> bool:
    return outcome.code is not None and 200 <= outcome.code < 300


def streams(outcomes: Iterable[Outcome]) -> set[int]:
    return {outcome.parcel.integration_id for outcome in outcomes}


def step(
    outcomes: list[Outcome], rooms: Mapping[int, int] | None, usual: int
) -> tuple[list[Parcel], Mapping[int, Receiver]]:
    """What the thread with the database does in one go; `rooms` None: claim nothing more."""
    settle(outcomes)
    parcels = [] if rooms is None else claim(rooms, usual)
    return parcels, receivers({parcel.integration_id for parcel in parcels})


def drain(node: str = "", seconds: float = SECONDS) -> int:
    """Send what is due, unless this worker's drain is at it already; how many requests were made."""
    with (
        ThreadPoolExecutor(1, thread_name_prefix="drain") as thread,
        ThreadPoolExecutor(1, thread_name_prefix="aside") as aside,
    ):
        try:
            return thread.submit(take_lock, node or socket.gethostname()).result() and run(
                thread, aside, seconds
            )
        finally:
            aside.submit(connections.close_all).result()
            thread.submit(hang_up).result()


def run(thread: ThreadPoolExecutor, aside: ThreadPoolExecutor, seconds: float) -> int:
    if not thread.submit(prepare).result():
        return 0

    async def main() -> int:
        asking = asyncio.get_running_loop().run_in_executor
        sent = await Drain(partial(asking, thread), partial(asking, aside), seconds).run()
        await asking(thread, prepare)
        return sent

    return loops.run(main())


def prepare() -> bool:
    integrations.finish_temporaries(clock.now())
    return is_any_due()


def take_lock(node: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, node])
        return cursor.fetchone()[0]


def hand_over() -> bool:
    """Let another process of this worker go on, if it has one; whether the lock is ours still."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")
    nudge()
    return False


def hang_up() -> None:
    """In the thread itself, for each has a connection of its own; with it the lock is let go."""
    try:
        # The server notices a closed connection later than the next drain wants the lock.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    except DatabaseError:
        logger.warning("eventstream: the connection broke; the server lets its lock go")
    finally:
        connection.close()
