"""What the faults are done to: a broker and a worker beside the caller's database, killed at will."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

from celery import Celery
from django.conf import settings
from django.core.management.utils import get_random_secret_key
from django.db import connection

from omnichannel.embedded.guard import Guard
from omnichannel.embedded.process import Process, fresh_log
from omnichannel.embedded.valkey import Valkey
from omnichannel.eventstream import nudging
from omnichannel.eventstream.receivers import opened

READY_WITHIN = 120


def database_url() -> str:
    """Of the database that this process is connected to, which may be a test's."""
    asked = urlsplit(os.environ["DATABASE_URL"])
    return asked._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


class Rig:
    """`worker` is what runs beside the broker: a Celery application by its dotted name."""

    def __init__(
        self, folder: Path, worker: str, options: tuple[str, ...], environment: Mapping[str, str]
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.guard = Guard(folder / "guard.log")
        self.valkey = Valkey(folder / "valkey", log=fresh_log(folder, "valkey"))
        self.named = worker, options
        self.environment = dict(environment)

    def __enter__(self) -> "Rig":
        self.guard.start()
        self.valkey.start(self.guard)
        self.app = Celery("faults", set_as_current=False, broker=self.valkey.url)
        self.app.conf.update(
            broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
            task_publish_retry_policy=settings.CELERY_TASK_PUBLISH_RETRY_POLICY,
            task_default_queue=settings.CELERY_TASK_DEFAULT_QUEUE,
        )
        self.worker = self.prepared(*self.named)
        self.start_worker()
        return self

    def __exit__(self, *error: object) -> None:
        self.app.close()
        self.worker.sweep()
        self.guard.finish()

    def prepared(self, worker: str, options: tuple[str, ...]) -> Process:
        return Process(
            "worker",
            [
                *(sys.executable, "-m", "celery", "--app", worker, "worker"),
                *("--loglevel", "INFO", "--without-mingle", "--without-gossip", *options),
            ],
            log=fresh_log(self.folder, "worker"),
            environment={
                **os.environ,
                **self.environment,
                "DATABASE_URL": database_url(),
                "REDIS_URL": self.valkey.url,
                "SECRET_KEY": settings.SECRET_KEY,
                "VAR_DIR": str(self.folder),
            },
            folder=settings.BASE_DIR,
        )

    def start_worker(self) -> None:
        """Returns when it has said that it is ready."""
        before = self.said()
        self.worker.start(self.guard)
        end = time.monotonic() + READY_WITHIN
        while self.said() == before:
            if not self.worker.is_running or time.monotonic() > end:
                raise RuntimeError(self.worker.last_words)
            time.sleep(0.05)

    def said(self) -> int:
        assert self.worker.log
        return self.worker.log.read_text(errors="replace").count("ready.")

    def flush(self) -> None:
        """Everything that the broker knows is gone: FLUSHALL."""
        assert "OK" in self.valkey.say("FLUSHALL")

    def kill_worker(self) -> None:
        """SIGKILL to it and to its children, in the middle of whatever they do; then a new one."""
        self.end(self.worker)
        self.start_worker()

    def lose_broker(self) -> None:
        self.end(self.valkey)

    def find_broker(self) -> None:
        self.valkey.start(self.guard)

    def end(self, process: Process) -> None:
        process.sweep()
        assert process.child
        process.child.wait()
        self.guard.forget(process.name)


@contextmanager
def nudged_through(app: Celery) -> Iterator[None]:
    """Acts of this process wake the drain through the rig's broker, each by itself."""
    with (
        patch.object(nudging, "current_app", app),
        patch.object(nudging, "QUIET_SECONDS", 0.0),
    ):
        yield


@contextmanager
def sealed_by_a_key() -> Iterator[None]:
    """A key that the worker may run on; what it seals, it opens."""
    with patch.object(settings, "SECRET_KEY", get_random_secret_key()):
        opened.cache_clear()
        yield
    opened.cache_clear()
