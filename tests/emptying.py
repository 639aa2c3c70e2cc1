"""What a test committed is gone before the next, quickly.

Django truncates every table after such a test, and writes the permissions again: a third of a second for
one row. Here only tables that hold rows are emptied, and what was there before the first test (rows of
migrations, the roles) is there again: no test depends on which ones ran before it.
"""

from typing import Any

from django.db import connection, transaction

KEPT = {"django_content_type", "auth_permission", "django_migrations"}
# Above this, rows are many enough that a truncate is quicker and leaves nothing behind: bytes.
LARGE = 4 << 20
# Rows that were there before the first test, by table: as JSON, which no column type spoils.
written: dict[str, str] = {}


def tables() -> list[str]:
    return [
        name
        for name in connection.introspection.table_names(include_views=False)
        if name not in KEPT
    ]


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def sizes(cursor: Any) -> list[tuple[str, int]]:
    """Tables that hold rows, with their bytes."""
    asked = [
        f"SELECT '{name}', pg_relation_size('{quoted(name)}')"
        f" WHERE EXISTS (SELECT FROM {quoted(name)})"
        for name in tables()
    ]
    cursor.execute(" UNION ALL ".join(asked))
    return cursor.fetchall()


def remember() -> None:
    """What is there before the first test."""
    with connection.cursor() as cursor:
        for name, _size in sizes(cursor):
            cursor.execute(f"SELECT jsonb_agg(row)::text FROM {quoted(name)} AS row")
            (written[name],) = cursor.fetchone()


def empty() -> None:
    """Past foreign keys and the ledger's triggers. No number is given a second time: rows that
    migrations wrote keep theirs, and the next one must not meet them."""
    with transaction.atomic(), connection.cursor() as cursor:
        without_triggers(cursor)
        found = sizes(cursor)
        if any(size >= LARGE for _name, size in found):
            names = ", ".join(quoted(name) for name, _size in found)
            cursor.execute(f"TRUNCATE {names} CASCADE")
        else:
            for name, _size in found:
                cursor.execute(f"DELETE FROM {quoted(name)}")
        write_again(cursor)


def without_triggers(cursor: Any) -> None:
    cursor.execute("SET LOCAL session_replication_role = replica")


def write_again(cursor: Any) -> None:
    for name, rows in written.items():
        cursor.execute(
            f"INSERT INTO {quoted(name)} OVERRIDING SYSTEM VALUE"
            f" SELECT * FROM jsonb_populate_recordset(NULL::{quoted(name)}, %s)"
            " ON CONFLICT DO NOTHING",
            [rows],
        )


def teardown(case: Any) -> None:
    empty()
