"""Transferring on the phone: what a store has to ship, and a transfer of its own (PRODUCT §6)."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.locations.at_store import AtStore
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.pages import KitPage

from .. import actions, permissions, queries
from ..models import TransferDraft, TransferOrder, TransferOrderLine, TransferTransaction
from .creating import destinations
from .phone_scope import allowed, refuse_switched_off
from .places import own_order

MOST_SHOWN = 50
MOST_LINES = 300
LONGEST_CODE = 256
Status = TransferTransaction.Status
# As they stand in the index; what is final is most of all.
UNDONE = (TransferOrder.Status.OPEN, TransferOrder.Status.IN_PROGRESS)


class PhonePage(AtStore, KitPage):
    """Whoever may transfer, in the store where he stands."""

    title = gettext_lazy("Transfer")
    permission_required = permissions.TRANSFER_INVENTORY
    http_method_names = ["get", "head", "options", "post"]

    def user(self) -> Any:
        return self.request.user

    def drawn_key(self, act: str) -> str:
        """Of the act; the page drew it, so that a form sent twice acts once."""
        drawn = self.request.POST.get("key", "")[:40] or str(uuid.uuid4())
        return f"{act}:{self.user().pk}:{drawn}"


class TransferHome(PhonePage):
    """Open orders of the store, parcels and drafts to go on with, and a field to scan."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        stores = self.stores()
        here = self.here(stores)
        code = request.GET.get("code", "").strip()[:LONGEST_CODE]
        if here and code and (url := self.find(here, code)):
            return redirect(*url)
        context = {
            "stores": stores,
            "here": here,
            "code": code,
            "is_shipped": request.GET.get("tab") == "shipped",
            "longest": LONGEST_CODE,
            **(self.of_store(here) if here else {}),
        }
        return self.answer("transfers/phone.html", context)

    def find(self, here: FulfillmentLocation, code: str) -> tuple[str, uuid.UUID] | None:
        """By the number or the tracking number of a parcel, or by the reference of an order."""
        parcels = TransferTransaction.objects.filter(
            Q(number=code) | Q(tracking_number=code), order__origin=here
        )
        if parcel := parcels.order_by("-pk").first():
            return "transfers:phone-parcel", parcel.uuid
        if orders := queries.matching_orders(here.pk, code):
            return "transfers:phone-order", orders[0].uuid
        return None

    def of_store(self, here: FulfillmentLocation) -> dict[str, Any]:
        parcels = TransferTransaction.objects.filter(order__origin=here)
        parcels = parcels.select_related("order", "order__destination", "asn")
        # Of a final order no parcel waits.
        waiting = parcels.filter(order__status__in=UNDONE)
        drafts = TransferDraft.objects.filter(origin=here, order=None, left_at=None)
        orders = TransferOrder.objects.filter(origin=here, status__in=UNDONE)
        orders = orders.select_related("destination")
        return {
            "allowed": allowed(here),
            # The first to be due, then the oldest.
            "orders": orders.order_by(F("due_date").asc(nulls_last=True), "ordered_at", "pk")[
                :MOST_SHOWN
            ],
            "today": timezone.localdate(timezone=ZoneInfo(here.time_zone)),
            "picked": waiting.filter(status=Status.PICKED).order_by("-pk")[:MOST_SHOWN],
            "ready": waiting.filter(status=Status.READY).order_by("ready_at")[:MOST_SHOWN],
            "shipped": parcels.filter(status=Status.SHIPPED).order_by("-pk")[:MOST_SHOWN],
            "drafts": drafts.select_related("destination")
            .annotate(scan_count=Count("scans"))
            .order_by("-pk")[:MOST_SHOWN],
        }


class TransferHere(PhonePage):
    """One order in the hand: what it still asks for, its parcels, and a button to begin one."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(own_order(request.user, kwargs["uuid"]))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        order = own_order(request.user, kwargs["uuid"])
        try:
            refuse_switched_off(order.origin)
            with transaction.atomic(durable=True):
                parcel = actions.begin_transaction(
                    order_id=order.pk, by=self.user(), key=self.drawn_key("begin")
                )
        except ActionError as refused:
            return self.show(order, str(refused), 409)
        return redirect("transfers:phone-parcel", parcel.uuid)

    def show(self, order: TransferOrder, fault: str = "", status: int = 200) -> HttpResponse:
        order = own_order(self.request.user, order.uuid)
        lines = TransferOrderLine.objects.filter(order=order).select_related("product")
        in_order = lines.order_by("product__name_key", "product__product_id")
        context = {
            "title": order.external_ref,
            "order": order,
            "fault": fault,
            "allowed": allowed(order.origin),
            "lines": in_order[:MOST_LINES],
            "more_lines": max(0, order.product_count - MOST_LINES),
            "parcels": order.transactions.select_related("asn").order_by("sequence"),
            "key": str(uuid.uuid4()),
        }
        return self.answer("transfers/phone_order.html", context, status)


class NewTransfer(PhonePage):
    """Where to? What goes there is scanned next."""

    title = gettext_lazy("New transfer")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        stores = self.stores()
        here = next((one for one in stores if one.code == request.POST.get("from")), None)
        here = here or self.here(stores)
        to = destinations().filter(code=request.POST.get("to", "")[:LONGEST_CODE]).first()
        if here is None:
            return self.show(_("Choose your store first."), 400)
        if to is None:
            return self.show(_("Choose where the goods go."), 400)
        try:
            refuse_switched_off(here, begins=True)
            with transaction.atomic(durable=True):
                draft = actions.begin_draft(
                    origin_id=here.pk,
                    destination_id=to.pk,
                    by=self.user(),
                    key=self.drawn_key("draft"),
                )
        except ActionError as refused:
            return self.show(str(refused), 409)
        return redirect("transfers:phone-draft", draft.uuid)

    def show(self, fault: str = "", status: int = 200) -> HttpResponse:
        stores = self.stores()
        here = self.here(stores)
        context = {
            "stores": stores,
            "here": here,
            "fault": fault,
            "to": self.request.POST.get("to", ""),
            "places": destinations().exclude(pk=here.pk) if here else [],
            "allowed": allowed(here) if here else None,
            "key": self.request.POST.get("key") or str(uuid.uuid4()),
        }
        return self.answer("transfers/phone_new.html", context, status)
