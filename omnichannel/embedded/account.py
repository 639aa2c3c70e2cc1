"""As whom PostgreSQL runs: it refuses root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Account(NamedTuple):
    """`prefix` goes before a command, `identity` to subprocess.Popen."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    identity: dict[str, Any] = {}

    def can_use(self, program: Path, folder: Path) -> bool:
        """Tried for real: modes of all parents, access lists and capabilities decide together."""
        return all(
            self.succeeds(attempt)
            for attempt in ([str(program), "--version"], ["ls", "-d", f"{folder}/."])
        )

    def succeeds(self, command: Sequence[str]) -> bool:
        try:
            tried = subprocess.run(
                [*self.prefix, *command],
                check=False,
                cwd="/",
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **self.identity,
            )
        except OSError:
            return False
        return tried.returncode == 0


OURS = Account(os.geteuid(), os.getegid())


def plain(entry: pwd.struct_passwd) -> Account:
    identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return Account(entry.pw_uid, entry.pw_gid, (), identity)


def with_passage(entry: pwd.struct_passwd, setpriv: str) -> Account:
    """The same account, with the one capability that lets it through a folder closed to it.

    Without the secure bit the capability would not count in access(2), which initdb asks.
    """
    capability = "+dac_override"
    prefix = (
        setpriv,
        f"--reuid={entry.pw_uid}",
        f"--regid={entry.pw_gid}",
        "--clear-groups",
        "--securebits=+no_setuid_fixup",
        f"--inh-caps={capability}",
        f"--ambient-caps={capability}",
        "--",
    )
    return Account(entry.pw_uid, entry.pw_gid, prefix)


def unprivileged_entry() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def account_for(program: Path, folder: Path) -> Account | None:
    """Ourselves, unless we are root; None if no account may run `program` and enter `folder`.

    A checkout under root's own home is closed to everybody else, and the data must stay in it.
    """
    if OURS.uid != 0:
        return OURS
    entry = unprivileged_entry()
    if entry is None:
        return None
    choices = [plain(entry)]
    if setpriv := shutil.which("setpriv"):
        choices.append(with_passage(entry, setpriv))
    return next((account for account in choices if account.can_use(program, folder)), None)
