"""After a load: statistics for the planner, so that the first page is as fast as the next."""

from django.db import connection

from .progress import Progress
from .resetting import doomed_models


def tune(progress: Progress) -> None:
    """VACUUM ANALYZE the loaded tables; outside any transaction, in seconds.

    Autovacuum would come by minutes later, in the middle of somebody's first look around.
    """
    if connection.in_atomic_block:
        return
    tables = [model._meta.db_table for model in doomed_models()]
    names = ", ".join(connection.ops.quote_name(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {names}")
    progress.done("statistics", len(tables))
