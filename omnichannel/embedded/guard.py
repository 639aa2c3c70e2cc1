"""Whoever stops the children, however the supervisor ends.

The guard is a process of its own that reads a pipe whose write end only the supervisor holds. When
the pipe closes, because the supervisor wants to stop or because it was killed, the guard ends every
child it was told about, last started first, and then itself. So there is one way to stop, and a
killed supervisor takes it too. A parent-death signal would reach all children at once, and cut the
database off under the task that is about to finish; it also exists on Linux only.

This file is also the guard's program: it imports nothing but the standard library.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

# A signal's number, and the seconds it is given before the next.
Step = tuple[int, float]


class Guard:
    """The supervisor's side. `inherited` file descriptors stay open until the guard has ended."""

    def __init__(self, log: Path, inherited: Sequence[int] = ()) -> None:
        self.log, self.inherited = log, tuple(inherited)
        # By name, in the order of the first start: what is started anew keeps its place.
        self.watched: dict[str, tuple[int, Sequence[Step]] | None] = {}
        self.folders: list[Path] = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-I", __file__],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.inherited,
            )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ensure(self) -> bool:
        """Start another guard if this one is gone; says whether that was so."""
        if self.is_alive:
            return False
        self.start()
        for name in self.watched:
            self.tell(name)
        for folder in self.folders:
            self.send({"remove": str(folder)})
        return True

    def watch(self, name: str, pid: int, steps: Sequence[Step]) -> None:
        self.watched[name] = (pid, steps)
        self.tell(name)

    def forget(self, name: str) -> None:
        """It is gone already, and its number may soon be another's."""
        self.watched[name] = None
        self.tell(name)

    def remove(self, folder: Path) -> None:
        """Delete `folder` after everything has stopped."""
        self.folders.append(folder)
        self.send({"remove": str(folder)})

    def close(self) -> None:
        """Let it stop everything; `is_alive` until it has."""
        if self.process and self.process.stdin:
            with suppress(BrokenPipeError):
                self.process.stdin.close()

    def finish(self) -> None:
        """Stop everything, and wait for it."""
        self.close()
        if self.process:
            self.process.wait()

    def tell(self, name: str) -> None:
        pid, steps = self.watched[name] or (None, ())
        rank = list(self.watched).index(name)
        self.send({"name": name, "rank": rank, "pid": pid, "steps": list(steps)})

    def send(self, order: dict[str, object]) -> None:
        if not (self.process and self.process.stdin and not self.process.stdin.closed):
            return
        # If the guard was killed just now, ensure() repeats it to the next one.
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()


class Target:
    """A process that is not the guard's child: it cannot be waited for, so it is watched."""

    def __init__(self, name: str, rank: int, pid: int, steps: list[Step]) -> None:
        self.name, self.rank, self.pid, self.steps = name, rank, pid, steps
        self.handle: int | None = None
        # Where there are handles, a number that somebody else got in the meantime is not hit,
        # and a process that nobody reaps counts as gone.
        with suppress(AttributeError, OSError):
            self.handle = os.pidfd_open(pid)

    def stop(self) -> None:
        for number, seconds in self.steps:
            if self.is_gone_within(0):
                break
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
            if self.is_gone_within(seconds):
                break
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.is_gone_within(5)

    def is_gone_within(self, seconds: float) -> bool:
        if self.handle is not None:
            poll = select.poll()
            poll.register(self.handle, select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        end = time.monotonic() + seconds
        while self.exists():
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
        return True

    def exists(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def orders() -> tuple[list[Target], list[str]]:
    """What is there to stop and to delete, when the pipe has closed."""
    targets: dict[int, Target] = {}
    folders = []
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "remove" in order:
            folders.append(order["remove"])
            continue
        targets.pop(order["rank"], None)
        if order["pid"]:
            targets[order["rank"]] = Target(**order)
    return [targets[rank] for rank in sorted(targets, reverse=True)], folders


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    targets, folders = orders()
    for target in targets:
        start = time.monotonic()
        target.stop()
        sys.stdout.write(f"{target.name} stopped in {time.monotonic() - start:.1f} s\n")
        sys.stdout.flush()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
