"""The long forms of what the suite does to receiving and shipping: every statement killed, eight
against eight in fifty rounds, a minute of scanning. They are tests, each with its control; FAULTS=1
makes them long.
"""

import os
import subprocess
import sys
from typing import NamedTuple

DESK = ("tests/asn/test_killed.py", "tests/asn/test_at_once.py")
SHIPPING = (
    "tests/transfers/test_killed.py",
    "tests/transfers/test_at_once.py",
    "tests/transfers/test_machine.py",
)
PHONE = ("tests/browser/test_asn.py", "-k", "twenty or keeps_nothing or nothing_twice")


class Told(NamedTuple):
    """How pytest ended (0: all passed), and its last line."""

    code: int
    words: str


def run(tests: tuple[str, ...]) -> Told:
    """On a PostgreSQL of their own: these tests empty tables."""
    environment = {**os.environ, "FAULTS": "1", "LOG_LEVEL": "ERROR"}
    for name in ("DATABASE_URL", "REDIS_URL", "VAR_DIR"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or [""]
    return Told(done.returncode, lines[-1])
