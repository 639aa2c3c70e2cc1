"""Settings > Barcodes: which identifiers a scan matches, in order (PRODUCT §2)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.web.pages import KitPage

from .models import ProductIdentifier, ScanIdentifier

LABELS = {
    ScanIdentifier.PRODUCT_ID: gettext_lazy("Product ID"),
    ScanIdentifier.SKU: gettext_lazy("SKU"),
}
LAST = 999


class Barcodes(KitPage):
    """Reorder and switch on or off; a kind that some product has is offered at the end."""

    title = gettext_lazy("Barcodes")
    crumbs = (gettext_lazy("Settings"),)
    # Who decides what a scan means decides what an adjustment means too; the name is by string,
    # because the room that owns it lies above this one.
    permission_required = "inventory.modify_reason_codes"
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, [(kind, self.label(kind)) for kind in kinds()])

    def show(
        self, request: HttpRequest, rows: list[tuple[ScanIdentifier, Any]], status: int = 200
    ) -> HttpResponse:
        context = {"title": self.title, "crumbs": self.trail(), "rows": rows}
        return render(request, "catalog/barcodes.html", context, status=status)

    def label(self, kind: ScanIdentifier) -> Any:
        return LABELS.get(kind.kind, kind.kind.upper())

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = kinds()
        try:
            positions = {row.kind: position_of(request, row.kind) for row in rows}
        except ValueError:
            messages.error(request, _("A position is a whole number from 1 to %d.") % LAST)
            return self.show(request, [(row, self.label(row)) for row in rows], status=400)
        active = set(request.POST.getlist("active"))
        if not active & positions.keys():
            messages.error(request, _("A scan has to match something: leave one kind switched on."))
            return self.show(request, [(row, self.label(row)) for row in rows], status=400)
        with transaction.atomic():
            ordered = sorted(rows, key=lambda row: positions[row.kind])
            for number, row in enumerate(ordered, start=1):
                ScanIdentifier.objects.update_or_create(
                    kind=row.kind, defaults={"position": number, "is_active": row.kind in active}
                )
        messages.success(request, _("Scans match in the new order from now on."))
        return redirect("catalog:barcodes")


def kinds() -> list[ScanIdentifier]:
    """The kept ones in order, then every further type that a product's identifier has."""
    kept = list(ScanIdentifier.objects.order_by("position", "pk"))
    known = {row.kind for row in kept}
    types = ProductIdentifier.objects.order_by("type").values_list("type", flat=True).distinct()
    further = sorted({text.casefold() for text in types if len(text.casefold()) <= 32} - known)
    return kept + [
        ScanIdentifier(position=len(kept) + number, kind=kind, is_active=False)
        for number, kind in enumerate(further, start=1)
    ]


def position_of(request: HttpRequest, kind: str) -> int:
    """The posted position; raises ValueError for anything but 1 to LAST."""
    text = request.POST.get(f"position-{kind}", "")
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= LAST):
        raise ValueError(kind)
    return int(text)
