"""What of the children's logs a person at the terminal should see."""

import re
from collections.abc import Iterator
from pathlib import Path

# Django's and PostgreSQL's lines begin with a date, Celery's with a date in brackets, granian's
# with a level, Valkey's with a process and a role.
HEAD = re.compile(r"\[?\d{4}-\d\d-\d\d|\[[A-Z]+\]|\d+:[A-Z] ")
START = r"(\[?[\d: ,.-]*(UTC \[\d+\] )?)"
ALARM = re.compile(START + r"(WARNING|ERROR|CRITICAL)\b|\d+:[A-Z] [\w :.]+ # ")
# For PostgreSQL: refusals that the product asks for (constraints, lock timeouts) are no news.
GRAVE = re.compile(START + r"(FATAL|PANIC)\b")


class Tail:
    """Follows a log from its end; `alarm` finds the lines that count."""

    def __init__(self, path: Path, alarm: re.Pattern[str] = ALARM) -> None:
        self.path, self.alarm = path, alarm
        self.position, self.rest, self.is_shown = path.stat().st_size, b"", False

    def news(self) -> Iterator[str]:
        """New lines that alarm, and what follows each up to the next line with a head."""
        with self.path.open("rb") as log:
            log.seek(self.position)
            text = self.rest + log.read()
            self.position = log.tell()
        *lines, self.rest = text.split(b"\n")
        for raw in lines:
            line = raw.decode(errors="replace").rstrip()
            if HEAD.match(line):
                self.is_shown = bool(self.alarm.match(line))
            if self.is_shown and line:
                yield line
