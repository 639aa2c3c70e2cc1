"""A file's rows in a temporary table: checked on the way, copied in one stream."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from omnichannel.jobs.progress import Progress

from .rows import BadRow, Ignored, Item, Problem

CHUNK = 5_000
# More of them than anybody reads; the rest is counted.
MOST_PROBLEMS = 10_000
COPY_LINES = 500


class Effect(NamedTuple):
    """How many items of the file are new or change something; `written` counts rows of tables."""

    created: int = 0
    updated: int = 0
    written: int = 0


class Staged(NamedTuple):
    """What was read: rows and bad rows by chunk, what is told of the bad ones, and of others that
    come in although something about them is strange.
    """

    rows: Counter[int]
    bad: Counter[int]
    problems: list[Problem]
    ignored: Ignored
    warnings: list[Problem]

    @classmethod
    def nothing(cls) -> "Staged":
        return cls(Counter(), Counter(), [], Counter(), [])

    @property
    def chunks(self) -> range:
        return range(1, max(self.rows, default=0) + 1)

    def problem(self, problem: Problem) -> None:
        self.bad[problem.chunk] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def warn(self, problem: Problem) -> None:
        if len(self.warnings) < MOST_PROBLEMS:
            self.warnings.append(problem)

    def leave_out(self, row: int, chunk: int, bad: BadRow, entity_id: str) -> None:
        self.problem(Problem(row, chunk, bad.column[:64], entity_id, bad.cause, bad.fix))


class Check(NamedTuple):
    """What only the database knows: `sql` deletes from `staged` and returns row, chunk, first key."""

    sql: str
    column: str
    cause: Any
    fix: Any


@dataclass(frozen=True, kw_only=True)
class RowTable:
    """How rows of one kind are checked and held, and which SQL brings them in.

    Args:
        columns: of the table `staged`, beside `row` and `chunk`, as SQL declares them.
        key: those columns that may not stand twice in a file; the first names the row.
        check: fields of a row → its cells, as COPY reads them.
            Raises BadRow; counts in its second argument what it leaves out.
        checks: what is left out once all rows are there.
        diff: selects what `write` has to do with the rows of chunk %(chunk)s, with the column `id`
            empty where it is new; it becomes the table `diff`.
        writes: statements over `diff` and `staged`.
        clean: ends what the table `told`, of the same key and `target`, does not name.
        lock: number of the advisory lock under which two imports take turns.
    """

    columns: str
    key: tuple[str, ...]
    check: Callable[[Mapping[str, Any], Ignored], str]
    diff: str
    writes: tuple[str, ...]
    clean: str
    lock: int
    checks: tuple[Check, ...] = ()


def stage(table: RowTable, items: Iterator[Item], progress: Progress) -> Staged:
    """Copy the rows into the table `staged` of this connection, inside the caller's transaction.

    A key that stands twice in a file counts where it stands first.

    Raises:
        BadFile
    """
    staged = Staged.nothing()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged, diff")
        cursor.execute(
            f"CREATE TEMPORARY TABLE staged (row integer, chunk integer, {table.columns})"
        )
        with cursor.cursor.copy("COPY staged FROM STDIN") as copy:
            for block in checked_blocks(table, items, staged, progress):
                copy.write(block)
        cursor.execute("CREATE INDEX ON staged (chunk)")
        cursor.execute(f"CREATE INDEX ON staged ({', '.join(table.key)}, row)")
        cursor.execute("ANALYZE staged")
        leave_out_repeated(cursor, table, staged)
        for each in table.checks:
            leave_out(cursor, each, staged)
    staged.problems.sort()
    return staged


def checked_blocks(
    table: RowTable, items: Iterator[Item], staged: Staged, progress: Progress
) -> Iterator[str]:
    """Lines of COPY, some hundred at once; what is wrong with the other rows goes into `staged`."""
    check, ignored, lines = table.check, staged.ignored, []
    for number, (row, fields) in enumerate(items):
        chunk = number // CHUNK + 1
        staged.rows[chunk] += 1
        try:
            cells = check(fields, ignored)
        except BadRow as bad:
            staged.leave_out(row, chunk, bad, name_of(fields.get(table.key[0])))
            continue
        lines.append(f"{row}\t{chunk}\t{cells}\n")
        if len(lines) >= COPY_LINES:
            yield "".join(lines)
            lines.clear()
            progress.tell(number + 1)
    yield "".join(lines)


def name_of(told: object) -> str:
    """What a bad row calls itself, as far as that can be stored."""
    text = str(told) if isinstance(told, str | int) else ""
    return text[:256].replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def leave_out_repeated(cursor: Any, table: RowTable, staged: Staged) -> None:
    cursor.execute(
        f"""
        DELETE FROM staged s USING (
          SELECT row, first_value(row) OVER (PARTITION BY {", ".join(table.key)} ORDER BY row) AS first
            FROM staged
        ) AS seen WHERE s.row = seen.row AND seen.row > seen.first
        RETURNING s.row, s.chunk, s.{table.key[0]}, seen.first
        """
    )
    fix = _("Keep one of the two rows.")
    for row, chunk, name, first in cursor.fetchall():
        cause = _("It stands twice in this file, first in row %d.") % first
        staged.leave_out(row, chunk, BadRow(cause, fix, table.key[0]), name)


def leave_out(cursor: Any, check: Check, staged: Staged) -> None:
    cursor.execute(check.sql)
    for row, chunk, name in cursor.fetchall():
        staged.leave_out(row, chunk, BadRow(str(check.cause), str(check.fix), check.column), name)
