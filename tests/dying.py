"""A worker of its own that a test kills in the middle, and what has to pass before the next."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from omnichannel.jobs.models import Job

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 180
STARTED = """
import sys, django
django.setup()
from tests.mortal import main
main(*sys.argv[1:])
"""
# Transactions of others on this database: a killed worker's lives until the server notices.
STILL_THERE = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND backend_type = 'client backend' AND xact_start IS NOT NULL
"""


def address() -> str:
    told = connection.settings_dict
    socket = told["OPTIONS"]
    return (
        f"postgresql://{told['USER']}@/{told['NAME']}?host={socket['host']}&port={socket['port']}"
    )


def killed(place: str, *, calls: int = 1, chunk: int | None = None, apart: bool = False) -> None:
    """A worker works until it has called `place` (`package.module:Class.name`) so often; there it is killed.

    Args:
        chunk: rows of a chunk of an import, if not as many as always.
        apart: each statement commits by itself: a control.
    """
    environment = {
        **os.environ,
        "DATABASE_URL": address(),
        "DJANGO_SETTINGS_MODULE": "omnichannel.settings",
    }
    words = [place, str(calls), str(chunk or ""), *(["apart"] if apart else [])]
    command = [sys.executable, "-c", STARTED, *words]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout
        assert worker.stdout.readline().strip() == "here"
        worker.send_signal(signal.SIGKILL)
        worker.wait()


def lease_ran_out() -> None:
    """The server notices that a process was killed; then the lease's time passes."""
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        cursor.execute(STILL_THERE)
        while cursor.fetchone()[0] and time.monotonic() < until:
            time.sleep(0.02)
            cursor.execute(STILL_THERE)
    Job.objects.update(lease_until="2020-01-01T00:00Z")
