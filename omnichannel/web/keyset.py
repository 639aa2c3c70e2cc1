"""Order and position of a list: always a total order along an index, pages by key (PERFORMANCE 4)."""

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from .middleware import is_storable
from .tables import Table

# Far above any sort key of ours, far below what a parser of nested text would choke on.
LONGEST = 8_000
UNREADABLE = (
    ValueError,
    TypeError,
    ArithmeticError,
    RecursionError,
    ValidationError,
    binascii.Error,
)
Order = tuple[tuple[str, bool], ...]


class BadCursor(ValueError):
    """The position in the URL is none of this list."""


def ordering(table: type[Table], column: str, is_descending: bool) -> Order:
    """(path, descending) pairs: the sort, the foreign key it hangs on, the rest of the key."""
    if not column:
        return tuple((field, table.newest_first) for field in table.key)
    path = table.base_columns[column].sort_path
    hangs_on = f"{path.split('__')[0]}_id" if "__" in path else ""
    lead = [path, hangs_on] if hangs_on in table.key else [path]
    return tuple(
        (field, is_descending) for field in (*lead, *(k for k in table.key if k not in lead))
    )


def field_of(model: type[Model], path: str) -> Any:
    """The field at the end of an ORM path."""
    for part in path.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model or model
    return field


@lru_cache(maxsize=512)
def is_nullable(model: type[Model], path: str) -> bool:
    """Whether the value may be NULL, by itself or through an optional relation on the way."""
    for part in path.split("__"):
        field = model._meta.get_field(part)
        if field.null:
            return True
        model = field.related_model or model
    return False


def by(order: Order) -> list[Any]:
    return [F(path).desc() if descending else F(path).asc() for path, descending in order]


def reverse(order: Order) -> Order:
    return tuple((path, not descending) for path, descending in order)


def after(model: type[Model], order: Order, values: Sequence[Any]) -> list[Q]:
    """The rows that come after `values`: one row comparison, or disjoint pieces for NULLs.

    The pieces stand in the order of the list, each an index range.
    """
    nullable = {path for path, _ in order if is_nullable(model, path)}
    if not nullable and len({descending for _, descending in order}) == 1:
        lookup = TupleLessThan if order[0][1] else TupleGreaterThan
        # A row comparison over two tables is no index condition; this bound is.
        lead = {f"{order[0][0]}__{'lte' if order[0][1] else 'gte'}": values[0]}
        return [Q(lookup(Tuple(*(F(path) for path, _ in order)), tuple(values))) & Q(**lead)]
    pieces: list[Q] = []
    same = Q()
    for (path, descending), value in zip(order, values, strict=True):
        # PostgreSQL sorts NULL as the largest value.
        if value is None:
            here = [Q(**{f"{path}__isnull": False})] if descending else []
        else:
            here = [Q(**{f"{path}__{'lt' if descending else 'gt'}": value})]
            if not descending and path in nullable:
                here.append(Q(**{f"{path}__isnull": True}))
        pieces = [same & piece for piece in here] + pieces
        same &= Q(**({f"{path}__isnull": True} if value is None else {path: value}))
    return pieces


def pack(order: Order, values: Sequence[Any]) -> str:
    """A position as text; it names its order, for under another one it would mean nothing."""
    # Letters stand as they are: escaped, a name of the longest would be longer than LONGEST.
    found = [signature(order), *values]
    text = json.dumps(found, default=str, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@lru_cache(maxsize=512)
def signature(order: Order) -> int:
    """A short number that tells one order from another."""
    return zlib.crc32(repr(order).encode())


def unpack(model: type[Model], order: Order, token: str) -> list[Any]:
    """The values of a position.

    Raises:
        BadCursor: anything that `pack` did not write for this order.
    """
    if len(token) > LONGEST:
        raise BadCursor(token)
    try:
        packed = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not isinstance(packed, list) or packed[:1] != [signature(order)]:
            raise BadCursor(token)
        values = packed[1:]
        if len(values) != len(order):
            raise BadCursor(token)
        return [clean(model, path, value) for (path, _), value in zip(order, values, strict=True)]
    except UNREADABLE as error:
        raise BadCursor(token) from error


def clean(model: type[Model], path: str, value: Any) -> Any:
    if isinstance(value, dict | list | bool):
        raise BadCursor(path)
    if value is None:
        if not is_nullable(model, path):
            raise BadCursor(path)
        return None
    field = field_of(model, path)
    field = field.target_field if field.is_relation else field
    value = field.to_python(value)
    # The bounds of the column's type are among its validators, so no number overflows there.
    field.run_validators(value)
    if isinstance(value, str) and not is_storable(value):
        raise BadCursor(path)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise BadCursor(path)
    return value


@lru_cache(maxsize=1024)
def display_sql(
    table: type[Table], fetch: tuple[str, ...], order: Order
) -> tuple[str, tuple[Any, ...], str, tuple[Any, ...]]:
    """SELECT every shown field FROM (…) JOIN what it needs: keys first, join last.

    The hole between the two texts takes the filtered, limited subquery of the list; the
    parameters are those of both texts, in order.
    """
    model = table.model
    base = f'FROM "{model._meta.db_table}"'
    rows: QuerySet = table.annotate(model._base_manager.all())
    sql, params = rows.order_by(*by(order)).values_list(*fetch).query.sql_with_params()
    if sql.count(f"{base} ") != 1:
        raise FieldDoesNotExist(f"{table.__name__} joins its own table; give it its own source.")
    head, tail = sql.split(base, 1)
    split = head.count("%s")
    return (
        f"{head}FROM (",
        tuple(params[:split]),
        f') AS "{model._meta.db_table}"{tail}',
        tuple(params[split:]),
    )
