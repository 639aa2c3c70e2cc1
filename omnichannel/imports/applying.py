"""From the temporary table into tables that last: one diff, and only what differs is written."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from omnichannel.jobs.progress import Progress

from .rows import Item
from .staging import Effect, RowTable, Staged, stage

TOLD = "CREATE TEMPORARY TABLE IF NOT EXISTS told AS SELECT ''::text AS target, {key} FROM staged LIMIT 0"


class Rows:
    """The writer (`kinds.Writer`) of a kind whose rows are compared and written by SQL."""

    def __init__(self, table: RowTable, *, target: str = "", **values: Any) -> None:
        """
        Args:
            target: what a full import is full of, as the name of a pricebook.
            values: what the table's statements need beside the rows.
        """
        self.table, self.target, self.values = table, target, values

    def stage(self, items: Iterator[Item], progress: Progress) -> Staged:
        return stage(self.table, items, progress)

    def compare(self, chunk: int) -> Effect:
        """Put the rows that are new or different into the table `diff`."""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS diff")
            told = {**self.values, "chunk": chunk}
            cursor.execute(f"CREATE TEMPORARY TABLE diff AS {self.table.diff}", told)
            cursor.execute("ANALYZE diff")
            cursor.execute("SELECT count(*) FILTER (WHERE id IS NULL), count(id) FROM diff")
            return Effect(*cursor.fetchone())

    def write(self, chunk: int) -> Effect:
        self.take_turn()
        effect = self.compare(chunk)
        if not effect.created + effect.updated:
            return effect
        written = 0
        with connection.cursor() as cursor:
            for statement in self.table.writes:
                cursor.execute(statement, self.values)
                written += cursor.rowcount
        return effect._replace(written=written)

    def remember(self) -> None:
        key = ", ".join(self.table.key)
        with connection.cursor() as cursor:
            cursor.execute(TOLD.format(key=key))
            cursor.execute(f"INSERT INTO told SELECT %s, {key} FROM staged", [self.target])

    def clean(self) -> None:
        self.take_turn()
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS told_key ON told ({', '.join(self.table.key)})"
            )
            cursor.execute("ANALYZE told")
            cursor.execute(self.table.clean, {**self.values, "target": self.target})

    def take_turn(self) -> None:
        """Two imports of one kind would lock rows in different orders: one waits for the other."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [self.table.lock])


def drop_tables() -> None:
    """What was staged is of no use to the next job of this process."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD TEMP")
