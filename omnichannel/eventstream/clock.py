"""The clock of leases and retries: the database's, so that all workers agree (RELIABILITY rule 14)."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
