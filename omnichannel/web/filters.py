"""Filters of the kit: a pill on the page, words for people, one plain condition in SQL."""

import operator
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import reduce
from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    F,
    Func,
    IntegerField,
    Lookup,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

RESERVED = frozenset({"sort", "after", "before", "at", "rows", "cols", "export", "count", "from"})
SHOWN_VALUES = 2
# So many ids go as one array; a search that finds more joins instead.
MOST_IDS = 1_000


@CharField.register_lookup
@TextField.register_lookup
class ILike(Lookup):
    """ILIKE with the text taken literally: unlike icontains, served by a trigram index."""

    lookup_name = "ilike"

    def get_prep_lookup(self) -> str:
        return "%" + re.sub(r"([\\%_])", r"\\\1", str(self.rhs)) + "%"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", [*left_params, *right_params]


class IsAny(Func):
    """`id = ANY(array)`: one parameter, and the planner knows how many."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", BooleanField()
    conditional = True


class LocalDay(Func):
    """The calendar day on the wall of the row's store."""

    function, template, output_field = (
        "timezone",
        "%(function)s(%(expressions)s)::date",
        DateField(),
    )


class Search(django_filters.CharFilter):
    """Free text, decided on the small table `through` and handed over as its ids.

    A text that is exactly one of the `exact` fields finds those rows alone: a scanned code
    means that product and no other.
    """

    kind = "search"

    def __init__(
        self, *, through: str, fields: Sequence[str], exact: Sequence[str] = (), label: Any
    ) -> None:
        self.through, self.fields, self.exact = through, fields, exact
        super().__init__(label=label)
        self.extra["max_length"] = 200

    def filter(self, rows: QuerySet, text: str) -> QuerySet:
        text = (text or "").strip()
        if not text:
            return rows
        model = self.related_model(rows.model)
        ids = self.exact_ids(model, text) or self.matching_ids(model, text)
        path = f"{self.through}_id" if self.through else "pk"
        if len(ids) > MOST_IDS:
            return rows.filter(any_of(self.fields, "ilike", text, self.through))
        values = Value(ids, output_field=ArrayField(IntegerField()))
        return rows.filter(IsAny(F(path), values))

    def related_model(self, model: type[Model]) -> type[Model]:
        return model._meta.get_field(self.through).related_model if self.through else model

    def exact_ids(self, model: type[Model], text: str) -> list[int]:
        if not self.exact:
            return []
        found = model._base_manager.filter(any_of(self.exact, "exact", text))
        return list(found.values_list("pk", flat=True)[: MOST_IDS + 1])

    def matching_ids(self, model: type[Model], text: str) -> list[int]:
        found = model._base_manager.filter(any_of(self.fields, "ilike", text))
        return list(found.values_list("pk", flat=True)[: MOST_IDS + 1])

    def words(self, text: str) -> str:
        return f"“{text}”"


def any_of(fields: Iterable[str], lookup: str, value: str, through: str = "") -> Q:
    prefix = f"{through}__" if through else ""
    return reduce(operator.or_, (Q(**{f"{prefix}{f}__{lookup}": value}) for f in fields))


class SplitWords(forms.CharField):
    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [word for word in (part.strip() for part in text.split(",")) if word]


class Words(django_filters.CharFilter):
    """One or several exact values, separated by commas."""

    kind = "text"
    field_class = SplitWords

    def __init__(self, *, field_name: str, label: Any, hint: str = "") -> None:
        self.hint = hint
        super().__init__(field_name=field_name, label=label)
        self.extra["max_length"] = 500

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": values}) if values else rows

    def words(self, values: list[str]) -> str:
        return listed(values)


class LazyOptions(forms.ModelMultipleChoiceField):
    """Rows named by a code in the URL; options are read from what the asking user may see."""

    def __init__(self, *args: Any, text: str, group: str, **options: Any) -> None:
        self.text, self.group = text, group
        super().__init__(*args, **options)

    def label_from_instance(self, instance: Model) -> str:
        return str(getattr(instance, self.text))


class OneOf(django_filters.ModelMultipleChoiceFilter):
    """One IN over a foreign key: no DISTINCT and no OR, which django-filter's own adds both.

    `queryset` is a function of the request. `text` names the attribute that is shown, `group`
    the one that options are grouped by.
    """

    kind = "options"
    field_class = LazyOptions

    def __init__(
        self,
        *,
        queryset: Any,
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
            text=text,
            group=group,
            distinct=False,
        )
        self.code, self.text, self.group = code, text, group

    def filter(self, rows: QuerySet, values: Any) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": [v.pk for v in values]}) if values else rows

    def words(self, values: Iterable[Model]) -> str:
        return listed([str(getattr(value, self.text)) for value in values])

    def options(self, field: forms.BoundField) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """[(group, [(code, text, chosen)])] in the order of the query."""
        chosen = set(field.value() or [])
        groups: dict[str, list[tuple[str, str, bool]]] = {}
        for row in field.field.queryset:
            code, text = str(getattr(row, self.code)), str(getattr(row, self.text))
            group = str(getattr(row, self.group)) if self.group else ""
            groups.setdefault(group, []).append((code, text, code in chosen))
        return list(groups.items())


class Choices(django_filters.MultipleChoiceFilter):
    """One IN over a field with choices."""

    kind = "options"

    def __init__(self, *, field_name: str, label: Any, choices: Any) -> None:
        self.pairs = list(getattr(choices, "choices", choices))
        super().__init__(field_name=field_name, label=label, choices=self.pairs, distinct=False)

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": values}) if values else rows

    def words(self, values: Iterable[str]) -> str:
        labels = dict(self.pairs)
        return listed([str(labels[value]) for value in values])

    def options(self, field: forms.BoundField) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        chosen = set(field.value() or [])
        return [("", [(str(v), str(text), str(v) in chosen) for v, text in self.pairs])]


class Conditions(Choices):
    """Named conditions, any of which may hold: {name: (label, Q)}."""

    def __init__(self, *, label: Any, conditions: dict[str, tuple[Any, Q]]) -> None:
        self.conditions = conditions
        super().__init__(
            field_name="", label=label, choices=[(n, text) for n, (text, _q) in conditions.items()]
        )

    def filter(self, rows: QuerySet, values: list[str]) -> QuerySet:
        if not values:
            return rows
        return rows.filter(reduce(operator.or_, (self.conditions[v][1] for v in values)))


class DateRange(django_filters.DateFromToRangeFilter):
    """From one day to another, both included, each row by the clock of its own store."""

    kind = "dates"

    def __init__(self, *, field_name: str, zone: str, label: Any) -> None:
        self.zone = zone
        super().__init__(field_name=field_name, label=label)

    def filter(self, rows: QuerySet, value: slice | None) -> QuerySet:
        if not value or (value.start is None and value.stop is None):
            return rows
        day = LocalDay(F(self.zone), F(self.field_name))
        conditions = Q()
        # The bound on the moment itself is what an index can use: no zone is a day away.
        if value.start is not None:
            first = value.start.date()
            conditions &= Q(**{f"{self.field_name}__gte": value.start - timedelta(days=1)})
            rows = rows.alias(**{f"{self.field_name}_day": day})
            conditions &= Q(**{f"{self.field_name}_day__gte": first})
        if value.stop is not None:
            last = value.stop.date()
            conditions &= Q(**{f"{self.field_name}__lt": value.stop + timedelta(days=2)})
            rows = rows.alias(**{f"{self.field_name}_day": day})
            conditions &= Q(**{f"{self.field_name}_day__lte": last})
        return rows.filter(conditions)

    def words(self, value: slice) -> str:
        first, last = (day_words(moment) for moment in (value.start, value.stop))
        if first and last:
            return first if first == last else f"{first} – {last}"
        return _("since %s") % first if first else _("until %s") % last


def day_words(moment: Any) -> str:
    return (
        date_format(moment.date() if not isinstance(moment, date) else moment, "j M Y")
        if moment
        else ""
    )


class NumberRange(django_filters.RangeFilter):
    """At least, at most, or both."""

    kind = "numbers"

    def __init__(self, *, field_name: str, label: Any) -> None:
        super().__init__(field_name=field_name, label=label)

    def words(self, value: slice) -> str:
        if value.start is not None and value.stop is not None:
            return f"{value.start} – {value.stop}"
        return f"≥ {value.start}" if value.start is not None else f"≤ {value.stop}"


def listed(values: Sequence[str]) -> str:
    """The first ones by name, the rest by number."""
    more = len(values) - SHOWN_VALUES
    return ", ".join(values[:SHOWN_VALUES]) + (f" +{more}" if more > 0 else "")


class FilterSet(django_filters.FilterSet):
    """What may be asked of a list. A value that makes no sense is left out, and said so."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if taken := RESERVED & set(cls.base_filters):
            raise TypeError(f"{cls.__name__}: {', '.join(taken)} is a word of the kit's own.")

    def parameters(self) -> set[str]:
        """Every name that a URL may use."""
        names = set()
        for name, declared in self.filters.items():
            suffixes = getattr(declared.field.widget, "suffixes", None)
            names |= {f"{name}_{suffix}" for suffix in suffixes} if suffixes else {name}
        return names

    def apply(self, rows: QuerySet) -> tuple[QuerySet, dict[str, Any], list[str]]:
        """The filtered rows, the values that were understood, and notices about the rest."""
        self.form.is_valid()
        notices = [
            _("%(filter)s: %(error)s This filter is ignored.")
            % {"filter": self.filters[name].label, "error": errors[0]}
            for name, errors in self.form.errors.items()
            if name in self.filters
        ]
        active = {
            name: value
            for name, value in self.form.cleaned_data.items()
            if name in self.filters and not is_empty(value)
        }
        for name, value in active.items():
            rows = self.filters[name].filter(rows, value)
        return rows, active, notices


def is_empty(value: Any) -> bool:
    if value is None or isinstance(value, Promise):
        return value is None
    if isinstance(value, slice):
        return value.start is None and value.stop is None
    if isinstance(value, QuerySet):
        return not value
    return value in ("", [], ())
