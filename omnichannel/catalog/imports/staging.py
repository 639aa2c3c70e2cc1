"""A file's rows in a temporary table: checked on the way, copied in one stream."""

from collections import Counter
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from omnichannel.jobs.progress import Progress

from . import prices, products
from .rows import BadRow, Ignored, Item, Problem

CHUNK = 5_000
# More of them than anybody reads; the rest is counted.
MOST_PROBLEMS = 10_000
COPY_LINES = 500

KINDS: dict[str, ModuleType] = {"products": products, "prices": prices}


class Staged(NamedTuple):
    """What was read: rows and bad rows by chunk, and what is told of the bad ones."""

    rows: Counter[int]
    bad: Counter[int]
    problems: list[Problem]
    ignored: Ignored

    @property
    def chunks(self) -> range:
        return range(1, max(self.rows, default=0) + 1)

    def problem(self, chunk: int, problem: Problem) -> None:
        self.bad[chunk] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def stage(kind: ModuleType, items: Iterator[Item], progress: Progress) -> Staged:
    """Copy the rows into the table `staged` of this connection, inside the caller's transaction.

    A product that stands twice in a file counts where it stands first.

    Raises:
        BadFile
    """
    staged = Staged(Counter(), Counter(), [], Counter())
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged, diff")
        cursor.execute(f"CREATE TEMPORARY TABLE staged ({kind.STAGED})")
        with cursor.cursor.copy("COPY staged FROM STDIN") as copy:
            for block in checked_blocks(kind, items, staged, progress):
                copy.write(block)
        cursor.execute("CREATE INDEX ON staged (chunk)")
        cursor.execute("CREATE INDEX ON staged (product_id, row)")
        cursor.execute("ANALYZE staged")
        leave_out_repeated(cursor, staged)
        if kind.UNKNOWN:
            leave_out_unknown(cursor, kind.UNKNOWN, staged)
    staged.problems.sort()
    return staged


def checked_blocks(
    kind: ModuleType, items: Iterator[Item], staged: Staged, progress: Progress
) -> Iterator[str]:
    """Lines of COPY, some hundred at once; what is wrong with the other rows goes into `staged`."""
    check, ignored, lines = kind.check, staged.ignored, []
    for number, (row, fields) in enumerate(items):
        chunk = number // CHUNK + 1
        staged.rows[chunk] += 1
        try:
            _id, cells = check(fields, ignored)
        except BadRow as bad:
            staged.problem(chunk, Problem(row, name_of(fields), bad.cause, bad.fix))
            continue
        lines.append(f"{row}\t{chunk}\t{cells}\n")
        if len(lines) >= COPY_LINES:
            yield "".join(lines)
            lines.clear()
            progress.tell(0)
    yield "".join(lines)


def name_of(fields: object) -> str:
    """What a bad row calls itself, as far as that can be stored."""
    told = fields.get("product_id", "") if isinstance(fields, dict) else ""
    told = told if isinstance(told, str | int) else ""
    return (
        str(told)[:256].replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    )


def leave_out_repeated(cursor: object, staged: Staged) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        """
        DELETE FROM staged s USING (
          SELECT row, first_value(row) OVER (PARTITION BY product_id ORDER BY row) AS first FROM staged
        ) AS seen WHERE s.row = seen.row AND seen.row > seen.first
        RETURNING s.row, s.chunk, s.product_id, seen.first
        """
    )
    for row, chunk, product_id, first in cursor.fetchall():  # type: ignore[attr-defined]
        cause = _("The product stands twice in this file, first in row %d.") % first
        fix = _("Keep one of the two rows.")
        staged.problem(chunk, Problem(row, product_id, cause, fix))


def leave_out_unknown(cursor: object, sql: str, staged: Staged) -> None:
    cursor.execute(sql)  # type: ignore[attr-defined]
    for row, chunk, product_id in cursor.fetchall():  # type: ignore[attr-defined]
        cause = _("There is no product of this ID.")
        fix = _("Import the product first, or correct the ID; capitals count.")
        staged.problem(chunk, Problem(row, product_id, cause, fix))
