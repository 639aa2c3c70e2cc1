"""Paper: zone sheets with a code to scan, and a list to count without a phone (UI §5)."""

from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from omnichannel.catalog.labels import Drawing, qr
from omnichannel.catalog.models import Product
from omnichannel.web.pages import KitPage

from ..models import CountLine, CountZone
from .crumbs import COUNTS
from .places import SEEING, count_of

PER_SHEET = 6
# Millimetres of a code, which is read from a step away.
CODE = 50.0
# On paper more are no help; the phone takes them all.
MOST_ZONES, MOST_LINES = 1_200, 1_000


class Card(NamedTuple):
    zone: CountZone
    code: Drawing


class ZoneSheet(KitPage):
    """Two by three cards on A4; `?zone=` prints one again."""

    crumbs = COUNTS
    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = count_of(request.user, kwargs["uuid"])
        zones = CountZone.objects.filter(count=count).exclude(name="").order_by("name_key", "pk")
        if names := request.GET.getlist("zone"):
            zones = zones.filter(name__in=names[:MOST_ZONES])
        found = list(zones[: MOST_ZONES + 1])
        if not found:
            raise Http404
        cards = [Card(zone, qr(zone.name, CODE)) for zone in found[:MOST_ZONES]]
        context = {
            "title": _("Zone sheets of %s") % count,
            "crumbs": self.trail(),
            "count": count,
            "pages": [cards[n : n + PER_SHEET] for n in range(0, len(cards), PER_SHEET)],
            "is_cut": len(found) > MOST_ZONES,
        }
        return render(request, "counts/zone_sheet.html", context)


class CountList(KitPage):
    """What is to be counted, with blank columns; blind, whatever the count is."""

    crumbs = COUNTS
    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = count_of(request.user, kwargs["uuid"])
        lines = CountLine.objects.filter(count=count, is_listed=True).order_by("product_id")
        pks = list(lines.values_list("product_id", flat=True)[: MOST_LINES + 1])
        products = Product.objects.in_bulk(pks[:MOST_LINES])
        context = {
            "title": _("Count list of %s") % count,
            "crumbs": self.trail(),
            "count": count,
            "products": sorted(
                products.values(), key=lambda product: (product.name_key, product.pk)
            ),
            "is_cut": len(pks) > MOST_LINES,
        }
        return render(request, "counts/count_list.html", context)
