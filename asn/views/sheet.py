"""The receiving sheet: paper for the back door, with blank columns and codes to scan (UI §5)."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from omnichannel.catalog.labels import Drawing, NoCode128, code_128, qr
from omnichannel.web.pages import KitPage

from .. import permissions
from ..models import AsnLine
from .crumbs import ASNS
from .detail import asn_seen_by

# On paper more lines are no help; the phone takes them all.
MOST_LINES = 1_000
# Millimetres that a code may take in its column, and at the top of the sheet.
WIDTH, HEIGHT = 62.0, 8.0
QR, QR_OF_SHEET = 16.0, 24.0


class SheetRow(NamedTuple):
    """A line with the codes of its product; `bars` or, where it has none, `square`."""

    line: AsnLine
    bars: Drawing | None
    square: Drawing | None
    starts_carton: bool


def codes(text: str) -> tuple[Drawing | None, Drawing | None]:
    try:
        return code_128(text, WIDTH, HEIGHT), None
    except NoCode128:
        return None, qr(text, QR)


class Sheet(KitPage):
    crumbs = ASNS
    permission_required = (
        permissions.VIEW_INVENTORY_MANAGEMENT,
        permissions.RECEIVE_INVENTORY,
    )

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asn = asn_seen_by(request.user, kwargs["uuid"])
        lines = (
            AsnLine.objects.filter(asn=asn).select_related("product").order_by("carton_id", "pk")
        )
        found = list(lines[: MOST_LINES + 1])
        context = {
            "title": _("Receiving sheet of %s") % asn,
            "crumbs": self.trail(),
            "asn": asn,
            "square": qr(asn.number, QR_OF_SHEET),
            "rows": rows(found[:MOST_LINES]),
            "is_cut": len(found) > MOST_LINES,
        }
        return render(request, "asn/sheet.html", context)


def rows(lines: list[AsnLine]) -> list[SheetRow]:
    found, carton = [], ""
    for line in lines:
        found.append(SheetRow(line, *codes(line.product.product_id), line.carton_id != carton))
        carton = line.carton_id
    return found
