"""One shipment against an order: what is in it, and what may be done with it now (PRODUCT §6)."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.eventstream.sent import events_sent
from omnichannel.web.cells import badge, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section

from .. import tables
from ..models import TransferTransaction, TransferTransactionLine
from .crumbs import TRANSFERS
from .detail import order_link, safe
from .places import SEEING, may_ship, parcel_of

Status = TransferTransaction.Status
EDIT = (gettext_lazy("Change quantities"), "transfers:pack", "pencil-line")
READY = (gettext_lazy("Make ready"), "transfers:ready", "package-check")
SHIP = (gettext_lazy("Ship"), "transfers:ship", "truck")
UNPACK = (gettext_lazy("Unpack"), "transfers:unpack", "package-open")
OFFERED = {
    Status.PICKED: (EDIT, READY, SHIP, UNPACK),
    Status.READY: (SHIP, UNPACK),
}


class ParcelDetail(DetailPage):
    crumbs = TRANSFERS
    permission_required = SEEING

    def get_object(self) -> TransferTransaction:
        return parcel_of(self.request.user, self.kwargs["uuid"])

    def facts(self, found: TransferTransaction) -> Iterable[Fact]:  # type: ignore[override]
        order, zone = found.order, found.order.origin.time_zone
        yield Fact(_("Transfer order"), order_link(order), order.get_status_display())
        yield Fact(_("From"), order.origin.name, order.origin.code)
        yield Fact(_("To"), order.destination.name, order.destination.code)
        yield Fact(_("Units"), found.quantity_total)
        with_carrier = found.carrier or _("With a carrier")
        how = with_carrier if found.with_carrier else _("Without a carrier")
        yield Fact(_("Carrier"), how, found.service_level)
        yield Fact(_("Tracking Number"), found.tracking_number, _("the carton of the ASN"))
        yield Fact(_("Begun"), stamp_html(found.created_at, zone), found.associate_id)
        yield Fact(_("Ready"), stamp_html(found.ready_at, zone), zone)
        yield Fact(_("Shipped"), stamp_html(found.shipped_at, zone), zone)
        yield Fact(_("Unpacked"), stamp_html(found.unpacked_at, zone), zone)
        if found.asn:
            note = found.asn.get_status_display()
            yield Fact(_("ASN"), linked("asn:detail", found.asn.uuid, found.asn.number), note)
        if found.posting:
            text = _("Open the transaction")
            link = linked("inventory:transaction-detail", found.posting.uuid, text)
            yield Fact(_("Stock"), link)

    def buttons(self, found: TransferTransaction) -> Iterable[Button]:  # type: ignore[override]
        key = [found.uuid]
        if may_ship(self.request.user, found.order):
            for label, name, icon in OFFERED.get(found.status, ()):  # type: ignore[call-overload]
                yield Button(label, reverse(name, args=key), icon)
        if found.status != Status.UNPACKED:
            yield Button(_("Packing slip"), reverse("transfers:slip", args=key), "printer")

    def sections(self, found: TransferTransaction) -> Iterable[Section]:  # type: ignore[override]
        lines = TransferTransactionLine.objects.filter(transaction=found)
        empty = _("Nothing is in it yet. Scan on the phone, or change the quantities here.")
        yield Section(
            _("Contents"), tables.ParcelLineTable, lines.exclude(quantity=0).order_by("pk"), empty
        )
        ids = [str(found.uuid), *([str(found.asn.uuid)] if found.asn else [])]
        yield from events_sent(self.request.user, ids)

    def extra_context(self, found: TransferTransaction) -> dict[str, Any]:
        tone = tables.PARCEL_TONES.get(found.status)
        return {"badge": safe(badge(tone, found.get_status_display()))}


def linked(name: str, key: Any, text: str) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', reverse(name, args=[key]), text)
