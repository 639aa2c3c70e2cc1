"""Quick search over all documents (DESIGN §1)."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.locations.permissions import VIEW_LOCATIONS
from omnichannel.web.pages import KitPage

from . import queries


class Hit(NamedTuple):
    url: str
    title: str
    code: str
    note: Any = ""


class Found(NamedTuple):
    """Hits of one kind, and the list that shows all of them."""

    label: str
    list_url: str
    hits: list[Hit]


class QuickSearch(KitPage):
    """Results as a page, and to htmx as what stands under the search box.

    The Enter of a scanner goes straight to the product, if the code is of exactly one.
    """

    title = gettext_lazy("Search")
    permission_required = (VIEW_INVENTORY_MANAGEMENT, VIEW_LOCATIONS)

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        is_swap = "HX-Request" in request.headers
        is_askable = queries.SHORTEST <= len(text) <= queries.LONGEST
        self.exact: list[Any] = []
        groups = self.find(text) if is_askable else []
        if len(self.exact) == 1 and not is_swap:
            return redirect("inventory:product-detail", self.exact[0].product_id)
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "text": text,
            "is_askable": is_askable,
            "groups": [group for group in groups if group.hits],
        }
        name = "overview/results.html" if is_swap else "overview/search.html"
        response = render(request, name, context)
        patch_vary_headers(response, ("HX-Request",))
        return response

    def find(self, text: str) -> list[Found]:
        found = []
        if self.request.user.has_perm(VIEW_INVENTORY_MANAGEMENT):
            found += [self.products(text), self.asns(text)]
            found += [self.transfers(text), self.transactions(text)]
        if self.request.user.has_perm(VIEW_LOCATIONS):
            found.append(self.locations(text))
        return found

    def products(self, text: str) -> Found:
        self.exact, rows = queries.products(text)
        hits = [
            Hit(
                reverse("inventory:product-detail", args=[row.product_id]),
                row.name,
                row.product_id,
                "" if row.is_active else _("Inactive"),
            )
            for row in rows
        ]
        # A list answers an exact code with that product alone, unless told otherwise.
        return Found(_("Products"), to_list("inventory:products", q=text, match="any"), hits)

    def transactions(self, text: str) -> Found:
        hits = [
            Hit(
                reverse("inventory:transaction-detail", args=[row.uuid]),
                row.reference,
                row.location.code,
                row.get_type_display(),
            )
            for row in queries.transactions(text, self.request.user)  # type: ignore[arg-type]
        ]
        return Found(_("Transactions"), to_list("inventory:transactions", q=text), hits)

    def asns(self, text: str) -> Found:
        hits = [
            Hit(
                reverse("asn:detail", args=[row.uuid]),
                row.number,
                row.destination.code,
                row.get_status_display(),
            )
            for row in queries.asns(text, self.request.user)  # type: ignore[arg-type]
        ]
        return Found(_("ASNs"), to_list("asn:list", q=text), hits)

    def transfers(self, text: str) -> Found:
        hits = [
            Hit(
                reverse("transfers:detail", args=[row.uuid]),
                row.external_ref,
                f"{row.origin.code} → {row.destination.code}",
                row.get_status_display(),
            )
            for row in queries.transfers(text, self.request.user)  # type: ignore[arg-type]
        ]
        return Found(_("Transfer Orders"), to_list("transfers:list", q=text), hits)

    def locations(self, text: str) -> Found:
        hits = [
            Hit(to_list("locations:list", q=row.code), row.name, row.code, row.country_code)
            for row in queries.locations(text, self.request.user)  # type: ignore[arg-type]
        ]
        return Found(_("Locations"), to_list("locations:list", q=text), hits)


def to_list(view_name: str, **words: str) -> str:
    return f"{reverse(view_name)}?{urlencode(words)}"
