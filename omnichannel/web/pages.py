"""A page is a declaration (DESIGN §7).

A list page names its title, permission, table and filters, and inherits the rest: sign-in,
403 and 404, scope, filter pills, search, sort, paging by key, columns, CSV export with its gate.

    class ProductTable(Table):
        name = Text("name", _("Product Name"), sort="name_key")
        product_id = Code("product_id", _("Product ID"))
        model = Product
        key = ("product_id",)

    class ProductFilters(FilterSet):
        q = Search(through="", fields=["name", "product_id"], label=_("Search"))

    class ProductList(ListPage):
        title = _("Products")
        permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
        table, filterset = ProductTable, ProductFilters

A detail page names its object, the facts about it and its line tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from . import keyset
from .columns import number
from .export import csv_response, file_name
from .filters import RESERVED, FilterSet
from .listing import CAP, Page, Position, count_rows, read_page
from .tables import Table
from .tables import render as render_rows

PAGE_SIZES = (50, 25, 100)
# So many options get a box to find one in.
MANY_OPTIONS = 10
POSITION_WORDS = ("after", "before", "at", "from", "count", "export")


class KitPage(AccessMixin, View):
    """Signed in, with the permission; without it 403 (PRODUCT §3)."""

    title: str | Promise = ""
    permission_required = ""
    crumbs: Sequence[Any] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if self.permission_required and not request.user.has_perm(self.permission_required):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Heading(NamedTuple):
    """One column header and what a click on it asks for."""

    label: str
    css: str
    url: str
    aria_sort: str


class Pill(NamedTuple):
    """One filter as the page shows it; `words` is empty while it is not set."""

    name: str
    label: str
    kind: str
    words: str
    clear_url: str
    field: Any
    groups: list[Any]
    has_many: bool
    hint: str
    after: str
    before: str


class ListPage(KitPage):
    """A list; see the module's text for how one is declared."""

    table: type[Table]
    filterset: type[FilterSet]
    export_needs_filter = False
    page_sizes = PAGE_SIZES
    empty_text: str | Promise = ""
    template_name = "kit/page.html"

    http_method_names = ["get", "head", "options"]

    def get_queryset(self) -> QuerySet:
        """The rows that the asking user may see; a page that narrows them calls this first."""
        return self.table.model.objects.visible_to(self.request.user)  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet, active: Mapping[str, Any]) -> QuerySet:
        """What the list leaves out unless a filter asks for it."""
        return rows

    def get_title(self) -> str:
        return str(self.title)

    def extra_context(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        self.notices: list[str] = []
        bound = self.filterset(request.GET, queryset=self.get_queryset(), request=request)
        self.bound = bound
        rows, self.active, notices = bound.apply(bound.queryset)
        self.notices += notices
        rows = self.narrow(rows, self.active)
        self.refuse_unknown_words(bound.parameters())
        self.read_sort()
        self.visible = self.read_columns()
        if request.GET.get("export"):
            return self.export(rows)
        if request.GET.get("count") == "only":
            return self.show_count(rows)
        return self.show(rows)

    # ------------------------------------------------------------ what the URL says
    def refuse_unknown_words(self, known: set[str]) -> None:
        for word in self.request.GET:
            if word not in known and word not in RESERVED:
                self.notices.append(_("“%s” is no filter of this list and is ignored.") % word)

    def read_sort(self) -> None:
        asked = self.request.GET.get("sort", "")
        self.sort, self.is_descending = asked.lstrip("-"), asked.startswith("-")
        if self.sort and not self.is_offered(self.sort):
            self.notices.append(
                _("Sorting by “%s” is not offered here; this is the usual order.") % self.sort
            )
            self.sort, self.is_descending = "", False

    def is_offered(self, name: str) -> bool:
        column = self.table.base_columns.get(name)
        if column is None or not column.orderable:
            return False
        return not column.sort_when or bool(set(column.sort_when) & self.active.keys())

    def read_columns(self) -> tuple[str, ...]:
        every = tuple(self.table.base_columns)
        asked = [word for word in self.request.GET.get("cols", "").split(".") if word]
        if unknown := [name for name in asked if name not in every]:
            self.notices.append(_("There is no column “%s” here.") % unknown[0])
        chosen = tuple(name for name in every if name in asked)
        return chosen or every

    def read_size(self) -> int:
        asked = self.request.GET.get("rows", "")
        if asked and asked not in map(str, self.page_sizes):
            self.notices.append(
                _("A page has %(sizes)s rows.")
                % {"sizes": ", ".join(map(str, sorted(self.page_sizes)))}
            )
            return self.page_sizes[0]
        return int(asked) if asked else self.page_sizes[0]

    def read_position(self, order: keyset.Order) -> Position:
        words = self.request.GET
        if words.get("at") == "last":
            return Position(is_backward=True)
        token = words.get("before") or words.get("after")
        if not token:
            return Position()
        try:
            values = keyset.unpack(self.table.model, order, token)
        except keyset.BadCursor:
            self.notices.append(
                _("The position in this address was not understood; this is the first page.")
            )
            return Position()
        return Position(values, is_backward="before" in words)

    # ------------------------------------------------------------ addresses
    def address(self, **changes: str) -> str:
        """This list with other words; the position is dropped, everything else stays."""
        words = self.request.GET.copy()
        for word in POSITION_WORDS:
            words.pop(word, None)
        for word, value in changes.items():
            words.pop(word, None)
            if value:
                words[word] = value
        return f"?{without_blanks(words).urlencode()}"

    def headings(self) -> list[Heading]:
        found = []
        for name in self.visible:
            column = self.table.base_columns[name]
            aria, then = "", name
            if name == self.sort:
                aria = "descending" if self.is_descending else "ascending"
                then = "" if self.is_descending else f"-{name}"
            url = self.address(sort=then) if self.is_offered(name) else ""
            found.append(Heading(str(column.verbose_name), column.css, url, aria))
        return found

    def pills(self) -> list[Pill]:
        return [self.pill(name) for name, f in self.bound.filters.items() if f.kind != "search"]

    def pill(self, name: str) -> Pill:
        declared, field = self.bound.filters[name], self.bound.form[name]
        suffixes = getattr(declared.field.widget, "suffixes", None)
        words = [f"{name}_{suffix}" for suffix in suffixes] if suffixes else [name]
        groups = declared.options(field) if hasattr(declared, "options") else []
        ends = [self.request.GET.get(word, "") for word in words] if suffixes else ["", ""]
        return Pill(
            name,
            str(declared.label),
            declared.kind,
            declared.words(self.active[name]) if name in self.active else "",
            self.address(**dict.fromkeys(words, "")),
            field,
            groups,
            sum(len(options) for _group, options in groups) > MANY_OPTIONS,
            str(getattr(declared, "hint", "")),
            ends[0],
            ends[1],
        )

    # ------------------------------------------------------------ answers
    def show(self, rows: QuerySet) -> HttpResponse:
        size = self.read_size()
        order = keyset.ordering(self.table, self.sort, self.is_descending)
        position = self.read_position(order)
        page = read_page(self.table, rows, self.visible, order, position, size)
        is_block = bool(self.request.headers.get("HX-Request")) and not self.request.headers.get(
            "HX-History-Restore-Request"
        )
        context = {
            "page": page,
            "body": mark_safe(page.body),  # noqa: S308 — every cell was escaped by its column
            "size": size,
            "total": self.total(rows, page, later=is_block),
            **self.page_numbers(page, size),
            **self.list_context(),
        }
        template = "kit/results.html" if is_block else self.template_name
        response = render(self.request, template, context)
        patch_vary_headers(response, ["HX-Request"])
        response["Cache-Control"] = "private, no-store"
        return response

    def list_context(self) -> dict[str, Any]:
        searches = [n for n, f in self.bound.filters.items() if f.kind == "search"]
        kept = [
            (w, self.request.GET[w]) for w in ("sort", "rows", "cols") if self.request.GET.get(w)
        ]
        return {
            "view": self,
            "title": self.get_title(),
            "crumbs": self.crumbs,
            "headings": self.headings(),
            "pills": self.pills(),
            "search": self.bound.form[searches[0]] if searches else None,
            "searched": self.active.get(searches[0]) if searches else None,
            "kept": kept,
            "notices": self.notices,
            "is_filtered": bool(self.active),
            "clear_url": self.address(**dict.fromkeys(self.bound.parameters(), "")),
            "export_url": self.address(export="csv"),
            "can_export": bool(self.active) or not self.export_needs_filter,
            "words": self.filter_words(),
            "sizes": [(n, self.address(rows=str(n))) for n in sorted(self.page_sizes)],
            **self.extra_context(),
        }

    def filter_words(self) -> list[str]:
        return [
            f"{self.bound.filters[name].label}: {self.bound.filters[name].words(value)}"
            for name, value in self.active.items()
        ]

    def page_numbers(self, page: Page, size: int) -> dict[str, Any]:
        """Where the page stands, as far as a walk by keys can know: told from link to link."""
        words = self.request.GET
        asked = words.get("from", "")
        first = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
        if not page.previous and words.get("at") != "last":
            first = 1
        next_first = str(first + len(page.rows)) if first else ""
        previous_first = str(max(first - size, 1)) if first else ""
        return {
            "first": first,
            "last": first + len(page.rows) - 1 if first else 0,
            "previous_url": self.address(before=page.previous, **{"from": previous_first})
            if page.previous
            else "",
            "next_url": self.address(after=page.next, **{"from": next_first}) if page.next else "",
            "count_url": self.address(count="only"),
        }

    def total(self, rows: QuerySet, page: Page, *, later: bool) -> dict[str, Any] | None:
        """The total, or None when it comes as its own small request (DESIGN §7)."""
        if not page.previous and not page.next:
            return told(len(page.rows))
        return None if later else told(count_rows(rows))

    def show_count(self, rows: QuerySet) -> HttpResponse:
        response = render(
            self.request, "kit/total.html", {"total": told(count_rows(rows)), **self.list_context()}
        )
        response["Cache-Control"] = "private, no-store"
        return response

    def export(self, rows: QuerySet) -> HttpResponseBase:
        if self.request.GET["export"] != "csv":
            return self.refuse(_("This list exports as CSV: use export=csv."), 400)
        if self.export_needs_filter and not self.active:
            return self.refuse(_("Set at least one filter to export this list."), 409)
        words = [str(self.bound.filters[n].words(v)) for n, v in self.active.items()]
        return csv_response(self.table, rows, self.visible, file_name(self.get_title(), words))

    def refuse(self, reason: str, status: int) -> HttpResponse:
        context = {"title": self.get_title(), "reason": reason, "back": self.address()}
        return render(self.request, "kit/refused.html", context, status=status)


def without_blanks(words: QueryDict) -> QueryDict:
    for word in [word for word, values in words.lists() if not any(values)]:
        del words[word]
    return words


def told(count: int | None) -> dict[str, Any]:
    """A total in words: exact, "10,000+", or "many"."""
    if count is None:
        return {"number": _("many"), "rows": _("many rows"), "count": None}
    shown = f"{number(CAP)}+" if count > CAP else (number(count) if count else "0")
    rows = ngettext("%(n)s row", "%(n)s rows", count) % {"n": shown}
    return {"number": shown, "rows": rows, "count": count}


class Fact(NamedTuple):
    """One line of what is known about the object; `value` is escaped unless it is safe."""

    label: Any
    value: Any
    note: Any = ""


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
    count: int
    is_cut: bool
    empty: Any
    link: tuple[Any, str] | None


class DetailPage(KitPage):
    """One object of the user's scope; outside it 404 (PRODUCT §3)."""

    template_name = "kit/detail.html"
    http_method_names = ["get", "head", "options"]

    def get_object(self) -> Model:
        raise NotImplementedError

    def get_title(self, found: Any) -> str:
        return str(found)

    def facts(self, found: Any) -> Iterable[Fact]:
        return ()

    def sections(self, found: Any) -> Iterable[Section]:
        return ()

    def extra_context(self, found: Any) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = self.get_object()
        context = {
            "view": self,
            "object": found,
            "title": self.get_title(found),
            "crumbs": self.crumbs,
            "facts": [fact for fact in self.facts(found) if fact.value not in (None, "")],
            "sections": [lines(section) for section in self.sections(found)],
            **self.extra_context(found),
        }
        return render(request, self.template_name, context)


def one(rows: QuerySet, **key: Any) -> Any:
    """The one row, or 404: also for what lies outside the user's scope."""
    found = rows.filter(**key).first()
    if found is None:
        raise Http404
    return found


def lines(section: Section) -> Lines:
    visible = tuple(section.table.base_columns)
    fields, markup = render_rows(section.table, visible)
    rows = list(section.rows.values_list(*fields)[: section.limit + 1])
    return Lines(
        str(section.title),
        [section.table.base_columns[name] for name in visible],
        mark_safe(markup(rows[: section.limit])),  # noqa: S308 — cells are escaped by their columns
        min(len(rows), section.limit),
        len(rows) > section.limit,
        section.empty,
        section.link,
    )
