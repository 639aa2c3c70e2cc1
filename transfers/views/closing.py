"""Close Transfer Order: both numbers, what follows, and what stands in the way (PRODUCT §6)."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from asn.models import Asn
from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import actions, permissions
from ..models import TransferOrder, TransferTransaction
from .crumbs import TRANSFERS
from .places import POSTED, own_order

Status = TransferTransaction.Status


def close(order: TransferOrder, user: Any, key: str, revision: int | None = None) -> None:
    """
    Raises:
        ActionError: nothing was done.
    """
    with transaction.atomic(durable=True):
        actions.close_transfer_order(
            order_id=order.pk, by=user, key=f"close:{user.pk}:{key}"[:200], revision=revision
        )


def asked_about(order: TransferOrder, key: str) -> dict[str, Any]:
    """What dialog and page say before anybody confirms."""
    parcels = TransferTransaction.objects.filter(order=order).order_by("pk")
    under_way = Asn.objects.filter(transfer__order=order).exclude(status=Asn.Status.CLOSED)
    return {
        "order": order,
        "close_key": key,
        "close_url": reverse("transfers:close", args=[order.uuid]),
        # These are to be shipped or unpacked first; those being picked are given up.
        "ready": list(parcels.filter(status=Status.READY)),
        "picked": list(parcels.filter(status=Status.PICKED)),
        "under_way": under_way.count(),
    }


def revision_of(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


class CloseTransfer(KitPage):
    """The dialog of the detail page as a page of its own."""

    crumbs = TRANSFERS
    http_method_names = POSTED

    @property
    def permission_required(self) -> tuple[str, ...]:  # type: ignore[override]
        return permissions.closing()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        order = own_order(request.user, kwargs["uuid"])
        if order.is_final:
            return redirect("transfers:detail", order.uuid)
        return self.show(order, str(uuid.uuid4()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        order = own_order(request.user, kwargs["uuid"])
        key = request.POST.get("key", "")[:100] or str(uuid.uuid4())
        try:
            close(order, request.user, key, revision_of(request.POST.get("revision", "")))
        except ActionError as refused:
            # Another key: what was refused was not done.
            return self.show(order, str(uuid.uuid4()), str(refused), 409)
        messages.success(request, _("%s is closed.") % order.external_ref)
        return redirect("transfers:detail", order.uuid)

    def show(
        self, order: TransferOrder, key: str, fault: str = "", status: int = 200
    ) -> HttpResponse:
        order.refresh_from_db()
        context = {
            **asked_about(order, key),
            "title": _("Close %s?") % order.external_ref,
            "crumbs": self.trail(),
            "faults": [fault] if fault else [],
        }
        response = render(self.request, "transfers/close.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response
