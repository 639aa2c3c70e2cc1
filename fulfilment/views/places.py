"""One location: who keeps its stock, on what its numbers rest, and what may be done (PRODUCT §8)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import StockOnHand
from omnichannel.locations import actions as locations
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from omnichannel.locations.permissions import (
    EDIT_FULFILLMENT_AVAILABILITY,
    MANAGE_LOCATIONS,
    VIEW_LOCATIONS,
)
from omnichannel.web.cells import grouped, stamp_html
from omnichannel.web.details import Button, DetailPage, Fact, one
from omnichannel.web.pages import KitPage

from ..checklist import takeover
from ..models import Takeover
from .banners import banner

LOCATIONS = (gettext_lazy("Settings"), (gettext_lazy("Locations"), "locations:list"))
SWITCHING = (EDIT_FULFILLMENT_AVAILABILITY, MANAGE_LOCATIONS)
Kind = FulfillmentLocation.Kind


def seen(user: Any, code: str) -> FulfillmentLocation:
    """A location that the user may read, or 404."""
    rows = FulfillmentLocation.objects.visible_to(user).select_related("pricebook")
    found: FulfillmentLocation = one(rows, code=code)
    return found


def acted_for(user: Any, code: str) -> FulfillmentLocation:
    """A location for which the user acts, or 404."""
    found: FulfillmentLocation = one(FulfillmentLocation.objects.acted_for_by(user), code=code)
    return found


def acts_for(user: Any, location: FulfillmentLocation) -> bool:
    return FulfillmentLocation.objects.acted_for_by(user).filter(pk=location.pk).exists()


class LocationDetail(DetailPage):
    crumbs = LOCATIONS
    permission_required = VIEW_LOCATIONS

    def get_object(self) -> FulfillmentLocation:
        return seen(self.request.user, self.kwargs["code"])

    def get_title(self, found: Any) -> str:
        return found.name

    def facts(self, found: Any) -> Iterable[Fact]:
        yield Fact(_("ID"), found.code)
        yield Fact(_("Type"), found.get_kind_display())
        yield Fact(_("Store ID"), found.store_id)
        yield Fact(_("City"), found.city, found.country)
        yield Fact(_("Time zone"), found.time_zone)
        if found.pricebook:
            yield Fact(_("Pricebook"), found.pricebook.name, found.pricebook.currency)
        yield Fact(_("Enabled"), _("Yes") if found.is_enabled else _("No"), not_offered(found))
        yield from stock_facts(found)

    def buttons(self, found: Any) -> Iterable[Button]:
        user = self.request.user
        if not acts_for(user, found):
            return
        is_store = found.kind == Kind.STORE
        if is_store and not found.is_inventory_master and user.has_perm(MANAGE_LOCATIONS):
            url = reverse("fulfilment:take-over", args=[found.code])
            yield Button(_("Take over its stock"), url, "boxes")
        if is_store and user.has_perm(MANAGE_LOCATIONS):
            url = reverse("fulfilment:close-store", args=[found.code])
            yield Button(_("Close this store"), url, "clipboard-check")

    def extra_context(self, found: Any) -> dict[str, Any]:
        user = self.request.user
        may = acts_for(user, found) and any(user.has_perm(name) for name in SWITCHING)
        return {
            "subtitle": found.code,
            "lead_html": banner(self.request, found),
            "may_switch": may,
        }

    template_name = "fulfilment/location.html"


def not_offered(location: FulfillmentLocation) -> str:
    return "" if location.is_enabled else _("Nothing of it is offered; its stock stays.")


def stock_facts(location: FulfillmentLocation) -> Iterable[Fact]:
    zone = location.time_zone
    keeper = _("Ours") if location.is_inventory_master else _("The ERP's")
    yield Fact(_("Stock"), keeper)
    taken = Takeover.objects.filter(location=location).select_related("by").first()
    if taken:
        by = taken.by.get_username() if taken.by else ""
        yield Fact(_("Taken over"), stamp_html(taken.taken_over_at, zone), by)
    last = takeover.last_import_at(location)
    if last:
        yield Fact(_("Last stock import"), stamp_html(last, zone), zone)
    rows = StockOnHand.objects.filter(location=location, stock_location__name=StockLocation.MAIN)
    units = rows.aggregate(units=Sum("quantity"))["units"] or 0
    yield Fact(_("Units in the salable stock location"), grouped(units))


class SwitchLocation(KitPage):
    """Offer its stock, or nothing of it; the stock itself stays as it is (CONTRACT §4.2)."""

    permission_required = SWITCHING
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        location = acted_for(request.user, code)
        is_enabled = request.POST.get("enabled") == "yes"
        with transaction.atomic(durable=True):
            locations.set_enabled(request, location.pk, is_enabled)
        told = _("%s is offered again.") if is_enabled else _("Nothing of %s is offered any more.")
        messages.success(request, told % location.name)
        return redirect("fulfilment:location", location.code)
