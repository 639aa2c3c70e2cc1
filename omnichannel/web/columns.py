"""Columns of the kit: the fields a cell needs, how it reads on screen, what CSV gets (DESIGN §7).

A column gives one Python expression of markup; `tables.compiled()` joins those of a table into
one function, so that a page of rows costs one call.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.utils.formats import date_format, number_format
from django.utils.html import escape
from django.utils.safestring import mark_safe

# SQL for CSV. ascii() is twice as fast as left() or a pattern; an empty text has code 0.
# Tab, line feed, carriage return, + - = @ and the full-width forms of the last four.
FORMULA_SAFE = (
    "CASE WHEN ascii({0}) IN (9, 10, 13, 43, 45, 61, 64, 65291, 65293, 65309, 65312)"
    " THEN '''' || {0} ELSE {0} END"
)
ISO_WITH_OFFSET = (
    "to_char({0} AT TIME ZONE {1}, 'YYYY-MM-DD\"T\"HH24:MI:SS')"
    " || to_char(extract(epoch FROM ({0} AT TIME ZONE {1}) - ({0} AT TIME ZONE 'UTC')) / 3600"
    ", 'SG00')"
    " || to_char(abs(extract(epoch FROM ({0} AT TIME ZONE {1}) - ({0} AT TIME ZONE 'UTC'))::int"
    " / 60 %% 60), '\":\"FM00')"
)

zone = lru_cache(maxsize=None)(ZoneInfo)


class Column(tables.Column):
    """One column over the ORM path `field`.

    `link` is (path prefix, field, …): the cell leads to prefix/field/…/ . `sort` is True, False,
    or the path by which to sort; `sort_when` offers the sort only while one of these filters is
    set. `css` is the cell's class; `is_text` says that CSV must be kept from reading it as a
    formula; `extra` are further paths that the cell needs.
    """

    css = ""
    is_text = True
    extra: tuple[str, ...] = ()
    csv = "{0}"

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

    def html(self, names: Mapping[str, str]) -> str:
        """The cell as a fragment of an f-string."""
        label = escape(str(self.verbose_name)).replace("{", "{{").replace("}", "}}")
        css = f' class="{self.css}"' if self.css else ""
        return f'<td role="cell" data-label="{label}"{css}>{{{self.inner(names)}}}</td>'

    def sql(self, value: str, *extra: str) -> str:
        """SQL of the CSV cell over the column's fields."""
        text = self.csv.format(value, *extra)
        return FORMULA_SAFE.format(text) if self.is_text else text


class Text(Column):
    def cell(self, value: str, *extra: str) -> str:
        return f'e({value}) if {value} else ""'


class Code(Text):
    """An identifier: monospaced, never shortened."""

    css = "code"


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
    """The key number of a row: stands fast at the right edge, and says when it is negative."""

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

    def sql(self, value: str, *extra: str) -> str:
        return ISO_WITH_OFFSET.format(value, *extra)


class Choice(Text):
    """The label of a choice; CSV gets the untranslated label."""

    def __init__(self, field: str, label: Any, *, choices: Any, **options: Any) -> None:
        self.choices = dict(choices.choices)
        super().__init__(field, label, **options)

    def cell(self, value: str, *extra: str) -> str:
        return f"e(labels[{self.field!r}].get({value}, {value}))"

    def sql(self, value: str, *extra: str) -> str:
        arms = " ".join(
            f"WHEN {literal(stored)} THEN {literal(untranslated(label))}"
            for stored, label in self.choices.items()
        )
        return f"CASE {value} {arms} ELSE {value} END"


class Status(Choice):
    """A choice shown as a dot and a word in one of five tones."""

    def __init__(
        self, field: str, label: Any, *, choices: Any, tones: Mapping[str, str], **options: Any
    ) -> None:
        self.tones = tones
        super().__init__(field, label, choices=choices, **options)

    def cell(self, value: str, *extra: str) -> str:
        return f"badge(tones[{self.field!r}].get({value}), {super().cell(value)})"


class YesNo(Column):
    is_text = False

    def cell(self, value: str, *extra: str) -> str:
        return f"yes if {value} else no"


def untranslated(label: Any) -> str:
    """The source text of a lazy translation: headers and choices of a CSV never change."""
    arguments = getattr(label, "_args", None) or getattr(label, "_proxy____args", None)
    return str(arguments[0]) if arguments else str(label)


def literal(text: str) -> str:
    """A constant of ours as SQL; % is doubled, because the statement has parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def number(value: int | None) -> str:
    """Thousands separated, a real minus, nothing muted; None is blank."""
    if value is None:
        return ""
    if not value:
        return '<span class="zero">0</span>'
    return number_format(value, use_l10n=True, force_grouping=True).replace("-", "\u2212")


def change(value: int | None) -> str:
    if not value:
        return number(value)
    tone = "pos" if value > 0 else "neg"
    return f'<span class="{tone}">{"+" if value > 0 else ""}{number(value)}</span>'


def quantity(value: int | None) -> str:
    if value is None:
        return ""
    tone = " qty-neg" if value < 0 else "" if value else " qty-zero"
    return f'<span class="qty{tone}">{number(value)}</span>'


def badge(tone: str | None, text: str) -> str:
    return (
        f'<span class="badge badge-{tone}">{text}</span>'
        if tone
        else f'<span class="badge">{text}</span>'
    )


def link(prefix: str, keys: tuple[Any, ...], shown: str) -> str:
    """The cell as a link; a row that leads nowhere (no key) shows its text alone."""
    if None in keys or "" in keys:
        return shown
    path = "/".join(str(k) if k.__class__ is int else quote(str(k), safe="") for k in keys)
    return f'<a href="{prefix}{path}/">{shown}</a>'


SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


def money(value: Decimal | None, currency: str | None) -> str:
    if value is None:
        return ""
    amount = number_format(value, decimal_pos=2, use_l10n=True, force_grouping=True)
    return f"{SYMBOLS.get(currency or '', '')}{amount}" + (
        "" if currency in SYMBOLS else f" {escape(currency or '')}"
    )


def stamp(value: datetime | None, time_zone: str | None) -> str:
    """Absolute, in the store's zone; the title has seconds and the zone (UI §7.12)."""
    if value is None:
        return ""
    local = value.astimezone(zone(time_zone or "UTC"))
    return (
        f'<time datetime="{local.isoformat()}" title="{local:%Y-%m-%d %H:%M:%S} {time_zone}">'
        f"{date_format(local, 'j M Y, H:i')}</time>"
    )


def stamp_html(value: datetime | None, time_zone: str | None) -> str:
    """`stamp` for templates."""
    return mark_safe(stamp(value, time_zone))  # noqa: S308 — made of a date and a zone name
