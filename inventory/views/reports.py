"""What stock was: as of a moment, and over a period (PRODUCT §9)."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web import workbook
from omnichannel.web.cells import day, money
from omnichannel.web.columns import FORMULA_SAFE
from omnichannel.web.export import chunks, copied, file_name
from omnichannel.web.pages import KitPage
from omnichannel.web.patience import PatientList

from .. import filters, forms, permissions, queries, tables
from ..ledger import period
from .lists import INVENTORY, StockOnHandList

STOCK = (gettext_lazy("Stock On Hand"), "inventory:stock-on-hand")


class StockAsOfList(PatientList, StockOnHandList):
    """What Stock On Hand showed at a moment, by the ledger."""

    title = gettext_lazy("Stock As Of")
    crumbs: Sequence[Any] = (*INVENTORY, STOCK)
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.AsOfTable, filters.AsOfFilters
    acts = ()
    makers = ()
    http_method_names = ["get", "head", "options"]

    @property
    def is_live(self) -> bool:  # type: ignore[override]
        return "as_of" not in self.active

    def reading(self) -> AbstractContextManager:
        return self.at(self.active.get("as_of"))

    @contextmanager
    def at(self, moment: Any) -> Iterator[None]:
        with super().reading(), queries.as_of(moment):
            yield

    def extra_context(self) -> dict[str, Any]:
        moment = self.active.get("as_of")
        told = (
            _("What was recorded before %s, by the clock of each store.")
            % f"{day(moment)}, {moment:%H:%M}"
            if moment
            else _("This is now: choose a moment with As of.")
        )
        priced = _("Prices and values are those of today.")
        return {"subtitle": f"{told} {priced}"}


class Line(NamedTuple):
    label: Any
    units: int
    value: str
    is_sum: bool


LABELS = {
    "opening": gettext_lazy("Opening"),
    "received": gettext_lazy("Received"),
    "transferred_in": gettext_lazy("Transferred In"),
    "transferred_out": gettext_lazy("Transferred Out"),
    "sold": gettext_lazy("Sold"),
    "returned": gettext_lazy("Returned"),
    "adjusted": gettext_lazy("Adjusted"),
    "counted": gettext_lazy("Counted"),
    "imported": gettext_lazy("Imported"),
    "set_aside": gettext_lazy("Set Aside"),
    "closing": gettext_lazy("Closing"),
}
HEADERS = {name: name.replace("_", " ").title() for name in LABELS}
FILE = """
SELECT {product}, {units}, price AS "Price", opening * price AS "Opening Value",
       closing * price AS "Closing Value", {currency} AS "Currency"
  FROM ({rows}) AS report JOIN catalog_product AS product ON product.id = report.product_id
 ORDER BY product.product_id
"""


def file_of(report: period.Period) -> tuple[str, dict[str, Any]]:
    """A row per product that was there or moved, and its parameters."""
    fields = {
        "product_id": "Product ID",
        "name": "Product Name",
        "sku": "SKU",
        "size": "Size",
        "color": "Color",
    }
    sql = FILE.format(
        product=", ".join(
            f'{FORMULA_SAFE.format(f"product.{field}")} AS "{label}"'
            for field, label in fields.items()
        ),
        units=", ".join(f'{name} AS "{HEADERS[name]}"' for name in period.COLUMNS),
        currency="%(currency)s::text",
        rows=period.ROWS,
    )
    book = report.store.pricebook
    return sql, {**report.values(), "currency": book.currency if book else ""}


class PeriodReport(KitPage):
    """One store over some days: what it had, what came and went, what it has."""

    title = gettext_lazy("Period Report")
    crumbs = INVENTORY
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = forms.PeriodForm(self.stores(), request.GET or None)
        if not request.GET or not form.is_valid():
            if "store" in form.errors and request.GET.get("store"):
                # A store outside the scope is as one that does not exist (PRODUCT §3).
                raise Http404
            return self.show(form, None, 200 if not request.GET else 400)
        told = form.cleaned_data
        asked = period.Period(told["store"], told["first"], told["last"])
        if wanted := request.GET.get("export"):
            return self.export(asked, wanted)
        return self.show(form, asked)

    def stores(self) -> QuerySet[FulfillmentLocation]:
        """What a store sold and received is a matter of its documents (PRODUCT §3)."""
        seen = FulfillmentLocation.objects.acted_for_by(self.request.user)
        return (
            seen.filter(is_inventory_master=True).select_related("pricebook").order_by("name_key")
        )

    def show(
        self, form: forms.PeriodForm, asked: period.Period | None, status: int = 200
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "title": self.title,
            "crumbs": self.trail(),
            "form": form,
            "presets": presets(self.request.GET.get("store", "")),
        }
        if asked:
            context |= report_of(asked)
        response = render(self.request, "inventory/period_report.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def export(self, asked: period.Period, wanted: str) -> HttpResponseBase:
        sql, values = file_of(asked)
        days = f"{asked.first} {asked.last}"
        currency = asked.store.pricebook.currency if asked.store.pricebook else ""
        name = file_name(str(self.title), [asked.store.code, days], [currency] if currency else [])
        if wanted == "xlsx":
            return workbook.workbook_response(sql, values, name)
        return StreamingHttpResponse(
            chunks(copied(sql), values),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )


def report_of(asked: period.Period) -> dict[str, Any]:
    found = period.summed_up(asked)
    currency = asked.store.pricebook.currency if asked.store.pricebook else ""
    words: dict[str, Any] = {"store": asked.store.code, "first": asked.first, "last": asked.last}
    return {
        "period": asked,
        "days": f"{day(asked.first)} – {day(asked.last)}",
        "lines": [
            Line(
                LABELS[name],
                sums.units,
                money(sums.value, currency) if currency else "",
                name in ("opening", "closing"),
            )
            for name, sums in found.sums.items()
            if sums.units or name not in ("imported", "set_aside")
        ],
        "report": found,
        "csv": f"?{urlencode({**words, 'export': 'csv'})}",
        "xlsx": f"?{urlencode({**words, 'export': 'xlsx'})}",
    }


def presets(store: str) -> list[tuple[Any, str]]:
    """The usual periods; the days are those of UTC, which the form then shows."""
    today = timezone.now().date()
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    spans: list[tuple[Any, date, date]] = [
        (_("This month"), this_month, today),
        (_("Last month"), last_month, this_month - timedelta(days=1)),
        (_("This year"), today.replace(month=1, day=1), today),
    ]
    return [
        (label, f"?{urlencode({'store': store, 'first': str(first), 'last': str(last)})}")
        for label, first, last in spans
        if store
    ]
