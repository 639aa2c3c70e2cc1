"""Filters of the kit: a pill on the page, words for people, one plain condition in SQL.

A value that makes no sense is never an error: `FilterSet.apply` leaves it out and says so.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from typing import Any, Self

import django_filters
from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection
from django.db.models import (
    BigAutoField,
    BigIntegerField,
    F,
    Field,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Value,
)
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.fields import RangeField
from django_filters.widgets import DateRangeWidget, RangeWidget

from omnichannel.arrays import IsAny
from omnichannel.sorting import sort_key

from . import cells
from .listing import POSITION_WORDS
from .lookups import LocalDay

# What a list's address means by itself; no filter may be called so.
RESERVED = frozenset({"sort", "rows", "cols", "match", "density", "view", "of", *POSITION_WORDS})
SHOWN_VALUES = 2
# So many ids go as one array; a search that finds more joins instead.
MOST_IDS = 1_000
# So many values fit a panel of boxes; above it a text is asked for.
MOST_OPTIONS = 100
MOST_CHOSEN = 500
BIGGEST = 2**31 - 1
LONGEST_DAY = len("2026-10-31")
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

Groups = list[tuple[str, list[tuple[str, str, bool]]]]


def any_of(fields: Iterable[str], lookup: str, value: str, through: str = "") -> Q:
    prefix = f"{through}__" if through else ""
    return reduce(operator.or_, (Q(**{f"{prefix}{f}__{lookup}": value}) for f in fields))


def listed(values: Sequence[str]) -> str:
    """The first ones by name, the rest by number."""
    more = len(values) - SHOWN_VALUES
    return ", ".join(values[:SHOWN_VALUES]) + (f" +{more}" if more > 0 else "")


class Twin:
    """A filter of which each request has its own; copied as deep as it changes, and no deeper."""

    extra: dict[str, Any]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy(self)
        twin.extra = dict(self.extra)
        return twin


# -------------------------------------------------------------------------------- free text
class Search(Twin, django_filters.CharFilter):
    """Free text, decided on the small table `through` and handed over as its ids.

    A text that is exactly one of the `exact` fields finds those rows alone: a scanned code
    means that product and no other. `match=any` in the address takes that back.
    """

    kind = "search"
    found_exactly = False
    # One more than an array holds: then the text is looked for in `fields`, which hold it too.
    most_exact = MOST_IDS + 1

    def __init__(
        self, *, through: str, fields: Sequence[str], exact: Sequence[str] = (), label: Any
    ) -> None:
        self.through, self.fields, self.exact = through, fields, exact
        super().__init__(label=label)
        self.extra["max_length"] = 200

    def filter(self, rows: QuerySet, text: str) -> QuerySet:
        model = rows.model
        if self.through:
            model = model._meta.get_field(self.through).related_model
        ids = self.ids(model, text)
        if len(ids) > MOST_IDS:
            return rows.filter(any_of(self.fields, "ilike", text, self.through))
        of = BigIntegerField() if isinstance(model._meta.pk, BigAutoField) else IntegerField()
        values = Value(ids, output_field=ArrayField(of))
        return rows.filter(IsAny(F(f"{self.through}_id" if self.through else "pk"), values))

    def ids(self, model: type[Model], text: str) -> list[int]:
        """At most MOST_IDS + 1 keys of the small table."""
        ways = self.ways(model, text) if self.parent.data.get("match") != "any" else ()
        if ways:
            ids = [pk for (pk,) in ways[0].union(*ways[1:])[: self.most_exact]]
            self.found_exactly = bool(ids)
            if ids:
                return ids
        found = model._base_manager.order_by().filter(any_of(self.fields, "ilike", text))
        return list(found.values_list("pk", flat=True)[: MOST_IDS + 1])

    def ways(self, model: type[Model], text: str) -> Sequence[QuerySet]:
        """One query for each way to be meant exactly, along its own index; an OR would have none."""
        rows = model._base_manager.order_by()
        return [rows.filter(**{field: text}).values_list("pk") for field in self.exact]

    def words(self, text: str) -> str:
        return f"“{text}”"


class SplitWords(forms.CharField):
    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        words = dict.fromkeys(part.strip() for part in text.split(","))
        return [word for word in words if word]


class Words(Twin, django_filters.CharFilter):
    """One or several exact values, separated by commas."""

    kind = "text"
    field_class = SplitWords

    def __init__(self, *, field_name: str, label: Any, hint: Any = "") -> None:
        self.hint = hint
        super().__init__(field_name=field_name, label=label)
        self.extra["max_length"] = 500

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": values})

    def words(self, values: list[str]) -> str:
        return listed(values)


class AnyOf(Words):
    """The same of a column that holds several values: rows that have any of these."""

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__overlap": values})


# -------------------------------------------------------------------------------- boxes
class KnownRows(forms.ModelMultipleChoiceField):
    """Rows named by a code in the address, out of those that the asking user may see.

    `unknown` are the codes that name none of them; the rest still counts.
    """

    unknown: Sequence[str] = ()

    def clean(self, value: Any) -> Any:
        assert self.queryset is not None
        name = self.to_field_name or "pk"
        asked = list(dict.fromkeys(value or ()))[:MOST_CHOSEN]
        field = self.queryset.model._meta.get_field(name)
        found = self.queryset.filter(**{f"{name}__in": [v for v in asked if fits(field, v)]})
        rows = {str(getattr(row, name)): row for row in found} if asked else {}
        self.unknown = [code for code in asked if code not in rows]
        return list(rows.values())


def fits(field: Field, text: str) -> bool:
    try:
        field.to_python(text)
    except ValidationError:
        return False
    return True


class OneOf(Twin, django_filters.ModelMultipleChoiceFilter):
    """One IN over a foreign key: no DISTINCT and no OR, which django-filter's own adds both.

    `queryset` is a function of the request. `code` names the attribute that stands in the
    address, `text` the one that is shown, `group` the one that options are grouped by.
    """

    kind = "options"
    field_class = KnownRows

    def __init__(
        self,
        *,
        queryset: Callable[[HttpRequest], QuerySet],
        field_name: str,
        label: Any,
        code: str = "code",
        text: str = "name",
        group: str = "",
    ) -> None:
        super().__init__(
            queryset=queryset,
            field_name=field_name,
            label=label,
            to_field_name=code,
            distinct=False,
        )
        self.code, self.text, self.group = code, text, group

    def filter(self, rows: QuerySet, values: list[Model]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": [value.pk for value in values]})

    def words(self, values: Iterable[Model]) -> str:
        return listed([str(getattr(value, self.text)) for value in values])

    def options(self, chosen: set[str]) -> Groups:
        """[(group, [(code, text, chosen)])] in the order of the query."""
        groups: Groups = []
        for row in self.field.queryset:
            code, text = str(getattr(row, self.code)), str(getattr(row, self.text))
            group = str(getattr(row, self.group)) if self.group else ""
            if not groups or groups[-1][0] != group:
                groups.append((group, []))
            groups[-1][1].append((code, text, code in chosen))
        return sorted(groups, key=lambda group: sort_key(group[0]))


class KnownChoices(forms.MultipleChoiceField):
    """`unknown` are the values that are no choice; the rest still counts."""

    unknown: Sequence[str] = ()

    def clean(self, value: Any) -> list[str]:
        asked = list(dict.fromkeys(value or ()))
        self.unknown = [text for text in asked if not self.valid_value(text)]
        return [text for text in asked if text not in self.unknown]


class Choices(Twin, django_filters.MultipleChoiceFilter):
    """One IN over a field with choices."""

    kind = "options"
    field_class = KnownChoices

    def __init__(self, *, field_name: str, label: Any, choices: Any) -> None:
        self.pairs = list(getattr(choices, "choices", choices))
        super().__init__(field_name=field_name, label=label, choices=self.pairs, distinct=False)

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": values})

    def words(self, values: Iterable[str]) -> str:
        labels = {str(value): str(label) for value, label in self.pairs}
        return listed([labels[value] for value in values])

    def options(self, chosen: set[str]) -> Groups:
        pairs = [(str(value), str(label)) for value, label in self.pairs]
        return [("", [(value, label, value in chosen) for value, label in pairs])]


class Conditions(Choices):
    """Named conditions, any of which may hold: {name: (label, Q)}."""

    def __init__(self, *, label: Any, conditions: dict[str, tuple[Any, Q]]) -> None:
        self.conditions = conditions
        pairs = [(name, text) for name, (text, _q) in conditions.items()]
        super().__init__(field_name="", label=label, choices=pairs)

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return rows.filter(reduce(operator.or_, (self.conditions[value][1] for value in values)))


class AnyTexts(forms.Field):
    """Several texts as the boxes send them; whether rows have them is for the rows to say."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[str]:
        asked = dict.fromkeys(text.strip()[:MOST_CHOSEN] for text in value or ())
        return [text for text in asked if text][:MOST_CHOSEN]


# Each next value is one probe of the index, however many rows have it.
SKIP_SCAN = """
WITH RECURSIVE found AS (
  (SELECT {0} AS value FROM {1} WHERE {0} > '' ORDER BY {0} LIMIT 1)
  UNION ALL
  SELECT (SELECT {0} FROM {1} WHERE {0} > found.value ORDER BY {0} LIMIT 1)
    FROM found WHERE found.value IS NOT NULL)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""


class Values(Twin, django_filters.Filter):
    """One IN over a text column, offered as boxes of the values that rows have.

    `source` is the column, which an index must begin with. Where there are more than fit a
    panel, a text is asked for instead.
    """

    kind = "options"
    field_class = AnyTexts

    def __init__(self, *, field_name: str, source: Callable[[], Field], label: Any) -> None:
        self.source = source
        super().__init__(field_name=field_name, label=label)

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": values})

    def words(self, values: list[str]) -> str:
        return listed(values)

    def options(self, chosen: set[str]) -> Groups | None:
        """None: more than fit."""
        column = self.source()
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                SKIP_SCAN.format(quote(str(column.column)), quote(column.model._meta.db_table)),
                [MOST_OPTIONS + 1],
            )
            values = [value for (value,) in cursor.fetchall()]
        if len(values) > MOST_OPTIONS:
            return None
        values = sorted({*values, *chosen}, key=by_size)
        return [("", [(value, value, value in chosen) for value in values])]


SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")


def by_size(text: str) -> tuple[int, float, str]:
    """Clothing sizes in their own order, then numbers, then words."""
    if text in SIZES:
        return 0, SIZES.index(text), text
    return (1, float(text), text) if text.isdecimal() else (2, 0, text.casefold())


# -------------------------------------------------------------------------------- ranges
class Days(RangeField):
    widget = DateRangeWidget

    def __init__(self, fields: Any = None, *args: Any, **options: Any) -> None:
        bounds = [
            MinValueValidator(FIRST_DAY, gettext_lazy("There is no such day here.")),
            MaxValueValidator(LAST_DAY, gettext_lazy("There is no such day here.")),
        ]
        days = (forms.DateField(validators=bounds), forms.DateField(validators=bounds))
        super().__init__(days, *args, **options)


class DateRange(Twin, django_filters.Filter):
    """From one day to another, both included, each row by the clock of its own store.

    The address says `name_after` and `name_before`.
    """

    kind = "dates"
    field_class = Days

    def __init__(self, *, field_name: str, zone: str, label: Any) -> None:
        self.zone = zone
        super().__init__(field_name=field_name, label=label)

    def filter(self, rows: QuerySet, value: slice) -> QuerySet:
        day = f"{self.field_name}_day"
        rows = rows.alias(**{day: LocalDay(F(self.zone), F(self.field_name))})
        # The bound on the moment itself is what an index can use: no zone is a day away.
        if value.start:
            rows = rows.filter(
                **{f"{self.field_name}__gte": midnight(value.start - timedelta(days=1))},
                **{f"{day}__gte": value.start},
            )
        if value.stop:
            rows = rows.filter(
                **{f"{self.field_name}__lt": midnight(value.stop + timedelta(days=2))},
                **{f"{day}__lte": value.stop},
            )
        return rows

    def words(self, value: slice) -> str:
        first, last = (day and day_words(day) for day in (value.start, value.stop))
        if first and last:
            return first if first == last else f"{first} – {last}"
        return _("since %s") % first if first else _("until %s") % last


class DayRange(DateRange):
    """The same of a column that holds days, not moments."""

    def __init__(self, *, field_name: str, label: Any) -> None:
        super().__init__(field_name=field_name, zone="", label=label)

    def filter(self, rows: QuerySet, value: slice) -> QuerySet:
        if value.start:
            rows = rows.filter(**{f"{self.field_name}__gte": value.start})
        if value.stop:
            rows = rows.filter(**{f"{self.field_name}__lte": value.stop})
        return rows


def day_words(day: date) -> str:
    """As the rows of a list show it."""
    return cells.day(day)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class WallClock(forms.CharField):
    """A day with a time, without a zone; a day alone is its end."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(_("Give a day and a time, as 2026-10-31T18:00.")) from error
        if moment.tzinfo is not None:
            raise ValidationError(
                _("The time is that of each store's own clock: leave its zone out.")
            )
        if not FIRST_DAY <= moment.date() <= LAST_DAY:
            raise ValidationError(_("Give a year from 1900 to 2199."))
        return moment + timedelta(days=1) if len(text) <= LONGEST_DAY else moment


class LocalMoment(Twin, django_filters.Filter):
    """A moment on the clock of each row's store; what it means is the page's own business."""

    kind = "moment"
    field_class = WallClock

    def __init__(self, *, label: Any) -> None:
        super().__init__(label=label)
        self.extra["max_length"] = 32

    def filter(self, rows: QuerySet, value: datetime) -> QuerySet:
        return rows

    def words(self, value: datetime) -> str:
        return f"{cells.day(value)}, {value:%H:%M}"


class Integers(RangeField):
    widget = RangeWidget

    def __init__(self, fields: Any = None, *args: Any, **options: Any) -> None:
        ends = [forms.IntegerField(min_value=-BIGGEST, max_value=BIGGEST) for _end in range(2)]
        super().__init__(tuple(ends), *args, **options)


class NumberRange(Twin, django_filters.Filter):
    """At least, at most, or both: `name_min` and `name_max` in the address."""

    kind = "numbers"
    field_class = Integers

    def __init__(self, *, field_name: str, label: Any) -> None:
        super().__init__(field_name=field_name, label=label)

    def filter(self, rows: QuerySet, value: slice) -> QuerySet:
        if value.start is not None:
            rows = rows.filter(**{f"{self.field_name}__gte": value.start})
        if value.stop is not None:
            rows = rows.filter(**{f"{self.field_name}__lte": value.stop})
        return rows

    def words(self, value: slice) -> str:
        if value.start is not None and value.stop is not None:
            if value.start == value.stop:
                return str(value.start)
            return f"{value.start} – {value.stop}"
        return f"≥ {value.start}" if value.start is not None else f"≤ {value.stop}"


# -------------------------------------------------------------------------------- the set
class FilterSet(django_filters.FilterSet):
    """What may be asked of a list."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # `base_filters` is set by the metaclass only after this.
        if taken := RESERVED & set(cls.declared_filters):
            raise TypeError(f"{cls.__name__}: {', '.join(taken)} is a word of the kit's own.")

    def words_of(self, name: str) -> list[str]:
        """The names that a filter has in an address: one, or two for a range."""
        # Of the class, for a field of its own costs as much as a query.
        suffixes = getattr(self.filters[name].field_class.widget, "suffixes", None)
        return [f"{name}_{suffix}" for suffix in suffixes] if suffixes else [name]

    def parameters(self) -> set[str]:
        return {word for name in self.filters for word in self.words_of(name)}

    def apply(self, rows: QuerySet) -> tuple[QuerySet, dict[str, Any], list[str]]:
        """The filtered rows, the values that were understood, and notices about the rest."""
        if self.parameters().isdisjoint(self.data):
            return rows, {}, []
        self.form.is_valid()
        cleaned = self.form.cleaned_data
        active = {
            name: cleaned[name]
            for name in self.filters
            if name in cleaned and not is_empty(cleaned[name])
        }
        for name, value in active.items():
            rows = self.filters[name].filter(rows, value)
        return rows, active, list(self.notices())

    def notices(self) -> Iterable[str]:
        for name, errors in self.form.errors.items():
            if name in self.filters:
                yield _("%(filter)s: %(error)s This filter is ignored.") % {
                    "filter": self.filters[name].label,
                    "error": errors[0],
                }
        for name, field in self.form.fields.items():
            if unknown := getattr(field, "unknown", ()):
                yield _("%(filter)s: %(values)s is not among the choices and is ignored.") % {
                    "filter": self.filters[name].label,
                    "values": ", ".join(f"“{text[:40]}”" for text in unknown[:3]),
                }


def is_empty(value: Any) -> bool:
    if isinstance(value, slice):
        return value.start is None and value.stop is None
    return value is None or value in ("", [], ())
