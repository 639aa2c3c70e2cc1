"""The way to a closed store: steps, what is left of each, and the acts between them."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.permissions import MANAGE_LOCATIONS
from omnichannel.web.pages import KitPage
from transfers.permissions import TRANSFER_INVENTORY

from ..actions.closing import close_store, send_remaining
from ..checklist import closing
from .places import LOCATIONS, acted_for

Kind = FulfillmentLocation.Kind
LONGEST_KEY = 64


class CloseStore(KitPage):
    crumbs = LOCATIONS
    permission_required = MANAGE_LOCATIONS
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        location = acted_for(request.user, code)
        if location.kind != Kind.STORE:
            return redirect("fulfilment:location", location.code)
        return self.show(location)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        location = acted_for(request.user, code)
        act = {"send": self.send, "close": self.close}.get(request.POST.get("act", ""))
        try:
            if act is None or location.kind != Kind.STORE:
                raise ActionError(_("There is no such act here."))
            with transaction.atomic(durable=True):
                told = act(location)
        except ActionError as refused:
            return self.show(location, str(refused), 409)
        messages.success(request, told)
        return redirect("fulfilment:close-store", location.code)

    def send(self, location: FulfillmentLocation) -> str:
        """
        Raises:
            ActionError
        """
        user: Any = self.request.user
        if not user.has_perm(TRANSFER_INVENTORY):
            raise ActionError(_("To send stock on needs the permission Transfer Inventory."))
        centre = centres().filter(code=self.request.POST.get("to", "")).first()
        if centre is None:
            raise ActionError(_("Choose a distribution centre."))
        key = self.request.POST.get("key", "")[:LONGEST_KEY] or str(uuid.uuid4())
        orders = send_remaining(
            location_id=location.pk,
            destination_id=centre.pk,
            by=user,
            key=f"close-store:{location.pk}:{key}",
        )
        number = len(orders)
        return (
            ngettext(
                "%d transfer order was made; ship it.",
                "%d transfer orders were made; ship them.",
                number,
            )
            % number
        )

    def close(self, location: FulfillmentLocation) -> str:
        """
        Raises:
            ActionError
        """
        close_store(self.request, location.pk)
        return _("%s is closed: nothing of it is offered, and everything stays readable.") % (
            location.name
        )

    def show(self, location: FulfillmentLocation, fault: str = "", status: int = 200) -> Any:
        location.refresh_from_db()
        steps = closing.steps(location)
        user: Any = self.request.user
        words = {"store": location.code, "type": "FULL"}
        context = {
            "title": _("Close %s") % location.name,
            "crumbs": self.trail(),
            "location": location,
            "steps": steps,
            "settled": sum(step.is_settled for step in steps),
            "is_settled": all(step.is_settled for step in steps),
            "centres": centres() if user.has_perm(TRANSFER_INVENTORY) else [],
            "count_url": f"{reverse('counts:create')}?{urlencode(words)}"
            if user.has_perm("counts.create_cycle_counts")
            else "",
            "key": str(uuid.uuid4()),
            "faults": [fault] if fault else [],
        }
        response = render(self.request, "fulfilment/close_store.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


def centres() -> Any:
    rows = FulfillmentLocation.objects.filter(kind=Kind.DC, is_enabled=True)
    return rows.order_by("name_key", "pk")
