"""Start a shipment, and change what is in it while it is picked (PRODUCT §6).

What the phone does by scanning can be done at the desk: a store manager needs no phone.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.views.counting import count_now
from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import actions, permissions
from ..forms import Packing
from ..models import TransferOrder, TransferTransaction
from .closing import revision_of
from .crumbs import TRANSFERS
from .places import POSTED, own_order, own_parcel

Status = TransferTransaction.Status


def picked(units: Mapping[int, int]) -> list[actions.Picked]:
    return [actions.Picked(pk, quantity) for pk, quantity in units.items()]


class Packed(KitPage):
    """Quantities of a parcel as a form; each subclass says what saving means."""

    crumbs = TRANSFERS
    permission_required = permissions.TRANSFER_INVENTORY
    http_method_names = POSTED
    verb: Any = ""

    def show(
        self,
        order: TransferOrder,
        packing: Packing,
        *,
        title: str,
        refused: ActionError | None = None,
        status: int = 200,
    ) -> HttpResponse:
        user, posted = self.request.user, self.request.POST
        context = {
            "title": title,
            "crumbs": self.trail(),
            "order": order,
            "parcel": packing.parcel,
            "packing": packing,
            "key": posted.get("key", "")[:100] or str(uuid.uuid4()),
            "revision": packing.parcel.revision if packing.parcel else "",
            "verb": self.verb,
            "faults": [str(refused)] if refused else [],
            "to_count": count_now(user, order.origin, order.from_stock_location, refused),
        }
        response = render(self.request, "transfers/pack.html", context, status=status)
        response["Permissions-Policy"] = "camera=(self)"
        response["Cache-Control"] = "private, no-store"
        return response

    def added(self, packing: Packing) -> bool:
        """Whether the form only wants one more of a product."""
        act = self.request.POST.get("act")
        if act == "all" or (act == "save" and not packing.code):
            return False
        packing.add_code()
        return True


class StartShipment(Packed):
    """A parcel with what is left of the order, or with what was typed instead."""

    verb = gettext_lazy("Start the shipment")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        order = own_order(request.user, kwargs["uuid"])
        if order.is_final:
            return redirect("transfers:detail", order.uuid)
        return self.show(order, Packing(request.GET, order), title=self.titled(order))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        order = own_order(request.user, kwargs["uuid"])
        packing = Packing(request.POST, order)
        title = self.titled(order)
        if self.added(packing):
            return self.show(order, packing, title=title)
        if request.POST.get("act") != "all" and not packing.is_complete:
            return self.show(order, packing, title=title, status=400)
        try:
            parcel = self.begin(order, packing)
        except ActionError as refused:
            return self.show(order, packing, title=title, refused=refused, status=409)
        messages.success(request, _("%s is begun; nothing has left yet.") % parcel.number)
        return redirect("transfers:parcel", parcel.uuid)

    def begin(self, order: TransferOrder, packing: Packing) -> TransferTransaction:
        user: Any = self.request.user
        key = self.request.POST.get("key", "")[:100] or str(uuid.uuid4())
        with transaction.atomic(durable=True):
            parcel = actions.begin_transaction(
                order_id=order.pk, by=user, key=f"begin:{user.pk}:{key}"
            )
            # Sent twice it is one parcel, and what was put into it since stays.
            if not parcel.lines.exists():
                is_all = self.request.POST.get("act") == "all"
                units = packing.proposed() if is_all else packing.quantities()
                actions.set_picks(transaction_id=parcel.pk, lines=picked(units))
        return parcel

    def titled(self, order: TransferOrder) -> str:
        return _("Start a shipment of %s") % order.external_ref


class ChangeParcel(Packed):
    """Other quantities for a parcel that is being picked."""

    verb = gettext_lazy("Save quantities")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        parcel = own_parcel(request.user, kwargs["uuid"])
        if parcel.status != Status.PICKED:
            return redirect("transfers:parcel", parcel.uuid)
        packing = Packing(request.GET, parcel.order, parcel)
        return self.show(parcel.order, packing, title=self.titled(parcel))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        parcel = own_parcel(request.user, kwargs["uuid"])
        packing, title = Packing(request.POST, parcel.order, parcel), self.titled(parcel)
        if self.added(packing):
            return self.show(parcel.order, packing, title=title)
        if not packing.is_complete:
            return self.show(parcel.order, packing, title=title, status=400)
        try:
            with transaction.atomic(durable=True):
                actions.set_picks(
                    transaction_id=parcel.pk,
                    lines=picked(packing.quantities()),
                    revision=revision_of(request.POST.get("revision", "")),
                )
        except ActionError as refused:
            parcel.refresh_from_db()
            return self.show(parcel.order, packing, title=title, refused=refused, status=409)
        messages.success(request, _("The quantities are saved."))
        return redirect("transfers:parcel", parcel.uuid)

    def titled(self, parcel: TransferTransaction) -> str:
        return _("Quantities of %s") % parcel.number
