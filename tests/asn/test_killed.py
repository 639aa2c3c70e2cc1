"""kill -9 at every statement of receive and force close, COMMIT included: all of it or nothing.

The act runs in a process of its own that ends itself by SIGKILL; then it is asked for again under
the same key, as whoever heard no answer would. The suite kills after every statement that writes;
FAULTS=1 kills before and after every statement of all.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection

from asn.models import Asn, Fate

COMMIT = 0
WHEN = ("before", "after")
ALL = os.environ.get("FAULTS") == "1"
READS = ("SELECT", "SAVEPOINT", "RELEASE", "SET")


class Kill:
    """Ends the process at the n-th statement; with `commits_each` nothing is undone by that."""

    def __init__(self, at: int, when: str, commits_each: bool) -> None:
        self.at, self.when, self.commits_each, self.seen = at, when, commits_each, 0
        self.writes: list[int] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.seen += 1
        if not str(sql).lstrip().upper().startswith(READS):
            self.writes.append(self.seen)
        self.die_if(self.seen == self.at and self.when == "before")
        found = execute(sql, params, many, context)
        if self.commits_each:
            connection.connection.commit()
        self.die_if(self.seen == self.at and self.when == "after")
        return found

    def commit(self, commit: Callable[[], None]) -> Callable[[], None]:
        """Django's wrappers do not see COMMIT."""

        def run() -> None:
            self.die_if(self.at == COMMIT and self.when == "before")
            commit()
            self.die_if(self.at == COMMIT and self.when == "after")

        return run

    def die_if(self, now: bool) -> None:
        if now:
            os.kill(os.getpid(), signal.SIGKILL)


def killed(act: Callable[[], object], kill: Kill) -> None:
    """Run the act in a child that does not survive it."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            connection.ensure_connection()
            connection._commit = kill.commit(connection._commit)
            with connection.execute_wrapper(kill):
                act()
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, status


def watched(act: Callable[[], object]) -> Kill:
    """What an act sends; what it did is undone."""
    kill = Kill(-1, "", commits_each=False)

    class Undone(DatabaseError):
        pass

    def fail() -> None:
        raise Undone

    honest, connection._commit = connection._commit, fail
    try:
        with connection.execute_wrapper(kill), pytest.raises(Undone):
            act()
    finally:
        connection._commit = honest
        connection.close()
    return kill


def receive(dock, asn: Asn) -> None:
    dock.receive(
        asn,
        dock.arrived(0, 4, damaged=1, reason_id=dock.broken.pk),
        (1, 6),
        (2, 1),
        key=f"receive-{asn.pk}",
    )


def close(dock, asn: Asn) -> None:
    dock.close(asn, Fate.LOST, key=f"close-{asn.pk}")


ACTS = {"receive": receive, "force close": close}


def state(dock, asn: Asn) -> tuple:
    """What the act changes, as far as this notice goes."""
    asn = Asn.objects.get(pk=asn.pk)
    return (
        asn.status,
        asn.received_total,
        asn.revision,
        asn.receipts.count(),
        asn.decisions.count(),
        [dock.held(n) for n in range(3)],
        dock.held(0, "_in_transit", dock.london),
        len(dock.told()),
    )


def points(dock, act: Callable[..., None]) -> list[tuple[int, str]]:
    asn = dock.shipped((0, 5), (1, 6), number="counted")
    sent = watched(lambda: act(dock, asn))
    assert len(sent.writes) > 4
    if ALL:
        return [(at, when) for at in range(1, sent.seen + 1) for when in WHEN]
    return [(at, "after") for at in sent.writes]


@pytest.mark.parametrize("name", ACTS)
def test_killed_anywhere_and_asked_again_it_is_done_once(busy_dock, name):
    dock, act = busy_dock, ACTS[name]
    whole = dock.shipped((0, 5), (1, 6), number="whole")
    before = state(dock, whole)
    act(dock, whole)
    effect = state(dock, whole)
    ends = [(COMMIT, when) for when in WHEN]
    for number, (at, when) in enumerate(points(dock, act) + ends):
        asn = dock.shipped((0, 5), (1, 6), number=f"K-{number}")
        untouched = state(dock, asn)
        killed(lambda asn=asn: act(dock, asn), Kill(at, when, commits_each=False))
        if (at, when) == (COMMIT, "after"):
            assert state(dock, asn) != untouched
        else:
            assert state(dock, asn) == untouched, (at, when)
        for _ in range(2):
            act(dock, asn)
            found = state(dock, asn)
            assert found[:5] == effect[:5], (at, when)
            assert difference(found, untouched) == difference(effect, before), (at, when)
    dock.agree()


def difference(after: tuple, before: tuple) -> list[int]:
    """Of stock and events, which all notices of a test share."""
    return [
        *(a - b for a, b in zip(after[5], before[5], strict=True)),
        after[6] - before[6],
        after[7] - before[7],
    ]


@pytest.mark.parametrize("name", ACTS)
def test_control_statements_that_commit_by_themselves_leave_half_an_act(busy_dock, name):
    """Proves that the test above can fail."""
    dock, act = busy_dock, ACTS[name]
    # What is made once, such as a reason, is there then.
    act(dock, dock.shipped((0, 5), (1, 6), number="first"))
    damaged = 0
    for number, (at, when) in enumerate(points(dock, act)):
        asn = dock.shipped((0, 5), (1, 6), number=f"K-{number}")
        untouched = state(dock, asn)
        killed(lambda asn=asn: act(dock, asn), Kill(at, when, commits_each=True))
        damaged += state(dock, asn) != untouched
    assert damaged > 3
    with pytest.raises(AssertionError):
        dock.agree()
