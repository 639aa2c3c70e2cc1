"""The dialog before a store's stock becomes ours: figures, warnings, what stands in the way."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.permissions import MANAGE_LOCATIONS
from omnichannel.web.cells import grouped, stamp_html
from omnichannel.web.pages import KitPage

from ..actions.mastering import take_over_stock
from ..checklist import takeover
from .places import LOCATIONS, acted_for


class TakeOver(KitPage):
    crumbs = LOCATIONS
    permission_required = MANAGE_LOCATIONS
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        location = acted_for(request.user, code)
        if location.is_inventory_master:
            return redirect("fulfilment:location", location.code)
        return self.show(location)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        location = acted_for(request.user, code)
        if request.POST.get("sure") != "yes":
            fault = _("Confirm that you know that there is no way back.")
            return self.show(location, fault, 400)
        try:
            with transaction.atomic(durable=True):
                take_over_stock(request, location.pk)
        except ActionError as refused:
            return self.show(location, str(refused), 409)
        messages.success(request, _("The stock of %s is ours now.") % location.name)
        return redirect("fulfilment:location", location.code)

    def show(self, location: FulfillmentLocation, fault: str = "", status: int = 200) -> Any:
        standing = takeover.standing(location)
        matters = takeover.matters(location)
        is_store = location.kind == FulfillmentLocation.Kind.STORE
        context = {
            "title": _("Take over the stock of %s?") % location.name,
            "crumbs": self.trail(),
            "location": location,
            "standing": standing,
            "last": stamp_html(standing.last_import_at, location.time_zone),
            "age": age(standing),
            "units": grouped(standing.units),
            "warnings": list(warnings(standing)),
            "matters": matters,
            "is_barred": bool(matters) or not is_store,
            "is_store": is_store,
            "faults": [fault] if fault else [],
        }
        response = render(self.request, "fulfilment/take_over.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


def age(standing: takeover.Standing) -> str:
    """Of the last import, in whole hours or days."""
    if standing.last_import_at is None:
        return _("never")
    hours = int((timezone.now() - standing.last_import_at).total_seconds() // 3600)
    if hours < 48:
        return ngettext("%d hour ago", "%d hours ago", hours) % hours
    return ngettext("%d day ago", "%d days ago", hours // 24) % (hours // 24)


def warnings(standing: takeover.Standing) -> Any:
    if standing.last_import_at is None:
        yield _(
            "No stock was ever imported. Import it first, or 0 for every product and count then:"
            " until a count the numbers here rest on nothing."
        )
    if standing.moved:
        yield (
            ngettext(
                "%d transaction was recorded since the last import and is not in the stock. Import"
                " once more first, or count afterwards.",
                "%d transactions were recorded since the last import and are not in the stock."
                " Import once more first, or count afterwards.",
                standing.moved,
            )
            % standing.moved
        )
    if standing.units:
        yield _(
            "Nobody has counted these units. A notice stays on the store until a count is done."
        )
