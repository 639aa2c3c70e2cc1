"""Database and broker: private ones, except where the environment names others."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from .guard import Guard
from .postgres import Postgres
from .process import fresh_log
from .valkey import Valkey

ADDRESSES = ("DATABASE_URL", "REDIS_URL")


class Servers:
    def __init__(self, var: Path, environment: Mapping[str, str]) -> None:
        """Nothing is started yet.

        Raises:
            CannotStart: a program is missing, or the data is of another version.
        """
        self.addresses = var / "run"
        self.private: dict[str, Postgres | Valkey] = {}
        if not environment.get("DATABASE_URL"):
            log = fresh_log(var / "log", "postgres")
            self.private["DATABASE_URL"] = Postgres(var / "postgres", log=log)
        if not environment.get("REDIS_URL"):
            self.private["REDIS_URL"] = Valkey(var / "valkey", log=fresh_log(var / "log", "valkey"))

    def start(self, guard: Guard) -> Iterator[Postgres | Valkey]:
        """One after the other, each given out when it answers.

        Raises:
            CannotStart: one does not come up.
        """
        self.withdraw()
        for server in self.private.values():
            server.start(guard)
            yield server
        self.publish()

    @property
    def environment(self) -> dict[str, str]:
        return {name: server.url for name, server in self.private.items()}

    def publish(self) -> None:
        """Other commands of this checkout (settings.py) find the servers while they run."""
        self.addresses.mkdir(exist_ok=True, mode=0o700)
        for name, url in self.environment.items():
            (self.addresses / name).write_text(url)

    def withdraw(self) -> None:
        for name in ADDRESSES:
            (self.addresses / name).unlink(missing_ok=True)


def published(var: Path) -> dict[str, str]:
    """The addresses of servers that run on `var` now."""
    files = [var / "run" / name for name in ADDRESSES]
    return {file.name: file.read_text() for file in files if file.exists()}
