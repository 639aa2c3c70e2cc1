"""SQL of the kit that Django has no words for."""

import re
from typing import Any

from django.db.models import CharField, DateField, Func, Lookup, TextField


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
