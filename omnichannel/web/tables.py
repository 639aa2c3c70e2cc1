"""A table of the kit: columns, a unique key, and one generated function that renders rows."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from typing import Any

import django_tables2
from django.db.models import Model, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tables2.utils import Sequence

from . import cells, columns

Row = tuple[Any, ...]


class Table(django_tables2.Table):
    """What a list shows. `key` makes a row unique, in the order of an index of the table.

    Columns stand in the order of `Meta.sequence`. `annotate()` adds what is no field of the model,
    for page and export alike.
    """

    model: type[Model]
    key: tuple[str, ...] = ("id",)
    newest_first = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in vars(cls):
            # Rows render from tuples: what django-tables2 would call per cell never runs.
            if name.startswith(("render_", "value_", "order_")):
                raise TypeError(f"{cls.__name__}.{name} is dead: give the column a cell() instead.")
        if sequence := cls._meta.sequence:
            # The library orders the columns of an instance; ours are read from the class.
            order = Sequence(sequence)
            order.expand(cls.base_columns.keys())
            cls.base_columns = {name: cls.base_columns[name] for name in order}

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        return rows


@lru_cache(maxsize=512)
def compiled(
    table: type[Table], visible: tuple[str, ...], language: str | None
) -> tuple[tuple[str, ...], Callable[[Iterable[Row]], str]]:
    """The fields to fetch and a function rows → markup, generated once like a dataclass."""
    shown = [table.base_columns[name] for name in visible]
    fields = tuple(dict.fromkeys(field for column in shown for field in column.fields()))
    names = {field: f"v{index}" for index, field in enumerate(fields)}
    body = '<tr role="row">' + "".join(column.html(names) for column in shown) + "</tr>"
    namespace: dict[str, Any] = {
        "e": lambda value: escape(str(value)),
        "n": cells.number,
        "swatch": cells.swatch,
        "change": cells.change,
        "quantity": cells.quantity,
        "badge": cells.badge,
        "link": cells.link,
        "money": cells.money,
        "stamp": cells.stamp,
        "yes": escape(_("Yes")),
        "no": f'<span class="zero">{escape(_("No"))}</span>',
        "labels": {
            c.field: {k: str(v) for k, v in c.choices.items()}
            for c in shown
            if isinstance(c, columns.Choice)
        },
        "tones": {c.field: c.tones for c in shown if isinstance(c, columns.Status)},
    }
    # The source is put together from declarations of ours; values of rows arrive as arguments.
    exec(  # noqa: S102
        f"def rows(data):\n return ''.join([f'''{body}''' for ({','.join(names.values())},*_) in data])",
        namespace,
    )
    return fields, namespace["rows"]


def render(table: type[Table], visible: tuple[str, ...]) -> tuple[tuple[str, ...], Callable]:
    return compiled(table, visible, get_language())  # type: ignore[arg-type]
