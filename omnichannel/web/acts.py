"""What may be done with chosen rows of a list (UI §7: row selection)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from .cells import grouped
from .filters import fits
from .keyset import field_of
from .tables import Table


class Act(NamedTuple):
    """A button over a list; `call` gets the chosen rows' `Table.pick` values, in the list's order.

    At most `limit` rows at once; more are refused in words before anything happens.
    """

    name: str
    label: Any
    icon: str
    permission: str
    call: Callable[[HttpRequest, list[str]], HttpResponseBase]
    limit: int


class Refused(Exception):
    """Why nothing was done, for people."""


def chosen(
    table: type[Table], rows: QuerySet, seen: QuerySet, request: HttpRequest, limit: int
) -> list[str]:
    """The rows that the form means: the ticked ones, or with `every` all that match.

    `rows` are the filtered ones, `seen` all that the person may see: a row that the filter no
    longer matches stays chosen, one outside the scope never is.

    Raises:
        Refused: none is chosen, or more than `limit`.
    """
    if request.POST.get("every"):
        values = distinct(rows, table.pick, limit)
    else:
        field = field_of(table.model, table.pick)
        asked = dict.fromkeys(request.POST.getlist("row"))
        ticked = [value for value in asked if fits(field, value)]
        known = set(distinct(seen.filter(**{f"{table.pick}__in": ticked}), table.pick, len(ticked)))
        values = [value for value in ticked if value in known]
    if not values:
        raise Refused(_("Choose at least one row first."))
    if len(values) > limit:
        raise Refused(_("At most %s rows at once; filter the list first.") % grouped(limit))
    return values


def distinct(rows: QuerySet, path: str, limit: int) -> list[str]:
    """At most `limit` + 1 values, each once."""
    found = rows.order_by(path).values_list(path, flat=True).distinct()[: limit + 1]
    return [str(value) for value in found]
