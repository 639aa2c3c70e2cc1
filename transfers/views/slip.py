"""The packing slip: what is in the parcel, and a code that whoever receives it scans (UI §5)."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from omnichannel.catalog.labels import Drawing, NoCode128, code_128, qr
from omnichannel.web.details import one
from omnichannel.web.pages import KitPage

from ..models import TransferTransaction, TransferTransactionLine
from .crumbs import TRANSFERS
from .places import SEEING, related

# Millimetres that a code may take in its column, and at the top of the slip.
WIDTH, HEIGHT = 62.0, 8.0
QR, QR_OF_SLIP = 16.0, 30.0
WIDTH_OF_SLIP, HEIGHT_OF_SLIP = 90.0, 14.0


class SlipRow(NamedTuple):
    """A line with the code of its product; `bars` or, where it has none, `square`."""

    line: TransferTransactionLine
    bars: Drawing | None
    square: Drawing | None


def drawn(text: str, width: float, height: float, side: float) -> tuple[Any, Any]:
    """As bars where they fit, else as a square."""
    try:
        return code_128(text, width, height), None
    except NoCode128:
        return None, qr(text, side)


class PackingSlip(KitPage):
    """For the box. Receiving finds its ASN by the number in the square, and by the carton's bars.

    Before the parcel ships there is no ASN; it gets the parcel's number unless that is taken, so
    a slip that was printed with the box open is right as a rule, and the page says which it is.
    """

    crumbs = TRANSFERS
    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = TransferTransaction.objects.visible_to(request.user)
        parcel = one(
            related(rows).exclude(status=TransferTransaction.Status.UNPACKED), uuid=kwargs["uuid"]
        )
        lines = TransferTransactionLine.objects.filter(transaction=parcel, quantity__gt=0)
        found = lines.select_related("product").order_by("pk")
        number = parcel.asn.number if parcel.asn else parcel.number
        context = {
            "title": _("Packing slip of %s") % parcel.number,
            "crumbs": self.trail(),
            "parcel": parcel,
            "order": parcel.order,
            "number": number,
            "square": qr(number, QR_OF_SLIP),
            "rows": [
                SlipRow(line, *drawn(line.product.product_id, WIDTH, HEIGHT, QR)) for line in found
            ],
        }
        if parcel.tracking_number:
            context["carton_bars"], context["carton_square"] = drawn(
                parcel.tracking_number, WIDTH_OF_SLIP, HEIGHT_OF_SLIP, QR
            )
        response = render(request, "transfers/slip.html", context)
        response["Cache-Control"] = "private, no-store"
        return response
