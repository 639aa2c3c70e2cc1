"""How a runner tells how far it is, and learns that it must end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .lease import HOLD, LEASE_SECONDS, RENEW, Cancelled, Lease, LeaseLost

# How often a runner that tells progress all the time is written down.
SECONDS_BETWEEN = 1.0


class Progress(Protocol):
    """What a runner gets beside its job."""

    def tell(self, done: int, total: int | None = None) -> None:
        """`done` of `total` units; call it every second or so.

        Raises:
            Cancelled: the owner asked for the end.
            LeaseLost: somebody else has the job; undo what is open and leave.
        """

    def transaction(self) -> Any:
        """A durable transaction that commits only while the job is ours.

        Raises as `tell`.
        """


class Silent:
    """Progress of a work that is no job: of a command, of a test."""

    def tell(self, done: int, total: int | None = None) -> None:
        return None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with transaction.atomic():
            yield


class Telling:
    """Progress of a claimed job, written into its row."""

    def __init__(self, held: Lease, *, seconds: float = LEASE_SECONDS) -> None:
        self.held, self.seconds = held, seconds
        self.done = 0
        self.total: int | None = None
        self.next_at = 0.0
        self.beside: BaseDatabaseWrapper | None = None

    def tell(self, done: int, total: int | None = None) -> None:
        self.done, self.total = done, self.total if total is None else total
        if time.monotonic() < self.next_at:
            return
        self.next_at = time.monotonic() + SECONDS_BETWEEN
        self.ask(self.connection(), RENEW)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with transaction.atomic(durable=True):
            # Held until the commit: a claim passes over the row, a renewal does not mind.
            self.ask(connection, HOLD)
            yield

    def connection(self) -> BaseDatabaseWrapper:
        """Another one while ours is in a transaction, which nobody else would see before its end."""
        if not connection.in_atomic_block:
            return connection  # type: ignore[return-value]
        if self.beside is None:
            self.beside = connection.copy()
        return self.beside

    def ask(self, through: Any, sql: str) -> None:
        with through.cursor() as cursor:
            values = {**self.held._asdict(), "done": self.done, "total": self.total}
            cursor.execute(sql, {**values, "seconds": self.seconds})
            found = cursor.fetchone()
        if found is None:
            raise LeaseLost
        if found[0]:
            raise Cancelled

    def write(self) -> None:
        """What was told last, now: the end of a job shows its last number."""
        self.next_at = 0.0
        self.tell(self.done, self.total)

    def close(self) -> None:
        if self.beside is not None:
            self.beside.close()
            self.beside = None
