"""A detail page is a declaration: its object, the facts about it and its line tables."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from .pages import KitPage
from .tables import Table
from .tables import render as render_rows


class Fact(NamedTuple):
    """One line of what is known about the object; `value` is escaped unless it is safe."""

    label: Any
    value: Any
    note: Any = ""


class Button(NamedTuple):
    """What can be done about the object, as a link to the page that asks.

    `dialog` is the id of a dialog of this page that asks the same.
    """

    label: Any
    url: str
    icon: str
    dialog: str = ""


class Section(NamedTuple):
    """A table of lines on a detail page: at most `limit` rows, in the order of the query."""

    title: Any
    table: type[Table]
    rows: QuerySet
    empty: Any = ""
    limit: int = 2_000
    link: tuple[Any, str] | None = None


class Lines(NamedTuple):
    title: str
    headings: list[Any]
    body: SafeString
    total: int
    is_cut: bool
    empty: Any
    link: tuple[Any, str] | None


class DetailPage(KitPage):
    """One object of the user's scope; outside it 404 (PRODUCT §3)."""

    template_name = "kit/detail.html"

    def get_object(self) -> Model:
        raise NotImplementedError

    def get_title(self, found: Any) -> str:
        return str(found)

    def facts(self, found: Any) -> Iterable[Fact]:
        return ()

    def sections(self, found: Any) -> Iterable[Section]:
        return ()

    def buttons(self, found: Any) -> Iterable[Button]:
        return ()

    def extra_context(self, found: Any) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = self.get_object()
        context = {
            "view": self,
            "object": found,
            "title": self.get_title(found),
            "crumbs": self.trail(),
            "facts": [fact for fact in self.facts(found) if fact.value not in (None, "")],
            "buttons": list(self.buttons(found)),
            "sections": [lines(section) for section in self.sections(found)],
            **self.extra_context(found),
        }
        response = render(request, self.template_name, context)
        response["Cache-Control"] = "private, no-store"
        return response


def one(rows: QuerySet, **key: Any) -> Any:
    """The one row, or 404: also for what lies outside the user's scope."""
    found = rows.filter(**key).first()
    if found is None:
        raise Http404
    return found


def lines(section: Section) -> Lines:
    visible = tuple(section.table.base_columns)
    fields, markup = render_rows(section.table, visible)
    rows = list(section.table.annotate(section.rows).values_list(*fields)[: section.limit + 1])
    return Lines(
        str(section.title),
        [section.table.base_columns[name] for name in visible],
        mark_safe(markup(rows[: section.limit])),  # noqa: S308 — cells are escaped by their columns
        min(len(rows), section.limit),
        len(rows) > section.limit,
        section.empty,
        section.link,
    )
