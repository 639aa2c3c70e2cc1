"""One drain per worker sends everything that is due, to all integrations at once (DESIGN §5).

The event loop, in a thread of its own, sends; one thread beside it claims and settles in short transactions, so that no
transaction is open while a receiver is waited for.
"""

import asyncio
import logging
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection

from . import clock, integrations, loops
from .claiming import claim, is_any_due
from .egress import Egress
from .parcels import Outcome, Parcel
from .receivers import Receiver, receivers
from .settling import settle

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

# "DRAI", with the worker's name beside it.
LOCK = 0x44524149
# Within the limits of a Celery task: after this nothing new is begun.
SECONDS = 25.0
# A drain stays for the next event this long; nudges rely on it.
LINGER = 1.0
# The pace of looking: while something is written down, and while nothing is.
BATCH_SECONDS, IDLE_SECONDS = 0.025, 0.1
# As many as a fast receiver takes in a moment; a slow or failing one is claimed for sparingly.
WIDEST = 512
SLOW_SECONDS = 1.0


class Lane:
    """The parcels of one integration on their way; a slow receiver fills its lane and no other."""

    def __init__(self, width: int) -> None:
        self.width = self.window = width
        self.waiting: deque[Parcel] = deque()
        self.workers = 0
        self.filled_at = 0.0

    @property
    def room(self) -> int:
        if len(self.waiting) > self.window // 4:
            return 0
        return max(0, self.window - self.workers - len(self.waiting))

    def fill(self, parcels: Sequence[Parcel]) -> None:
        """Claims grow with the pace at which they are sent: no lease is held for nothing."""
        now = time.monotonic()
        if now - self.filled_at > SLOW_SECONDS:
            self.window = self.width
        elif len(parcels) >= self.window // 2:
            self.window = min(self.window * 2, WIDEST)
        self.filled_at = now
        self.waiting.extend(parcels)

    def empty(self) -> list[Parcel]:
        """What has not begun, to be given back: after a failure the head goes first."""
        given_back = list(self.waiting)
        self.waiting.clear()
        self.window = self.width
        return given_back


class Drain:
    """All lanes of one worker, for at most `seconds`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.ends = time.monotonic() + seconds
        self.width = settings.EVENT_STREAM["CONCURRENCY"]
        self.lanes: dict[int, Lane] = {}
        self.outcomes: list[Outcome] = []
        self.tasks: set[asyncio.Task] = set()
        self.sent = 0

    async def run(self, ask: Callable[..., Any]) -> int:
        """Until nothing is due or the time is over; how many requests were made."""
        self.wake = asyncio.Event()
        async with Egress() as self.egress:
            quiet_since = time.monotonic()
            while True:
                outcomes, self.outcomes = self.outcomes, []
                is_over = time.monotonic() >= self.ends
                rooms = None if is_over else {pk: lane.room for pk, lane in self.lanes.items()}
                if is_over:
                    for lane in self.lanes.values():
                        self.give_back(lane)
                parcels, found = await ask(step, outcomes, rooms, self.width)
                self.begin(parcels, found)
                now = time.monotonic()
                if parcels or outcomes or self.tasks or self.outcomes:
                    quiet_since = now
                elif is_over or not self.sent or now - quiet_since > LINGER:
                    return self.sent
                await self.pause()

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
                if outcome.code is None or not 200 <= outcome.code < 300:
                    self.give_back(lane)
                elif len(lane.waiting) == lane.window // 4:
                    self.wake.set()
        finally:
            lane.workers -= 1
            if not lane.workers:
                self.wake.set()


def step(
    outcomes: list[Outcome], rooms: Mapping[int, int] | None, usual: int
) -> tuple[list[Parcel], Mapping[int, Receiver]]:
    """What the thread with the database does in one go; `rooms` None: claim nothing more."""
    settle(outcomes)
    parcels = [] if rooms is None else claim(rooms, usual)
    return parcels, receivers({parcel.integration_id for parcel in parcels})


def drain(node: str = "", seconds: float = SECONDS) -> int:
    """Send what is due, unless this worker's drain is at it already; how many requests were made."""
    with ThreadPoolExecutor(1, thread_name_prefix="drain") as thread:
        try:
            return thread.submit(take_lock, node or socket.gethostname()).result() and run(
                thread, seconds
            )
        finally:
            thread.submit(hang_up).result()


def run(thread: ThreadPoolExecutor, seconds: float) -> int:
    if not thread.submit(prepare).result():
        return 0

    async def main() -> int:
        loop = asyncio.get_running_loop()

        def ask(act: Callable[..., Result], *values: Any) -> asyncio.Future[Result]:
            return loop.run_in_executor(thread, act, *values)

        sent = await Drain(seconds).run(ask)
        await ask(prepare)
        return sent

    return loops.run(main())


def prepare() -> bool:
    integrations.finish_temporaries(clock.now())
    return is_any_due()


def take_lock(node: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, node])
        return cursor.fetchone()[0]


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
