"""SQL of the kit that Django has no words for."""

import re
from typing import Any

from django.db.models import CharField, DateField, F, Func, IntegerField, Lookup, TextField, Value
from django.db.models.functions import Coalesce, Now


@CharField.register_lookup
@TextField.register_lookup
class ILike(Lookup):
    """ILIKE with the text taken literally: unlike icontains, served by a trigram index."""

    lookup_name = "ilike"

    def get_prep_lookup(self) -> str:
        return "%" + re.sub(r"([\\%_])", r"\\\1", str(self.rhs)) + "%"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", [*left_params, *right_params]


class LocalDay(Func):
    """The calendar day on the wall of the row's store."""

    function, template, output_field = (
        "timezone",
        "%(function)s(%(expressions)s)::date",
        DateField(),
    )


def days_overdue(zone: str, day: str, since: str, patience: int) -> Func:
    """Whole days by which the calendar of the row's store is past its due day; below 0 before it.

    Args:
        zone: path of the store's time zone.
        day: path of the due day, if the row has one.
        since: path of the moment from which a row without one has `patience` days.
    """
    usual = Func(
        LocalDay(F(zone), F(since)),
        Value(patience),
        template="(%(expressions)s)",
        arg_joiner=" + ",
        output_field=DateField(),
    )
    return Func(
        LocalDay(F(zone), Now()),
        Coalesce(F(day), usual),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
