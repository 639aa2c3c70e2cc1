"""A child process: its log, its account, and the signals that end it."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from django.utils.translation import gettext as _

from .account import OURS, Account
from .guard import Guard, Step


class CannotStart(Exception):
    """Why nothing runs, in one line that says what to do.

    `text` is a gettext message with %(names)s of `values`: it is raised where Django's settings
    may not be there yet, so `translated()` waits until somebody prints it.
    """

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values)
        self.text, self.values = text, values

    def translated(self) -> str:
        return _(self.text) % self.values


class Process:
    """`steps` are tried in turn: a signal, and the seconds it is given; after the last, SIGKILL.

    Without a `log` it writes where we write.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path | None,
        environment: Mapping[str, str],
        folder: Path,
        steps: Sequence[Step] = ((signal.SIGTERM, 10),),
        account: Account = OURS,
    ) -> None:
        self.name, self.command, self.log, self.folder = name, command, log, folder
        self.environment, self.steps, self.account = environment, steps, account
        self.child: subprocess.Popen[bytes] | None = None

    def start(self, guard: Guard) -> None:
        """In a session of its own: Ctrl-C reaches the supervisor, which stops in order."""
        with ExitStack() as opened:
            log = opened.enter_context(self.log.open("ab")) if self.log else None
            self.child = subprocess.Popen(
                [*self.account.prefix, *self.command],
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
                start_new_session=True,
                **self.account.identity,
            )
        guard.watch(self.name, self.child.pid, self.steps)

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if one ended it."""
        return self.child.poll() if self.child else None

    @property
    def end(self) -> str:
        """How it ended, as one says it."""
        code = self.exit_code or 0
        return signal.Signals(-code).name if code < 0 else _("exit code %d") % code

    def sweep(self) -> None:
        """Kill whatever the process left of its own group."""
        if self.child:
            try:
                os.killpg(self.child.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    @property
    def last_words(self) -> str:
        """The end of its log, and where the rest is."""
        if self.log is None:
            return self.end
        lines = self.log.read_text(errors="replace").rstrip().splitlines() or [self.end]
        return f"{lines[-1]} ({self.log})"


def fresh_log(folder: Path, name: str) -> Path:
    """The log of this run; that of the run before stays beside it as .1."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = folder / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    return log
