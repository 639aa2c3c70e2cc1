"""One notice: what was announced, what came, what became of the rest (PRODUCT §6)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from omnichannel.eventstream.models import Event
from omnichannel.imports.models import Import
from omnichannel.web.cells import badge, day, due, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, Section, one
from omnichannel.web.export import csv_response, file_name
from omnichannel.web.pages import KitPage
from omnichannel.web.permissions import VIEW_TOOLS
from omnichannel.web.shell import may

from .. import permissions, queries, tables
from ..forms import Closing
from ..models import Asn, AsnLine, FateDecision, Receipt
from .closing import asked_about
from .crumbs import ASNS
from .plot import parts_of

MOST_EVENTS = 100


def asn_seen_by(user: Any, uuid: Any) -> Asn:
    rows = tables.AsnTable.annotate(Asn.objects.visible_to(user))
    return one(
        rows.select_related("origin", "destination", "holder", "returns", "closed_by"), uuid=uuid
    )


class AsnDetail(DetailPage):
    crumbs = ASNS
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    template_name = "asn/detail.html"

    def get_object(self) -> Asn:
        return asn_seen_by(self.request.user, self.kwargs["uuid"])

    def facts(self, found: Any) -> Iterable[Fact]:
        zone = found.destination.time_zone
        yield Fact(_("From"), found.origin.name, found.origin.code)
        yield Fact(_("To"), found.destination.name, found.destination.code)
        yield Fact(_("Time"), stamp_html(found.shipped_at, zone), zone)
        if found.expected_date or (found.late or 0) > 0:
            shown = mark_safe(due(found.expected_date, found.late))  # noqa: S308 — a day and words of ours
            is_late = found.expected_date and (found.late or 0) > 0
            yield Fact(_("Expected Arrival"), shown, day(found.expected_date) if is_late else "")
        yield Fact(_("Order ID"), orders_of(found))
        yield Fact(_("Purchase order"), found.po_number)
        yield Fact(_("Products"), found.product_count)
        yield Fact(_("Items"), found.expected_total)
        yield from closing_facts(found, zone)
        note = import_link(found.import_reference, self.request.user)
        yield Fact(_("Source"), found.get_source_display(), note)
        if found.returns:
            yield Fact(_("Goes back from"), asn_link(found.returns))
        for child in found.returned_by.order_by("pk"):
            yield Fact(_("Goes back as"), asn_link(child))
        yield Fact(_("Note"), found.note)

    def buttons(self, found: Any) -> Iterable[Button]:
        user = self.request.user
        yield Button(_("Receiving sheet"), reverse("asn:sheet", args=[found.uuid]), "printer")
        yield Button(_("Export lines"), reverse("asn:lines", args=[found.uuid]), "download")
        if not Asn.objects.acted_on_by(user).filter(pk=found.pk).exists():
            return
        if may(user, permissions.force_closing()):
            if not found.is_closed:
                url = reverse("asn:close", args=[found.uuid])
                yield Button(_("Force close ASN"), url, "package-x", "close-asn")
            elif any(part.is_undecided for part in parts_of(found)):
                url = reverse("asn:fate", args=[found.uuid])
                yield Button(_("Change the fate"), url, "split")

    def sections(self, found: Any) -> Iterable[Section]:
        yield Section(
            _("Lines"),
            tables.LineTable,
            AsnLine.objects.filter(asn=found).order_by("pk"),
            _("This ASN has no line."),
            link=(_("Export lines"), reverse("asn:lines", args=[found.uuid])),
        )
        yield Section(
            _("Receipts"),
            tables.ReceiptTable,
            Receipt.objects.filter(asn=found).order_by("pk"),
            _("Nothing was received yet."),
        )
        decisions = FateDecision.objects.filter(asn=found).order_by("pk")
        if decisions.exists():
            yield Section(_("Decisions about the remainder"), tables.DecisionTable, decisions)
        blind = Receipt.objects.filter(matches__asn=found).order_by("pk")
        if blind.exists():
            yield Section(_("Received without this ASN"), tables.ReceiptTable, blind)
        yield Section(
            _("Events sent"),
            tables.EventTable,
            Event.objects.filter(entity_id__in=queries.event_entities(found)).order_by("pk"),
            _("No event was published yet."),
            limit=MOST_EVENTS,
        )

    def extra_context(self, found: Any) -> dict[str, Any]:
        tone = tables.TONES[found.status]
        context: dict[str, Any] = {
            "badge": mark_safe(badge(tone, found.get_status_display())),  # noqa: S308 — a word of ours
            "parts": parts_of(found),
        }
        if any(button.dialog for button in self.buttons(found)):
            context |= asked_about(Closing(QueryDict(), found, self.request.user))
        return context


def closing_facts(found: Any, zone: str) -> Iterable[Fact]:
    if not found.is_closed:
        return
    label = _("Force closed by") if found.is_force_closed else _("Closed by")
    note = "" if found.is_force_closed else _("with the last receipt")
    yield Fact(label, found.closed_associate_id, note)
    yield Fact(_("Closed"), stamp_html(found.closed_at, zone), zone)


def orders_of(found: Any) -> str:
    """The orders it belongs to; a transfer's leads to that order, which a room above shows."""
    if found.source != Asn.Source.TRANSFER or len(found.order_ids) != 1:
        return ", ".join(found.order_ids)
    words = urlencode({"reference": found.order_ids[0]})
    url = f"{reverse(settings.TRANSFERS_PAGE)}?{words}"
    return format_html('<a class="link" href="{}">{}</a>', url, found.order_ids[0])


def asn_link(asn: Asn) -> SafeString:
    url = reverse("asn:detail", args=[asn.uuid])
    return format_html('<a class="link" href="{}">{}</a>', url, asn)


def import_link(reference: str, user: Any) -> str:
    """The import that brought it in, for whoever may see it; it is kept for a month only."""
    if not reference or not user.has_perm(VIEW_TOOLS):
        return reference
    if not Import.objects.filter(uuid=reference).exists():
        return reference
    url = reverse("imports:detail", args=[reference])
    return format_html('<a class="link" href="{}">{}</a>', url, reference)


class ExportLines(KitPage):
    """The lines as CSV: the columns of the page, all rows of it."""

    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        asn = asn_seen_by(request.user, kwargs["uuid"])
        name = file_name(_("ASN lines"), [asn.number], [])
        table = tables.LineTable
        return csv_response(table, AsnLine.objects.filter(asn=asn), tuple(table.base_columns), name)
