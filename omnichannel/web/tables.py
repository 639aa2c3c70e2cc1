"""A table of the kit: columns, a unique key, and one generated function that renders rows."""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from html import escape
from typing import TYPE_CHECKING, Any

import django_tables2
from django.db.models import Model, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tables2.utils import Sequence

from . import cells, columns

if TYPE_CHECKING:
    from .source import Source

Row = tuple[Any, ...]
# The box by which a row is chosen; part of an f-string over the row's fields.
PICK = (
    '<input class="pick" type="checkbox" name="row" value="{{e({value})}}" form="selection"'
    ' aria-label="{{choose}} {{e({name})}}">'
)


class Table(django_tables2.Table):
    """What a list shows. `key` makes a row unique, in the order of an index of the table.

    Columns stand in the order of `Meta.sequence`. `annotate()` adds what is no field of the model,
    for page and export alike.
    """

    model: type[Model]
    key: tuple[str, ...] = ("id",)
    source: "type[Source] | None" = None
    newest_first = False
    # The path whose value stands for a chosen row; without one no row can be chosen.
    pick = ""
    # The path that names a chosen row to who hears it; the first column's where none is given.
    pick_label = ""

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
    table: type[Table], visible: tuple[str, ...], language: str | None, pick: str = ""
) -> tuple[tuple[str, ...], Callable[[Iterable[Row]], str]]:
    """The fields to fetch and a function rows → markup, generated once like a dataclass."""
    shown = [table.base_columns[name] for name in visible]
    needed = [field for column in shown for field in column.fields()]
    label = table.pick_label or shown[0].field
    fields = tuple(dict.fromkeys([*needed, pick, label] if pick else needed))
    names = {field: f"v{index}" for index, field in enumerate(fields)}
    # By itself: what stands inside an f-string is in no catalogue.
    no = escape(_("No"))
    box = PICK.format(value=names[pick], name=names[label]) if pick else ""
    cells_of = [shown[0].html(names, box), *(column.html(names) for column in shown[1:])]
    body = '<tr role="row">' + "".join(cells_of) + "</tr>"
    namespace: dict[str, Any] = {
        "e": lambda value: escape(str(value)),
        "n": partial(cells.number, language=language),
        "swatch": cells.swatch,
        "change": partial(cells.change, language=language),
        "quantity": partial(cells.quantity, language=language),
        "badge": cells.badge,
        "link": cells.link,
        "money": partial(cells.money, language=language),
        "stamp": partial(cells.stamp, language=language),
        "due": partial(cells.due, language=language),
        "choose": escape(_("Choose")),
        "yes": escape(_("Yes")),
        "no": f'<span class="zero">{no}</span>',
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


def render(
    table: type[Table], visible: tuple[str, ...], pick: str = ""
) -> tuple[tuple[str, ...], Callable]:
    return compiled(table, visible, get_language(), pick)  # type: ignore[arg-type]
