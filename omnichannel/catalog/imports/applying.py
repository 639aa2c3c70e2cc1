"""From the temporary table into the catalogue: one diff, and only what differs is written."""

from types import ModuleType
from typing import Any, NamedTuple

from django.db import connection

# Two imports of one kind would lock rows in different orders: they take turns, chunk by chunk.
LOCKS = {"products": 7_406_011, "prices": 7_406_012}


class Effect(NamedTuple):
    """How many rows of the file are new or change something; `written` counts rows of tables."""

    created: int
    updated: int
    written: int


def take_turn(entity: str) -> None:
    """Wait until no other transaction imports the same kind; until the end of this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCKS[entity]])


def compare(kind: ModuleType, first: int, last: int, values: dict[str, Any]) -> Effect:
    """Put the rows of these chunks that are new or different into the table `diff`."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS diff")
        told = {**values, "first": first, "last": last}
        cursor.execute(f"CREATE TEMPORARY TABLE diff AS {kind.DIFF}", told)
        cursor.execute("ANALYZE diff")
        cursor.execute("SELECT count(*) FILTER (WHERE id IS NULL), count(id) FROM diff")
        created, updated = cursor.fetchone()
    return Effect(created, updated, 0)


def write(kind: ModuleType, first: int, last: int, values: dict[str, Any]) -> Effect:
    """Bring the catalogue to what these chunks say, inside the caller's transaction."""
    effect = compare(kind, first, last, values)
    if not effect.created + effect.updated:
        return effect
    written = 0
    with connection.cursor() as cursor:
        for statement in kind.WRITES:
            cursor.execute(statement, values)
            written += cursor.rowcount
    return effect._replace(written=written)


def clean(kind: ModuleType, values: dict[str, Any]) -> int:
    """A full import's last step: what the file does not name; how many rows that were."""
    with connection.cursor() as cursor:
        cursor.execute(kind.CLEAN, values)
        return cursor.rowcount
