"""A private Valkey, for nudges only: nothing that decides an outcome lives in it."""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from django.utils.translation import gettext_noop

from .binaries import find_valkey
from .guard import Guard
from .process import CannotStart, Process
from .sockets import socket_folder

SOCKET = "valkey.sock"


class Valkey(Process):
    title = "Valkey"

    def __init__(self, folder: Path, *, log: Path) -> None:
        """Nothing is touched yet.

        Raises:
            CannotStart: no program.
        """
        self.home, self.program = folder.resolve(), find_valkey()
        self.socket: Path | None = None
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        super().__init__("valkey", [], log=log, environment=environment, folder=Path("/"))

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self, guard: Guard) -> None:
        """Returns when it answers; again after a death, too.

        Raises:
            CannotStart: it does not come up.
        """
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.socket is None:
            folder, is_elsewhere = socket_folder(self.home, SOCKET)
            if is_elsewhere:
                guard.remove(folder)
            self.socket = folder / SOCKET
        self.say("SHUTDOWN")
        self.socket.unlink(missing_ok=True)
        self.command = [
            *(str(self.program), "--port", "0", "--unixsocket", str(self.socket)),
            *("--unixsocketperm", "700", "--dir", str(self.home), "--save", ""),
            *("--appendonly", "yes", "--loglevel", "notice"),
        ]
        super().start(guard)
        while "PONG" not in self.say("PING"):
            if not self.is_running:
                raise CannotStart(
                    gettext_noop("Valkey did not start: %(cause)s"),
                    cause=self.last_words,
                )
            time.sleep(0.01)

    def say(self, command: str) -> str:
        """One command, one answer; empty if nobody listens."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.socket))
            line.sendall(f"{command}\r\n".encode())
            return line.recv(64).decode(errors="replace")
        return ""
