"""`manage.py up` as a person runs it, in a folder and on a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ALIVE = (psutil.STATUS_RUNNING, psutil.STATUS_SLEEPING, psutil.STATUS_DISK_SLEEP)
# What the session of the tests set for itself.
OURS = ("DATABASE_URL", "TEST_DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "HOST", "DEMO_PASSWORD")


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


# Not how long it takes, but when to give up: a machine may have much else to do.
PATIENCE = 180


def eventually(what: Callable[[], object]) -> object:
    end = time.monotonic() + PATIENCE
    while not (answer := what()):
        assert time.monotonic() < end, f"not within {PATIENCE} s"
        time.sleep(0.05)
    return answer


def environment(var: Path, port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    mine = {
        "VAR_DIR": str(var),
        "PORT": str(port),
        "DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "tests.embedded.sleeping_settings",
    }
    return {**kept, **mine, **more}


def up(var: Path, port: int, **more: str) -> subprocess.CompletedProcess[str]:
    """A start that must come to nothing."""
    return subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment(var, port, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


class Run:
    """A start that must succeed; ready when the constructor returns."""

    def __init__(self, var: Path, **more: str) -> None:
        self.var, self.port = var, free_port()
        self.output = var.with_suffix(".txt")
        with self.output.open("w") as output:
            self.supervisor = psutil.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environment(var, self.port, **more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        eventually(lambda: self.is_ready or self.supervisor.poll() is not None)
        assert self.supervisor.poll() is None, self.told

    @property
    def told(self) -> str:
        return self.output.read_text()

    @property
    def is_ready(self) -> bool:
        return "Ready after" in self.told

    @property
    def family(self) -> list[psutil.Process]:
        return self.supervisor.children(recursive=True)

    def child(self, word: str) -> psutil.Process | None:
        """The supervisor's own child with `word` in its command."""
        return next((c for c in self.supervisor.children() if word in command(c)), None)

    def answers(self, path: str = "/readyz") -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE
            ) as page:
                return page.status == 200
        except OSError:
            return False

    def address(self, name: str) -> str:
        return (self.var / "run" / name).read_text()

    def sql(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.address("DATABASE_URL")) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> float:
        """Seconds until it has ended by itself."""
        begin = time.monotonic()
        self.supervisor.send_signal(signal.SIGTERM)
        assert self.supervisor.wait(PATIENCE) == 0, self.told
        return time.monotonic() - begin


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """A process that died waits for init to reap it, and is not alive."""
    return [p for p in processes if p.is_running() and status(p) in ALIVE]


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD
