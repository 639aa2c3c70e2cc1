"""What a test committed is gone before the next, quickly.

Django truncates every table after such a test, and writes the permissions again: a third of a second for
one row. Here only tables that hold rows are emptied, and what `migrate` itself keeps up to date stays.
"""

from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

KEPT = {"django_content_type", "auth_permission", "django_migrations"}
# Above this, rows are many enough that a truncate is quicker and leaves nothing behind: bytes.
LARGE = 4 << 20


def tables() -> list[str]:
    return [
        name
        for name in connection.introspection.table_names(include_views=False)
        if name not in KEPT
    ]


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def empty() -> None:
    """Deletes past foreign keys and the ledger's triggers, as a truncate does."""
    with transaction.atomic(), connection.cursor() as cursor:
        asked = [
            f"SELECT '{name}', pg_relation_size('{quoted(name)}')"
            f" WHERE EXISTS (SELECT FROM {quoted(name)})"
            for name in tables()
        ]
        cursor.execute(" UNION ALL ".join(asked))
        found = cursor.fetchall()
        if all(size < LARGE for _name, size in found):
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name, _size in found:
                cursor.execute(f"DELETE FROM {quoted(name)}")
            return
    call_command("flush", verbosity=0, interactive=False)


def teardown(case: Any) -> None:
    empty()
