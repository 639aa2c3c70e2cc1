"""Acts under one key follow each other, so that the second finds what the first did."""

from django.db import connection


def take_key(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"transfer:{key}"])
