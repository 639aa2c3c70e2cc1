"""A parcel on the phone: picked by scan, made ready, shipped or unpacked (PRODUCT §6)."""

import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.views.counting import count_now
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.web.scan_pages import FormAct
from omnichannel.web.scans import Outcome

from .. import actions
from ..forms import Carrying
from ..models import TransferTransaction
from .collecting import Box, Collecting, ParcelBox
from .phone_box import BoxForm, BoxScans
from .phone_scope import allowed
from .places import own_parcel

Status = TransferTransaction.Status


class ParcelForm(BoxForm):
    """A parcel of an order: picked, then ready for handover, shipped or unpacked."""

    def document(self) -> TransferTransaction:
        return own_parcel(self.request.user, self.kwargs["uuid"])

    def work(self, document: TransferTransaction) -> ParcelBox:
        return ParcelBox(document)

    def types(self, document: TransferTransaction) -> bool:
        return allowed(document.order.origin).types

    def put(self, document: TransferTransaction, product: Product, units: int) -> None:
        with transaction.atomic(durable=True):
            lines = [actions.Picked(product.pk, units)]
            actions.set_picks(transaction_id=document.pk, lines=lines)

    def again(self, document: TransferTransaction) -> HttpResponse:
        return redirect("transfers:phone-parcel", document.uuid)

    def refused(self, document: TransferTransaction, refusal: ActionError) -> HttpResponse:
        to_count = count_now(
            self.request.user, document.order.origin, document.order.from_stock_location, refusal
        )
        return self.show(document, fault=str(refusal), to_count=to_count, status=409)

    # ------------------------------------------------------------ acts of the form
    def ready(self, document: TransferTransaction, about: str) -> HttpResponse:
        carrying = Carrying(self.request.POST, document)
        if not carrying.is_complete():
            return self.show(document, carrying=carrying, status=400)
        with transaction.atomic(durable=True):
            actions.make_ready(
                transaction_id=document.pk,
                by=self.user(),
                key=self.drawn_key("ready"),
                handover=actions.Handover(*carrying.values()),
            )
        messages.success(self.request, _("%s is ready for handover.") % document.number)
        return self.again(document)

    def ship(self, document: TransferTransaction, about: str) -> HttpResponse:
        """As it was made ready, or at once, as it is told now."""
        handover = None
        if document.status == Status.PICKED:
            carrying = Carrying(self.request.POST, document)
            if not carrying.is_complete():
                return self.show(document, carrying=carrying, status=400)
            handover = actions.Handover(*carrying.values())
        with transaction.atomic(durable=True):
            actions.ship(
                transaction_id=document.pk,
                by=self.user(),
                key=self.drawn_key("ship"),
                handover=handover,
            )
        return self.again(document)

    def unpack(self, document: TransferTransaction, about: str) -> HttpResponse:
        with transaction.atomic(durable=True):
            actions.unpack(transaction_id=document.pk, by=self.user(), key=self.drawn_key("unpack"))
        messages.success(
            self.request, _("%s is unpacked; its units stay in the store.") % document.number
        )
        return redirect("transfers:phone-order", document.order.uuid)

    ACTS: ClassVar[dict[str, FormAct]] = {
        **BoxForm.ACTS,
        "ready": ready,
        "ship": ship,
        "unpack": unpack,
    }

    # ------------------------------------------------------------ the page
    def show(
        self,
        document: TransferTransaction,
        *,
        fault: str = "",
        said: Outcome | None = None,
        box: Box | None = None,
        carrying: Carrying | None = None,
        to_count: Any = (),
        status: int = 200,
    ) -> HttpResponse:
        parcel = own_parcel(self.request.user, document.uuid)
        context: dict[str, Any] = {
            "title": parcel.number,
            "parcel": parcel,
            "order": parcel.order,
            "fault": fault,
            "to_count": to_count,
            "carrying": carrying or Carrying(self.request.POST, parcel),
        }
        if parcel.status == Status.PICKED:
            context |= self.shown(parcel, said, box)
            return self.answer("transfers/phone_parcel.html", context, status)
        lines = parcel.lines.select_related("product").exclude(quantity=0)
        context |= {
            "lines": lines.order_by("product__name_key", "product__product_id"),
            "key": str(uuid.uuid4()),
        }
        return self.answer("transfers/phone_done.html", context, status)


class ParcelScans(BoxScans):
    gone = gettext_lazy("This parcel is not yours, or not there any more.")

    def document(self) -> TransferTransaction:
        return own_parcel(self.request.user, self.kwargs["uuid"])

    def filled(self, document: TransferTransaction) -> tuple[Collecting, bool]:
        return ParcelBox(document), allowed(document.order.origin).types
