"""One transfer order: what was wanted, what has left, and where it is now (PRODUCT §6)."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from asn.models import Asn
from asn.views.detail import import_link
from omnichannel.eventstream.sent import events_sent
from omnichannel.web.cells import badge, day, due, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section
from omnichannel.web.export import csv_response, file_name
from omnichannel.web.pages import KitPage

from .. import tables
from ..models import TransferOrder, TransferOrderLine, TransferTransaction
from .closing import asked_about
from .crumbs import TRANSFERS
from .places import SEEING, may_close, may_ship, order_of
from .plot import parts_of

NO_PARCEL = gettext_lazy(
    "Nothing was packed yet. Whoever sends starts a shipment here or on the phone."
)
NO_ASN = gettext_lazy("Nothing has shipped; each shipment makes an ASN for the destination.")


class TransferDetail(DetailPage):
    crumbs = TRANSFERS
    permission_required = SEEING
    template_name = "transfers/detail.html"

    def get_object(self) -> TransferOrder:
        return order_of(self.request.user, self.kwargs["uuid"])

    def get_title(self, found: TransferOrder) -> str:
        return found.external_ref

    def facts(self, found: Any) -> Iterable[Fact]:
        zone = found.origin.time_zone
        yield Fact(_("From"), found.origin.name, found.origin.code)
        yield Fact(_("To"), found.destination.name, found.destination.code)
        yield Fact(_("From Stock Location"), found.from_stock_location)
        yield Fact(_("Order Date"), stamp_html(found.ordered_at, zone), zone)
        if found.due_date:
            note = day(found.due_date) if (found.late or 0) > 0 else ""
            yield Fact(_("Due Date"), safe(due(found.due_date, found.late)), note)
        yield Fact(_("Products"), found.product_count)
        yield Fact(_("Ordered"), found.ordered_total)
        yield Fact(_("Transferred"), found.transferred_total)
        if found.reserved_total:
            yield Fact(_("Set aside"), found.reserved_total, _("of the origin's stock"))
        yield from ending(found, zone)
        note = import_link(found.import_reference, self.request.user)
        yield Fact(_("Source"), found.get_source_display(), note)
        yield Fact(_("Created by"), found.created_associate_id)
        yield Fact(_("Note"), found.note)

    def buttons(self, found: TransferOrder) -> Iterable[Button]:  # type: ignore[override]
        user, key = self.request.user, [found.uuid]
        if not found.is_final and may_ship(user, found):
            yield Button(
                _("Start a shipment"), reverse("transfers:start", args=key), "package-plus"
            )
        yield Button(_("Export lines"), reverse("transfers:lines", args=key), "download")
        if not found.is_final and may_close(user, found):
            url = reverse("transfers:close", args=key)
            yield Button(_("Close Transfer Order"), url, "package-x", "close-transfer")

    def sections(self, found: TransferOrder) -> Iterable[Section]:  # type: ignore[override]
        yield Section(
            _("Lines"),
            tables.LineTable,
            TransferOrderLine.objects.filter(order=found).order_by("pk"),
            _("This order has no line."),
            link=(_("Export lines"), reverse("transfers:lines", args=[found.uuid])),
        )
        parcels = TransferTransaction.objects.filter(order=found).order_by("pk")
        yield Section(_("Transactions"), tables.ParcelTable, parcels, NO_PARCEL)
        asns = Asn.objects.filter(transfer__order=found).order_by("pk")
        yield Section(_("ASNs"), tables.ShippedAsnTable, asns, NO_ASN)
        ids = [str(found.uuid), *(str(one) for one in parcels.values_list("uuid", flat=True))]
        ids += [str(one) for one in asns.values_list("uuid", flat=True)]
        yield from events_sent(self.request.user, ids)

    def extra_context(self, found: TransferOrder) -> dict[str, Any]:
        tone = tables.TONES.get(found.status)
        context: dict[str, Any] = {
            "badge": safe(badge(tone, found.get_status_display())),
            "parts": parts_of(found),
        }
        if not found.is_final and may_close(self.request.user, found):
            context |= asked_about(found, str(uuid.uuid4()))
        return context


def ending(found: TransferOrder, zone: str) -> Iterable[Fact]:
    if not found.is_final:
        return
    is_closed = found.status == TransferOrder.Status.CLOSED
    label = _("Closed") if is_closed else _("Completed")
    yield Fact(label, stamp_html(found.closed_at, zone), zone)
    yield Fact(_("Closed by") if is_closed else _("Completed by"), found.closed_associate_id)


def safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308 — days, numbers and words of ours


def order_link(order: TransferOrder) -> SafeString:
    url = reverse("transfers:detail", args=[order.uuid])
    return format_html('<a class="link" href="{}">{}</a>', url, order.external_ref)


class ExportLines(KitPage):
    """The lines as CSV: the columns of the page, all rows of it."""

    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        order = order_of(request.user, kwargs["uuid"])
        name = file_name(_("Transfer order lines"), [order.external_ref], [])
        table = tables.ExportedLineTable
        rows = TransferOrderLine.objects.filter(order=order)
        return csv_response(table, rows, tuple(table.base_columns), name)
