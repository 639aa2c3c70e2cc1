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

A detail page names its object, the facts about it and its line tables. Both are added to the
app's `urls.py` by `as_view()` and, for people to find them, to `omnichannel/navigation.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from . import keyset
from .asking import Asking
from .cells import grouped
from .export import csv_response, file_name
from .filters import FilterSet, Search
from .listing import CAP, Page, count_rows, read_page
from .pills import Heading, Pill
from .shell import may
from .tables import Table
from .tables import render as render_rows

PAGE_SIZES = (50, 25, 100)
A_YEAR = 365 * 24 * 60 * 60


class Crumb(NamedTuple):
    label: Any
    url: str


class KitPage(View):
    """Signed in, with the permission or one of several; without it 403 (PRODUCT §3)."""

    title: str | Promise = ""
    permission_required: str | tuple[str, ...] = ""
    # Where the page stands: texts, and (text, URL name) for what lies above it.
    crumbs: Sequence[Any] = ()
    http_method_names = ["get", "head", "options"]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__ != __name__ and not cls.permission_required:
            raise ImproperlyConfigured(f"{cls.__name__} says no permission_required.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in(request)
        if not may(request.user, self.permission_required):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def trail(self) -> list[Crumb]:
        """The crumbs with addresses."""
        return [
            Crumb(crumb[0], reverse(crumb[1])) if isinstance(crumb, tuple) else Crumb(crumb, "")
            for crumb in self.crumbs
        ]


def sign_in(request: HttpRequest) -> HttpResponse:
    """To the login page and back; a swap would show it among the rows, so the page itself goes."""
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    response = HttpResponse()
    response["HX-Redirect"] = redirect_to_login(request.get_full_path()).url
    return response


class ListPage(KitPage):
    """A list; see the module's text for how one is declared."""

    table: type[Table]
    filterset: type[FilterSet]
    export_needs_filter = False
    page_sizes = PAGE_SIZES
    empty_text: str | Promise = ""
    template_name = "kit/page.html"

    def get_queryset(self) -> QuerySet:
        """The rows that the asking user may see; a page that narrows them calls this first."""
        return self.table.model.objects.visible_to(self.request.user)  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet, active: Mapping[str, Any]) -> QuerySet:
        """What the list leaves out unless a filter asks for it."""
        return rows

    def get_title(self) -> str:
        return str(self.title)

    def get_empty_text(self) -> str | Promise:
        """What creates rows; shown while there are none at all."""
        return self.empty_text

    def extra_context(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        self.bound = self.filterset(request.GET, queryset=self.get_queryset(), request=request)
        rows, self.active, notices = self.bound.apply(self.bound.queryset)
        rows = self.narrow(rows, self.active)
        self.asked = Asking(request.GET, self.table, self.page_sizes)
        self.asked.notices += notices
        self.asked.read(self.bound.parameters(), self.active, request.COOKIES.get("rows", ""))
        if request.GET.get("export"):
            return self.export(rows)
        if request.GET.get("count") == "only":
            return self.answer("kit/total.html", {"total": told(count_rows(rows))})
        return self.show(rows)

    # ------------------------------------------------------------ the page
    def show(self, rows: QuerySet) -> HttpResponse:
        order = keyset.ordering(self.table, self.asked.sort, self.asked.is_descending)
        position = self.asked.position(order)
        page = read_page(self.table, rows, self.asked.visible, order, position, self.asked.size)
        headers = self.request.headers
        is_swap = "HX-Request" in headers and "HX-History-Restore-Request" not in headers
        context = {
            "page": page,
            "body": mark_safe(page.body),  # noqa: S308 — every cell was escaped by its column
            "total": self.total(rows, page, later=is_swap),
            "is_beyond": not page.rows and bool(position.values),
            "empty_text": "" if page.rows else self.get_empty_text(),
            **self.page_numbers(page),
            **self.rows_context(),
        }
        response = self.answer("kit/results.html" if is_swap else self.template_name, context)
        if is_swap:
            response["HX-Push-Url"] = self.request.path + self.own_address()
        if str(self.asked.size) == self.request.GET.get("rows"):
            response.set_cookie("rows", str(self.asked.size), A_YEAR, samesite="Lax")
        return response

    def answer(self, template: str, context: dict[str, Any]) -> HttpResponse:
        response = render(self.request, template, {**self.list_context(), **context})
        patch_vary_headers(response, ["HX-Request"])
        # Whoever goes back or asks again sees the stock of now (PRODUCT §4).
        response["Cache-Control"] = "private, no-store"
        return response

    def own_address(self) -> str:
        """This very page, position included, without words that are empty."""
        words = self.request.GET
        here = {name: words[name] for name in ("after", "before", "at", "from") if name in words}
        return self.asked.address(**here).removesuffix("?")

    def total(self, rows: QuerySet, page: Page, *, later: bool) -> dict[str, Any] | None:
        """The total, or None when it comes as its own small request (DESIGN §7)."""
        if not page.previous and not page.next:
            return told(len(page.rows))
        return None if later else told(count_rows(rows))

    def page_numbers(self, page: Page) -> dict[str, Any]:
        """Where the page stands, as far as a walk by keys can know: told from link to link."""
        words = self.request.GET
        asked = words.get("from", "")
        first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
        if not page.previous and words.get("at") != "last":
            first = 1
        after, before = first + len(page.rows), max(first - self.asked.size, 1)

        def step(word: str, token: str, start: int) -> str:
            known = {"from": str(start)} if first else {}
            return self.asked.address(**{word: token}, **known) if token else ""

        return {
            "first": first,
            "last": after - 1 if first else 0,
            "previous_url": step("before", page.previous, before),
            "next_url": step("after", page.next, after),
            "count_url": self.asked.address(count="only"),
        }

    def rows_context(self) -> dict[str, Any]:
        asked = self.asked
        return {
            "headings": [self.heading(name) for name in asked.visible],
            "kept": asked.kept(),
            "size": asked.size,
            "sizes": [(n, asked.address(rows=str(n))) for n in sorted(self.page_sizes)],
            "first_url": asked.address(),
            "contains_url": asked.address(match="any") if self.search_is_exact() else "",
        }

    def heading(self, name: str) -> Heading:
        asked, column = self.asked, self.table.base_columns[name]
        label, aria, then = str(column.verbose_name), "", name
        if name == asked.sort:
            aria = "descending" if asked.is_descending else "ascending"
            then = "" if asked.is_descending else f"-{name}"
        url = asked.address(sort=then) if asked.is_offered(name) else ""
        why = _("Filter the list to sort by this") if not url and asked.needs(name) else ""
        return Heading(name, label, column.css, url, aria, why)

    # ------------------------------------------------------------ what stands around the rows
    def list_context(self) -> dict[str, Any]:
        searches = [name for name, kind in self.kinds() if kind == "search"]
        return {
            "view": self,
            "title": self.get_title(),
            "crumbs": self.trail(),
            "search": self.bound.form[searches[0]] if searches else None,
            "pills": [
                Pill(self.bound, name, self.active)
                for name, kind in self.kinds()
                if kind != "search"
            ],
            "notices": self.asked.notices,
            "is_filtered": bool(self.active),
            "words": self.filter_words(),
            "clear_url": self.asked.address(**dict.fromkeys(self.bound.parameters(), "")),
            "export_url": self.asked.address(export="csv"),
            "can_export": self.can_export(),
            **self.extra_context(),
        }

    def kinds(self) -> list[tuple[str, str]]:
        return [(name, declared.kind) for name, declared in self.bound.filters.items()]

    def search_is_exact(self) -> bool:
        filters = self.bound.filters.values()
        return any(isinstance(declared, Search) and declared.found_exactly for declared in filters)

    def filter_words(self) -> list[str]:
        filters = self.bound.filters
        return [f"{filters[n].label}: {filters[n].words(v)}" for n, v in self.active.items()]

    # ------------------------------------------------------------ export
    def can_export(self) -> bool:
        return bool(self.active) or not self.export_needs_filter

    def export(self, rows: QuerySet) -> HttpResponseBase:
        if self.request.GET["export"] != "csv":
            return self.refuse(_("This list exports as CSV: use export=csv."), 400)
        if not self.can_export():
            return self.refuse(_("Set at least one filter to export this list."), 409)
        words = [str(self.bound.filters[n].words(v)) for n, v in self.active.items()]
        name = file_name(self.get_title(), words)
        return csv_response(self.table, rows, self.asked.visible, name)

    def refuse(self, reason: str, status: int) -> HttpResponse:
        context = {"title": self.get_title(), "reason": reason, "back": self.asked.address()}
        return render(self.request, "kit/refused.html", context, status=status)


def told(count: int | None) -> dict[str, Any]:
    """A total in words: exact, "10,000+", or "many"."""
    if count is None:
        return {"number": _("many"), "rows": _("many rows"), "count": None}
    shown = f"{grouped(CAP)}+" if count > CAP else grouped(count)
    rows = ngettext("%(n)s row", "%(n)s rows", count) % {"n": shown}
    return {"number": shown, "rows": rows, "count": count}


# ---------------------------------------------------------------- one object
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
