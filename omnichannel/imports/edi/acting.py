"""Papers become documents by the acts that the API calls; what is checked before is the act itself,
taken back (ADR 0024).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from django.db import connection, transaction
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.jobs.progress import Progress

from ..rows import BadFile, Item
from ..staging import Effect, Problem, Staged, name_of
from .papers import Finding, Paper
from .reading import LEFT_OUT, PAPER


class Meant(NamedTuple):
    """What a paper means here: `values` for the act, empty where `errors` forbid it."""

    values: dict[str, Any]
    errors: list[Finding]
    warnings: list[Finding]


class Acts(Protocol):
    """What a room does with the papers that it reads, for one person and one file."""

    # Of an advisory lock: two files with the same numbers in another order would wait for each other.
    lock: int
    # What its papers are called, for a file that holds none.
    wanted: Any

    def read(self, paper: Any) -> Meant:
        """What it means, with everything that is wrong with it. Writes nothing."""

    def do(self, values: dict[str, Any]) -> int | None:
        """How many rows it wrote, inside the caller's transaction; None where it was done before.

        Raises:
            ActionError
        """

    def known(self, paper: Any) -> str:
        """What is said of a paper that was done before."""

    def refusal(self, refused: ActionError) -> str:
        """What is said of a refusal of the act."""


class Papers:
    """The writer (`omnichannel.imports.kinds.Writer`) of papers, each of them a chunk of its own."""

    target = ""

    def __init__(self, acts: Acts, name: str) -> None:
        self.acts, self.name = acts, name
        self.values: list[dict[str, Any]] = []
        self.new: list[bool] = []

    def stage(self, items: Iterator[Item], progress: Progress) -> Staged:
        staged = Staged.nothing()
        with transaction.atomic():
            take_turn(self.acts.lock)
            for item in items:
                if LEFT_OUT in item.fields:
                    staged.ignored[item.fields[LEFT_OUT]] += 1
                    continue
                self.try_out(item.fields[PAPER], staged)
                progress.tell(len(self.values))
            transaction.set_rollback(True)
        if not self.values:
            told = {
                "name": self.name,
                "wanted": self.acts.wanted,
                "found": ", ".join(staged.ignored)[:200] or "–",
            }
            raise BadFile(_("%(name)s holds no %(wanted)s, but: %(found)s.") % told)
        return staged

    def try_out(self, paper: Paper, staged: Staged) -> None:
        """Do it, which the caller takes back, and tell what is wrong or strange."""
        read = self.acts.read(paper)
        errors, warnings, is_new = list(read.errors), list(read.warnings), False
        if not errors:
            try:
                with transaction.atomic():
                    is_new = self.acts.do(read.values) is not None
            except ActionError as refused:
                errors.append(about(paper, self.acts.refusal(refused)))
            else:
                if not is_new:
                    warnings.append(about(paper, self.acts.known(paper)))
        self.values.append(read.values)
        self.new.append(is_new)
        chunk = len(self.values)
        staged.rows[chunk] = 1
        for found in errors:
            staged.problem(problem(found, chunk))
        for found in warnings:
            staged.warn(problem(found, chunk))

    def compare(self, chunk: int) -> Effect:
        return Effect(created=int(self.new[chunk - 1]))

    def write(self, chunk: int) -> Effect:
        """Nothing, where the same paper was done before.

        Raises:
            BadFile: something has changed since it was read.
        """
        take_turn(self.acts.lock)
        try:
            written = self.acts.do(self.values[chunk - 1])
        except ActionError as refused:
            raise BadFile(str(refused)) from refused
        return Effect() if written is None else Effect(created=1, written=written)

    def remember(self) -> None:
        """Nothing: no import of messages is full. What was told once stays told."""

    def clean(self) -> None:
        """As `remember`."""


def take_turn(lock: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def about(paper: Paper, text: str) -> Finding:
    return Finding(paper.segment, paper.tag, paper.number, text)


def problem(found: Finding, chunk: int) -> Problem:
    return Problem(
        found.segment, chunk, found.tag[:64], name_of(found.code), found.cause, found.fix
    )
