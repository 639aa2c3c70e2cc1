"""Where one product of a count was found, zone by zone, and what moved meanwhile (PRODUCT §7)."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from inventory.models import StockMovement
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.web.cells import change, money, stamp_html
from omnichannel.web.details import DetailPage, Fact, Section, one

from .. import actions, permissions, queries, tables
from ..models import Count, CountLine, CountZone, Observation
from ..reconciliation import page_of_lines
from .crumbs import COUNTS
from .lines import Shown, shown
from .places import POSTED, SEEING, acts_on, count_of, currency_of

MOST_SCANS = 500


class InZone(NamedTuple):
    """What the accepted session of a zone saw of the product."""

    name: str
    units: int
    first_at: Any
    last_at: Any


class ProductOfCount(DetailPage):
    crumbs = COUNTS
    permission_required = SEEING
    template_name = "counts/product.html"
    http_method_names = POSTED

    def get_object(self) -> Product:
        """
        Raises:
            Http404: the count is none of the user's, or has no such product.
        """
        self.count = count_of(self.request.user, self.kwargs["uuid"])
        product = one(Product.objects.all(), product_id=self.kwargs["product_id"])
        if not CountLine.objects.filter(count=self.count, product=product).exists():
            raise Http404
        return product

    def get_title(self, found: Product) -> str:
        return found.product_id

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The product is wanted again, in every zone where it was found."""
        found = self.get_object()
        try:
            if not acts_on(request.user, self.count, permissions.COMPLETE_CYCLE_COUNTS):
                raise ActionError(_("Only %s asks for a recount.") % self.count.location.name)
            with transaction.atomic(durable=True):
                actions.request_recounts(
                    pk=self.count.pk,
                    by=request.user,  # type: ignore[arg-type]
                    product_ids=[found.pk],
                )
        except ActionError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The recount is wanted; phones show it at once."))
        return redirect("counts:product", self.count.uuid, found.product_id)

    def line(self, found: Product) -> Shown:
        page = page_of_lines(self.count, products=[found.pk], limit=1)
        if not page.lines:
            raise Http404
        return shown(self.count, page.lines)[0]

    def facts(self, found: Product) -> Iterable[Fact]:  # type: ignore[override]
        url = reverse("inventory:product-detail", args=[found.product_id])
        text = _("Open the product in the catalog")
        name = " ".join(filter(None, (found.name, found.size, found.color)))
        catalog = format_html('<a class="link" href="{}">{}</a>', url, text)
        yield Fact(_("Product Name"), name, catalog)
        count = reverse("counts:detail", args=[self.count.uuid])
        link = format_html('<a class="link" href="{}">{}</a>', count, self.count.name)
        yield Fact(_("Count"), link, self.count.location.name)
        row = self.line(found)
        if not queries.sees_book(self.request.user, self.count):
            yield Fact(_("Counted"), row.line.counted)
            return
        line = row.line
        yield Fact(_("Expected"), line.expected)
        yield Fact(_("Moved since"), safe(change(line.moved)))
        yield Fact(_("Counted"), _("nowhere") if line.counted is None else line.counted)
        band = f"{change(line.low)} … {change(line.high)}" if row.has_band else ""
        yield Fact(_("Variance"), safe(change(row.variance)), safe(band))
        yield Fact(_("Value"), safe(money(row.value, currency_of(self.count))))
        yield Fact(_("Mark"), row.mark, row.question)
        yield Fact(_("Answer"), row.choice)

    def sections(self, found: Product) -> Iterable[Section]:  # type: ignore[override]
        scans = Observation.objects.filter(count_id=self.count.pk, product=found).order_by("pk")
        yield Section(
            _("Scans"), tables.ScanTable, scans, _("Nobody scanned it."), limit=MOST_SCANS
        )
        if not queries.sees_book(self.request.user, self.count):
            return
        moved = StockMovement.objects.filter(
            location=self.count.location_id,
            product=found,
            stock_location=self.count.stock_location_id,
        )
        if self.count.started_at:
            moved = moved.filter(happened_at__gte=self.count.started_at)
        if self.count.frozen_at:
            moved = moved.filter(posted_at__lte=self.count.frozen_at)
        yield Section(
            _("Movements since the count began"),
            tables.MovedTable,
            moved.order_by("happened_at", "pk"),
            _("It did not move."),
            limit=MOST_SCANS,
        )

    def extra_context(self, found: Product) -> dict[str, Any]:
        names = dict(CountZone.objects.filter(count=self.count).values_list("pk", "name"))
        zones = [
            InZone(
                names[one.zone_id],
                one.units,
                stamp_html(one.first_at, self.count.location.time_zone),
                stamp_html(one.last_at, self.count.location.time_zone),
            )
            for one in queries.in_zones(self.count, [found.pk])
        ]
        total = sum(zone.units for zone in zones)
        return {
            "count": self.count,
            "zones": zones,
            "total": total,
            "product": found,
            "may_recount": self.count.status == Count.Status.IN_PROGRESS
            and acts_on(self.request.user, self.count, permissions.COMPLETE_CYCLE_COUNTS),
        }


def safe(markup: str) -> Any:
    return mark_safe(markup)  # noqa: S308 — numbers and currencies
