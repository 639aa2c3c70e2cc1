"""Release: what was set aside for customers goes back to main (PRODUCT §9)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.details import one
from omnichannel.web.many import ManyPage

from .. import actions, permissions, queries
from ..models import CustomerReservation
from .lists import INVENTORY

RESERVATIONS = (gettext_lazy("Reservations"), "inventory:reservations")


class ReleaseMany(ManyPage):
    """Put back what is still set aside, of each reservation that a list chose."""

    title = gettext_lazy("Release these reservations?")
    verb = gettext_lazy("Release")
    nothing = gettext_lazy("None of these reservations is yours to release.")
    crumbs = (*INVENTORY, RESERVATIONS)
    permission_required = permissions.ADJUST_INVENTORY
    field, list_url, row_url = "reservation", "inventory:reservations", "inventory:reservation"
    question = "inventory/release.html"

    def rows(self) -> QuerySet:
        """Of the stores that he acts for; others are as unknown (PRODUCT §3)."""
        stores = FulfillmentLocation.objects.acted_for_by(self.request.user)
        mine = CustomerReservation.objects.filter(location__in=stores.values("pk"))
        return mine.select_related("location").annotate(units=queries.UNITS_SET_ASIDE)

    def figures(self, rows: Sequence[Any]) -> dict[str, Any]:
        return {"units": sum(row.units for row in rows)}

    def act(self, row: CustomerReservation) -> str:
        user: Any = self.request.user
        key = f"release:{row.uuid}:{self.request.POST.get('key', '')}"[:150]
        with transaction.atomic(durable=True):
            units = actions.release_reservation(pk=row.pk, by=user, key=key)
        told = ngettext("%d unit is back on its shelf.", "%d units are back on their shelf.", units)
        return told % units


class Release(ReleaseMany):
    """The same of one reservation, whose page it comes from and goes back to."""

    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        one(self.rows(), uuid=uuid)
        return self.ask([str(uuid)])

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:  # type: ignore[override]
        result = self.result(one(self.rows(), uuid=uuid))
        if not result.is_done:
            return self.tell([result], status=409)
        messages.success(request, result.text)
        return redirect(self.row_url, uuid)
