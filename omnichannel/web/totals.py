"""Facts about the filtered set, each leading to the rows that it counts (UI §7.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from .listing import COUNT_TIMEOUT


class Total(NamedTuple):
    """An aggregate over the rows; a click on it sets the filters `adds`."""

    label: Any
    aggregate: Any
    adds: Mapping[str, str] = {}


def sum_up(rows: QuerySet, totals: Sequence[Total]) -> list[int] | None:
    """The values in one query; None where it takes too long."""
    if not totals:
        return []
    named = {f"total_{number}": total.aggregate for number, total in enumerate(totals)}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{COUNT_TIMEOUT}'")
            values = rows.order_by().aggregate(**named)
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        return None
    return [values[name] or 0 for name in named]
