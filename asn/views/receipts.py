"""One receipt: who received what, when, and what followed (PRODUCT §6)."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from omnichannel.web.cells import stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section, one

from .. import permissions, tables
from ..models import Asn, Receipt, ReceiptLine
from .crumbs import ASNS
from .detail import asn_link


def may_correct(receipt: Receipt, user: Any) -> bool:
    return (
        receipt.status == Receipt.Status.COMPLETED
        and receipt.kind != Receipt.Kind.CORRECTION
        and user.has_perm(permissions.RECEIVE_INVENTORY)
    )


class ReceiptDetail(DetailPage):
    crumbs = ASNS
    permission_required = (
        permissions.VIEW_INVENTORY_MANAGEMENT,
        permissions.RECEIVE_INVENTORY,
    )

    def get_object(self) -> Receipt:
        rows = Receipt.objects.visible_to(self.request.user)
        return one(
            rows.select_related("asn", "location", "transaction", "corrects"),
            uuid=self.kwargs["uuid"],
        )

    def get_title(self, found: Receipt) -> str:
        if found.asn:
            return _("Receipt of %s") % found.asn
        return _("Receipt %s") % (found.shipment_ref or found.order_ref)

    def facts(self, found: Receipt) -> Iterable[Fact]:
        zone = found.location.time_zone
        yield Fact(_("Status"), found.get_status_display())
        yield Fact(_("Kind"), found.get_kind_display(), found.carton_id)
        yield Fact(_("Store"), found.location.name, found.location.code)
        if found.asn:
            yield Fact(_("ASN"), self.link(found.asn))
        yield Fact(_("Shipment reference"), found.shipment_ref)
        yield Fact(_("Order reference"), found.order_ref)
        yield Fact(_("Started"), stamp_html(found.started_at, zone), zone)
        yield Fact(_("Completed"), stamp_html(found.completed_at, zone), zone)
        yield Fact(_("Associate"), found.associate_id)
        if found.is_late:
            yield Fact(_("Late arrival"), _("After the ASN was closed"))
        if found.transaction:
            url = reverse("inventory:transaction-detail", args=[found.transaction.uuid])
            yield Fact(_("Transaction"), linked(url, _("Open the transaction")))
        if found.corrects:
            yield Fact(_("Corrects"), receipt_link(found.corrects))
        for correction in found.corrections.order_by("pk"):
            yield Fact(_("Corrected by"), receipt_link(correction))
        for asn in Asn.objects.visible_to(self.request.user).filter(blind_matches__receipt=found):
            yield Fact(_("Might have named"), self.link(asn))
        yield Fact(_("Reason"), found.note)

    def link(self, asn: Asn) -> SafeString | str:
        """Who only receives has no page of the browser to go to."""
        if self.request.user.has_perm(permissions.VIEW_INVENTORY_MANAGEMENT):
            return asn_link(asn)
        return str(asn)

    def buttons(self, found: Receipt) -> Iterable[Button]:
        if may_correct(found, self.request.user):
            url = reverse("asn:correct", args=[found.uuid])
            yield Button(_("Correct this receipt"), url, "undo-2")

    def sections(self, found: Receipt) -> Iterable[Section]:
        yield Section(
            _("Lines"),
            tables.ReceiptLineTable,
            ReceiptLine.objects.filter(receipt=found).order_by("pk"),
            _("Nothing is received yet."),
        )


def linked(url: str, text: str) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', url, text)


def receipt_link(receipt: Receipt) -> SafeString:
    return linked(reverse("asn:receipt", args=[receipt.uuid]), str(receipt))
