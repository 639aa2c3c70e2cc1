"""The guard alone, over processes that do not want to go."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from omnichannel.embedded.guard import Guard
from tests.embedded.runs import PATIENCE, alive, eventually

DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True);"
    "time.sleep(60)"
)
WITH_CHILD = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(child.pid, flush=True); time.sleep(60)"
)
SUPERVISOR = """
import os, signal, subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from omnichannel.embedded.guard import Guard
guard = Guard(Path(sys.argv[1])); guard.start()
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
guard.watch("child", child.pid, [(15, 5)])
print(child.pid, guard.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    guard = Guard(tmp_path / "guard.log")
    guard.start()
    yield guard
    guard.finish()


def python(code: str) -> tuple[psutil.Popen, int]:
    """A process in a session of its own, and the number that it prints when it is ready."""
    process = psutil.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def sleeper() -> psutil.Popen:
    return psutil.Popen(["sleep", "60"], start_new_session=True)


def stopped(guard: Guard) -> list[str]:
    return [line.split()[0] for line in guard.log.read_text().splitlines()]


def test_the_last_started_is_stopped_first(guard: Guard):
    for name in ("one", "two", "three"):
        guard.watch(name, sleeper().pid, [(signal.SIGTERM, PATIENCE)])
    guard.finish()
    assert stopped(guard) == ["three", "two", "one"]


def test_what_was_started_anew_keeps_its_place(guard: Guard):
    old, new, other = sleeper(), sleeper(), sleeper()
    guard.watch("database", old.pid, [(signal.SIGTERM, PATIENCE)])
    guard.watch("web", other.pid, [(signal.SIGTERM, PATIENCE)])
    old.kill()
    old.wait()
    guard.watch("database", new.pid, [(signal.SIGTERM, PATIENCE)])
    guard.finish()
    assert stopped(guard) == ["web", "database"]
    assert [process.wait(PATIENCE) for process in (new, other)] == [-signal.SIGTERM] * 2


def test_who_is_deaf_to_the_signal_is_killed_after_his_time(guard: Guard):
    process, _ready = python(DEAF)
    guard.watch("deaf", process.pid, [(signal.SIGTERM, 0.5)])
    begin = time.monotonic()
    guard.finish()
    assert process.wait(PATIENCE) == -signal.SIGKILL
    assert 0.5 <= time.monotonic() - begin < PATIENCE


def test_what_a_process_leaves_of_its_group_goes_with_it(guard: Guard):
    process, number = python(WITH_CHILD)
    below = psutil.Process(number)
    guard.watch("parent", process.pid, [(signal.SIGTERM, PATIENCE)])
    guard.finish()
    assert process.wait(PATIENCE) == -signal.SIGTERM
    eventually(lambda: not alive([below]))


def test_who_is_forgotten_is_left_alone(guard: Guard):
    process = sleeper()
    guard.watch("free", process.pid, [(signal.SIGTERM, PATIENCE)])
    guard.forget("free")
    guard.finish()
    assert process.poll() is None
    process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_guard_itself_hears_no_polite_signal(guard: Guard, number: int):
    process = sleeper()
    guard.watch("child", process.pid, [(signal.SIGTERM, PATIENCE)])
    time.sleep(0.3)
    assert guard.process
    guard.process.send_signal(number)
    time.sleep(0.2)
    assert guard.is_alive
    assert process.poll() is None


def test_a_killed_guard_is_followed_by_one_that_knows_everything(guard: Guard, tmp_path: Path):
    process, folder = sleeper(), tmp_path / "short-lived"
    folder.mkdir()
    guard.watch("child", process.pid, [(signal.SIGTERM, PATIENCE)])
    guard.remove(folder)
    assert guard.process
    guard.process.kill()
    guard.process.wait()
    assert guard.ensure()
    assert not guard.ensure()
    guard.finish()
    assert process.wait(PATIENCE) == -signal.SIGTERM
    assert not folder.exists()


def test_a_supervisor_that_kills_itself_leaves_nothing(tmp_path: Path):
    root = str(Path(__file__).parents[2])
    told = subprocess.run(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path / "log"), root],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert told.returncode == -signal.SIGKILL
    pids = [int(word) for word in told.stdout.split()]
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))
