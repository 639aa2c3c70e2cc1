"""Columns of the kit: the fields a cell needs, how it reads on screen, what CSV gets (DESIGN §7).

A column gives one Python expression of markup; `tables.compiled()` joins those of a table into
one function, so that a page of rows costs one call.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import django_tables2 as tables
from django.utils.translation import override

# SQL for CSV. ascii() is twice as fast as left() or a pattern; an empty text has code 0.
# Tab, line feed, carriage return, + - = @ and the full-width forms of the last four.
FORMULA_SAFE = (
    "CASE WHEN ascii({0}) IN (9, 10, 13, 43, 45, 61, 64, 65291, 65293, 65309, 65312)"
    " THEN '''' || {0} ELSE {0} END"
)
# The offset is the distance of the two wall clocks; zones of 30 and 45 minutes exist.
LOCAL, OFFSET = "({0} AT TIME ZONE {1})", "({0} AT TIME ZONE {1} - {0} AT TIME ZONE 'UTC')"
ISO_WITH_OFFSET = (
    f"to_char({LOCAL}, 'YYYY-MM-DD\"T\"HH24:MI:SS')"
    f" || CASE WHEN {OFFSET} < interval '0' THEN '-' ELSE '+' END"
    f" || to_char(greatest({OFFSET}, -{OFFSET}), 'HH24:MI')"
)


class Column(tables.Column):
    """One column over the ORM path `field`: its value, its sort and its CSV cell.

    Args:
        link: (path prefix, field, …); the cell leads to prefix/field/…/ .
        sort: True, False, or the path by which to sort.
        sort_when: filters of which one must be set before the sort is offered.
        css: class of the cell.
        wide: left out on a phone.

    `is_text` says that CSV must keep a spreadsheet from reading the cell as a formula; `extra`
    are further paths that the cell needs.
    """

    css = ""
    is_text = True
    extra: tuple[str, ...] = ()

    def __init__(
        self,
        field: str,
        label: Any,
        *,
        link: Sequence[str] = (),
        sort: bool | str = True,
        sort_when: Sequence[str] = (),
        css: str = "",
        wide: bool = False,
    ) -> None:
        self.field = field
        self.link = tuple(link)
        self.sort_path = field if sort is True else sort or ""
        self.sort_when = tuple(sort_when)
        self.css = " ".join(filter(None, (self.css, css, "c-min" if wide else "")))
        super().__init__(accessor=field, verbose_name=label, orderable=bool(sort))

    def fields(self) -> tuple[str, ...]:
        return (self.field, *self.extra, *self.link[1:])

    def cell(self, value: str, *extra: str) -> str:
        """An expression of markup; `value` and `extra` are names of variables, not values."""
        return f"e({value})"

    def inner(self, names: Mapping[str, str]) -> str:
        shown = self.cell(*(names[field] for field in (self.field, *self.extra)))
        if not self.link:
            return shown
        prefix, *arguments = self.link
        keys = ", ".join(names[argument] for argument in arguments)
        return f"link({prefix!r}, ({keys},), {shown})"

    def html(self, names: Mapping[str, str], before: str = "") -> str:
        """The cell as a fragment of an f-string; `before` is another one."""
        label = escape(str(self.verbose_name)).replace("{", "{{").replace("}", "}}")
        css = f' class="{self.css}"' if self.css else ""
        return f'<td role="cell" data-label="{label}"{css}>{before}{{{self.inner(names)}}}</td>'

    def plain(self, value: str, *extra: str) -> str:
        """SQL of the value as CSV writes it."""
        return value

    def sql(self, value: str, *extra: str) -> str:
        """SQL of the CSV cell over the column's fields."""
        text = self.plain(value, *extra)
        return FORMULA_SAFE.format(text) if self.is_text else text


class Text(Column):
    def cell(self, value: str, *extra: str) -> str:
        return f'e({value}) if {value} else ""'


class Code(Text):
    """An identifier: monospaced, never shortened."""

    css = "code"


class Color(Text):
    """A colour's name; the usual ones with a dot of that colour."""

    def cell(self, value: str, *extra: str) -> str:
        return f"swatch({value})"


class Number(Column):
    css = "num"
    is_text = False

    def cell(self, value: str, *extra: str) -> str:
        return f"n({value})"


class Change(Number):
    """A signed number that says its sign."""

    def cell(self, value: str, *extra: str) -> str:
        return f"change({value})"


class Quantity(Number):
    """The key number of a row: stands fast at the edge, and says when it is low or negative."""

    css = "num c-qty"

    def cell(self, value: str, *extra: str) -> str:
        return f"quantity({value})"


class Money(Number):
    """An amount with its currency, which is another field of the row; no price is blank."""

    def __init__(self, field: str, label: Any, *, currency: str, **options: Any) -> None:
        self.extra = (currency,)
        super().__init__(field, label, **options)

    def cell(self, value: str, *extra: str) -> str:
        return f"money({value}, {extra[0]})"


class Stamp(Column):
    """A moment in the zone of the row's store; CSV gets ISO 8601 with offset (PRODUCT §3)."""

    css = "stamp"
    is_text = False

    def __init__(self, field: str, label: Any, *, zone: str, **options: Any) -> None:
        self.extra = (zone,)
        super().__init__(field, label, **options)

    def cell(self, value: str, *extra: str) -> str:
        return f"stamp({value}, {extra[0]})"

    def plain(self, value: str, *extra: str) -> str:
        return ISO_WITH_OFFSET.format(value, *extra)


class Due(Column):
    """A calendar day of the row's store; `late` is the path of the days since then.

    CSV gets the day alone, as ISO 8601.
    """

    css = "stamp"
    is_text = False

    def __init__(self, field: str, label: Any, *, late: str, **options: Any) -> None:
        self.extra = (late,)
        super().__init__(field, label, **options)

    def cell(self, value: str, *extra: str) -> str:
        return f"due({value}, {extra[0]})"


class Codes(Code):
    """Several identifiers, as an array holds them."""

    def cell(self, value: str, *extra: str) -> str:
        return f'e(", ".join({value}))'

    def plain(self, value: str, *extra: str) -> str:
        return f"array_to_string({value}, ', ')"


class Choice(Text):
    """The label of a choice; CSV gets the untranslated label."""

    def __init__(self, field: str, label: Any, *, choices: Any, **options: Any) -> None:
        self.choices = dict(choices.choices)
        super().__init__(field, label, **options)

    def cell(self, value: str, *extra: str) -> str:
        return f'e(labels[{self.field!r}].get({value}, {value})) if {value} else ""'

    def plain(self, value: str, *extra: str) -> str:
        arms = " ".join(
            f"WHEN {literal(stored)} THEN {literal(untranslated(label))}"
            for stored, label in self.choices.items()
        )
        return f"(CASE {value} {arms} ELSE {value} END)"


class Status(Choice):
    """A choice shown as a dot and a word in one of five tones."""

    def __init__(
        self, field: str, label: Any, *, choices: Any, tones: Mapping[str, str], **options: Any
    ) -> None:
        self.tones = tones
        super().__init__(field, label, choices=choices, **options)

    def cell(self, value: str, *extra: str) -> str:
        shown = f"badge(tones[{self.field!r}].get({value}), e(labels[{self.field!r}].get({value}, {value})))"
        return f'{shown} if {value} else ""'


class YesNo(Column):
    is_text = False

    def cell(self, value: str, *extra: str) -> str:
        return f"yes if {value} else no"

    def plain(self, value: str, *extra: str) -> str:
        return f"(CASE WHEN {value} THEN 'Yes' ELSE 'No' END)"


def untranslated(label: Any) -> str:
    """The source text of a lazy translation: headers and choices of a CSV never change."""
    with override(None):
        return str(label)


def literal(text: str) -> str:
    """A constant of ours as SQL; % is doubled, because the statement has parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"
