"""What runs beside the servers: web, worker, and what prepares both."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from .address import Address
from .process import Process, fresh_log

Environment = Mapping[str, str]
PYTHON = sys.executable
# The checks of Django read every page of the product; `manage.py check` is there for that.
CELERY = (PYTHON, "-m", "celery", "--app", "omnichannel", "--skip-checks")


def prepare(environment: Environment, demo: str) -> Process:
    """`demo` as in `manage.py prepare`; speaks to the terminal, where the bar of the load is."""
    return managed("prepare", environment, "prepare", "--demo", demo, log=None)


def collect_static(environment: Environment, var: Path) -> Process:
    log = fresh_log(var / "log", "static")
    return managed("static", environment, "collectstatic", "--noinput", "--verbosity", "0", log=log)


def managed(name: str, environment: Environment, *arguments: str, log: Path | None) -> Process:
    command = [PYTHON, "manage.py", *arguments]
    return Process(name, command, log=log, environment=environment, folder=settings.BASE_DIR)


def web(environment: Environment, var: Path, address: Address, metrics: Path) -> Process:
    """Two processes with four threads each, and one set of metrics in the folder `metrics`."""
    command = [
        *(PYTHON, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", address.host, "--port", str(address.port)),
        *("--workers", "2", "--blocking-threads", "4"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5"),
        *("--workers-kill-timeout", "10", settings.WSGI_APPLICATION.replace(".wsgi.", ".wsgi:")),
    ]
    return Process(
        "web",
        command,
        log=fresh_log(var / "log", "web"),
        environment={**environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)},
        folder=settings.BASE_DIR,
        steps=((signal.SIGTERM, 20),),
    )


def worker(environment: Environment, var: Path, longest_task: float) -> Process:
    """With the beat inside. `longest_task` is the hard limit in seconds: what runs may end."""
    command = [
        *(*CELERY, "worker", "--beat"),
        *("--schedule", str(var / "run" / "beat"), "--concurrency", "2"),
        *("--loglevel", "INFO", "--without-mingle", "--without-gossip"),
    ]
    return Process(
        "worker",
        command,
        log=fresh_log(var / "log", "worker"),
        environment=environment,
        folder=settings.BASE_DIR,
        steps=((signal.SIGTERM, longest_task + 10),),
    )


def jobs(environment: Environment, var: Path) -> Process:
    """Long work beside the short: told to end, it gives a job some seconds, and lets go of it.

    What it lets go of is a row, which the next worker finds.
    """
    command = [
        *(*CELERY, "worker", "--queues", "jobs"),
        *("--hostname", "jobs@%h", "--concurrency", "2", "--loglevel", "INFO"),
        *("--without-mingle", "--without-gossip"),
    ]
    return Process(
        "jobs",
        command,
        log=fresh_log(var / "log", "jobs"),
        environment=environment,
        folder=settings.BASE_DIR,
        steps=((signal.SIGQUIT, settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 10),),
    )
