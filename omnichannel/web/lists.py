"""A list page is a declaration (DESIGN §7).

It names its title, permission, table and filters, and inherits the rest: sign-in,
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

It is added to the app's `urls.py` by `as_view()` and, for people to find it, to
`omnichannel/navigation.py`.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import keyset
from .acts import Act, Refused, chosen
from .asking import Asking
from .cells import grouped, number
from .choosing import EVERY, boxes
from .export import csv_response, file_name, select_statement
from .filters import FilterSet, Search
from .listing import CAP, Page, count_rows, read_page
from .pages import KitPage
from .pills import Heading, Pill
from .saved import State, kept_words, may_change
from .shell import DENSITIES, HERE, Item, address, may, one_of
from .source import source_of
from .tables import Table
from .totals import Total, sum_up
from .workbook import MOST_AT_ONCE, TooManyRows, workbook_response

PAGE_SIZES = (50, 25, 100)
FORMATS = ("csv", "xlsx")
# Named by string: what runs as a job lies above this room.
IN_THE_BACKGROUND = "exports:new"
A_YEAR = 365 * 24 * 60 * 60


class Sum(NamedTuple):
    """One fact as the page shows it; `url` narrows the list to what it counts."""

    label: Any
    value: str
    url: str


class ListPage(KitPage):
    """A list; see the module's text for how one is declared."""

    table: type[Table]
    filterset: type[FilterSet]
    export_needs_filter = False
    page_sizes = PAGE_SIZES
    empty_text: str | Promise = ""
    # What is told of the filtered rows, and what may be done with chosen ones.
    totals: Sequence[Total] = ()
    acts: Sequence[Act] = ()
    # Pages that make rows of the list: (label, URL name, icon, permission).
    makers: Sequence[Item] = ()
    template_name = "kit/page.html"
    # Whether the rows are those of now.
    is_live: Any = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.acts:
            cls.http_method_names = [*KitPage.http_method_names, "post"]

    def get_queryset(self) -> QuerySet:
        """The rows that the asking user may see; a page that narrows them calls this first."""
        return self.table.model.objects.visible_to(self.request.user)  # type: ignore[attr-defined]

    def prepare(self) -> None:
        """What must be known before the list is read: who asks may change what it shows."""

    def reading(self) -> AbstractContextManager:
        """Entered around whatever reads rows of this list: the page, a file, a job's file."""
        return nullcontext()

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
        self.prepare()
        rows = self.read()
        if request.GET.get("export"):
            return self.export(rows)
        with self.reading():
            if request.GET.get("count") == "only":
                total = told(count_rows(self.table, rows))
                context = {"total": total, "sums": self.sums(rows, total)}
                return self.answer("kit/total.html", context)
            return self.show(rows)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Do something with the chosen rows of the list that the address describes."""
        self.prepare()
        rows = self.read()
        act = next((act for act in self.my_acts() if act.name == request.POST.get("act")), None)
        if act is None:
            return self.refuse(_("There is no such act here, or it is not yours to do."), 400)
        try:
            with self.reading():
                values = chosen(self.table, rows, self.bound.queryset, request, act.limit)
        except Refused as refused:
            return self.refuse(str(refused), 409)
        return act.call(request, values)

    def my_acts(self) -> list[Act]:
        return [act for act in self.acts if may(self.request.user, act.permission)]

    def read(self) -> QuerySet:
        """Take in what is asked for; the rows that it means."""
        request = self.request
        self.state = State(request, self.page_name, here=self.here(), is_swap=self.is_part)
        words = self.state.words
        self.bound = self.filterset(words, queryset=self.get_queryset(), request=request)
        rows, self.active, notices = self.bound.apply(self.bound.queryset)
        self.asked = Asking(words, self.table, self.page_sizes)
        self.asked.notices += [*self.state.notices, *notices]
        self.asked.read(
            self.bound.parameters(),
            self.active,
            size=request.COOKIES.get("rows", ""),
            columns=self.state.columns(),
        )
        return self.narrow(rows, self.active)

    def here(self) -> dict[str, str]:
        """The store that the person looks at, where this list can be filtered by store."""
        code = self.request.session.get(HERE)
        return {"store": code} if code and "store" in self.filterset.base_filters else {}

    @property
    def page_name(self) -> str:
        """By which saved views know the list: the name of its URL."""
        match = self.request.resolver_match
        return match.view_name if match else ""

    @property
    def is_swap(self) -> bool:
        headers = self.request.headers
        return "HX-Request" in headers and "HX-History-Restore-Request" not in headers

    @property
    def is_part(self) -> bool:
        """Whether less than a whole page is asked for."""
        asked = self.request.GET
        return (
            self.is_swap or "export" in asked or "count" in asked or self.request.method == "POST"
        )

    # ------------------------------------------------------------ the page
    def show(self, rows: QuerySet) -> HttpResponse:
        order = keyset.ordering(self.table, self.asked.sort, self.asked.is_descending)
        position = self.asked.position(order)
        acts = self.my_acts()
        page = read_page(
            self.table,
            rows,
            self.asked.visible,
            order,
            position,
            self.asked.size,
            pick=self.table.pick if acts else "",
        )
        is_swap = self.is_swap
        total = self.total(rows, page, later=is_swap)
        context = {
            "page": page,
            "body": mark_safe(page.body),  # noqa: S308 — every cell was escaped by its column
            "total": total,
            "sums": self.sums(rows, total),
            "acts": acts,
            "is_beyond": not page.rows and bool(position.values),
            "empty_text": "" if page.rows else self.get_empty_text(),
            **self.page_numbers(page),
            **self.rows_context(),
        }
        response = self.answer("kit/results.html" if is_swap else self.template_name, context)
        if is_swap:
            response["HX-Push-Url"] = self.request.path + self.own_address()
        if str(self.asked.size) == self.asked.words.get("rows"):
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
        words = self.asked.words
        here = {name: words.get(name, "") for name in ("after", "before", "at", "from")}
        return self.asked.address(**here).removesuffix("?")

    def total(self, rows: QuerySet, page: Page, *, later: bool) -> dict[str, Any] | None:
        """The total, or None when it comes as its own small request (DESIGN §7)."""
        if not page.previous and not page.next:
            return told(len(page.rows))
        return None if later else told(count_rows(self.table, rows))

    def sums(self, rows: QuerySet, total: dict[str, Any] | None) -> list[Sum] | None:
        """What is told of the filtered rows; None while there are too many to add up."""
        if total is None or total["count"] is None or total["count"] > CAP:
            return None
        values = sum_up(rows, self.totals)
        if values is None:
            return None
        return [
            Sum(
                fact.label,
                mark_safe(number(value)),  # noqa: S308 — a number
                self.asked.address(**fact.adds) if fact.adds else "",
            )
            for fact, value in zip(self.totals, values, strict=True)
        ]

    def page_numbers(self, page: Page) -> dict[str, Any]:
        """Where the page stands, as far as a walk by keys can know: told from link to link."""
        words = self.asked.words
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
        return {
            "view": self,
            "title": self.get_title(),
            "crumbs": self.trail(),
            "search": self.search_box,
            "pills": [
                Pill(self.bound, name, self.active)
                for name, kind in self.kinds()
                if kind != "search"
            ],
            "notices": self.asked.notices,
            "is_filtered": bool(self.active),
            "words": self.filter_words(),
            "clear_url": self.asked.address(**dict.fromkeys(self.bound.parameters(), "")),
            "makers": [
                (maker, url)
                for maker in self.makers
                if may(self.request.user, maker.permission) and (url := address(maker.view_name))
            ],
            "export_url": self.asked.address(export="csv"),
            "workbook_url": self.asked.address(export="xlsx"),
            "background_url": self.background_address(),
            "export_all_url": self.asked.address(export="csv", cols=EVERY)
            if len(self.asked.visible) < len(self.table.base_columns)
            else "",
            "can_export": self.can_export(),
            **self.views_context(),
            **self.extra_context(),
        }

    def views_context(self) -> dict[str, Any]:
        """Saved views and columns; the density of a view goes before the person's own."""
        state = self.state
        density = state.words.get("density")
        return {
            "state": state,
            "may_change_view": state.base and may_change(self.request.user, state.base),
            "view_words": kept_words(state.words),
            "column_boxes": () if self.is_part else boxes(self.table, self.asked.visible),
            "page_words": self.asked.address().removeprefix("?"),
            **({"density": one_of(DENSITIES, density)} if density else {}),
        }

    def search_box(self) -> BoundField | None:
        """Asked for by whole pages only; a form takes as long as the rows."""
        for name, kind in self.kinds():
            if kind == "search":
                return self.bound.form[name]
        return None

    def kinds(self) -> list[tuple[str, str]]:
        return [(name, declared.kind) for name, declared in self.bound.filters.items()]

    def search_is_exact(self) -> bool:
        filters = self.bound.filters.values()
        return any(isinstance(declared, Search) and declared.found_exactly for declared in filters)

    def filter_words(self) -> list[str]:
        filters = self.bound.filters
        return [f"{filters[n].label}: {filters[n].words(v)}" for n, v in self.active.items()]

    # ------------------------------------------------------------ export
    def currencies(self) -> list[str]:
        """In which currencies the amounts of the file are; its name says so (UI §7.8)."""
        return []

    def can_export(self) -> bool:
        return bool(self.active) or not self.export_needs_filter

    def background_address(self) -> str:
        """Where a file of this list is asked for as a job; empty where there is no such page."""
        page = address(IN_THE_BACKGROUND)
        here = self.request.path + self.asked.address()
        return f"{page}?{urlencode({'list': here})}" if page else ""

    def statement(self, rows: QuerySet) -> tuple[str, tuple]:
        """SQL of the whole file, under the names of its header."""
        return select_statement(self.table, rows, self.asked.visible)

    def file_name(self) -> str:
        words = [str(self.bound.filters[n].words(v)) for n, v in self.active.items()]
        return file_name(self.get_title(), words, self.currencies())

    def export(self, rows: QuerySet) -> HttpResponseBase:
        wanted = self.request.GET["export"]
        if wanted not in FORMATS:
            return self.refuse(
                _("A list exports as CSV or XLSX: use export=csv or export=xlsx."), 400
            )
        if not self.can_export():
            return self.refuse(_("Set at least one filter to export this list."), 409)
        name = self.file_name()
        if wanted == "csv":
            return csv_response(self.table, rows, self.asked.visible, name, self.reading)
        try:
            with self.reading():
                if source_of(self.table, rows).count(MOST_AT_ONCE + 1) > MOST_AT_ONCE:
                    return self.refuse_large()
                return workbook_response(*self.statement(rows), name)
        except TooManyRows as error:
            return self.refuse(str(error), 409)

    def refuse_large(self) -> HttpResponse:
        most = grouped(MOST_AT_ONCE)
        reason = _("A workbook of more than %s rows is made in the background.") % most
        url = self.background_address()
        further = (_("Export in the background"), url) if url else None
        return self.refuse(reason, 409, further)

    def refuse(
        self, reason: str, status: int, further: tuple[str, str] | None = None
    ) -> HttpResponse:
        """`further` is what can be done instead: its label and its address."""
        context = {
            "title": self.get_title(),
            "reason": reason,
            "back": self.asked.address(),
            "further": further,
        }
        return render(self.request, "kit/refused.html", context, status=status)


def told(count: int | None) -> dict[str, Any]:
    """A total in words: exact, "10,000+", or "many"."""
    if count is None:
        return {"number": _("many"), "rows": _("many rows"), "count": None}
    shown = f"{grouped(CAP)}+" if count > CAP else grouped(count)
    rows = ngettext("%(n)s row", "%(n)s rows", count) % {"n": shown}
    return {"number": shown, "rows": rows, "count": count}
