"""Ready, ship, unpack: each asks first, and tells what it means (UI §7.22)."""

import uuid
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
from ..forms import Carrying
from ..models import TransferTransaction
from .closing import revision_of
from .crumbs import TRANSFERS
from .places import POSTED, own_parcel

Status = TransferTransaction.Status


class AskFirst(KitPage):
    """GET asks, POST does it; whoever was slower is told what it has become meanwhile."""

    crumbs: Any = TRANSFERS
    permission_required = permissions.TRANSFER_INVENTORY
    http_method_names = POSTED
    question: Any = ""
    verb: Any = ""
    keep: Any = gettext_lazy("Back")
    consequences: tuple[tuple[str, Any], ...] = ()
    from_statuses: tuple[str, ...] = (Status.PICKED, Status.READY)
    is_final = False
    # Whether it may be what completes the order.
    completes = False

    def act(self, found: TransferTransaction, key: str) -> str:
        """Do it inside a transaction of its own; what to tell afterwards."""
        raise NotImplementedError

    def further(self, found: TransferTransaction) -> dict[str, Any]:
        return {}

    def is_complete(self, found: TransferTransaction) -> bool:
        """Whether the form says all that is needed; it shows what does not fit."""
        return True

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = own_parcel(request.user, kwargs["uuid"])
        if found.status not in self.from_statuses:
            return redirect("transfers:parcel", found.uuid)
        return self.show(found)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = own_parcel(request.user, kwargs["uuid"])
        if not self.is_complete(found):
            return self.show(found, status=400)
        key = request.POST.get("key", "")[:100] or str(uuid.uuid4())
        try:
            told = self.act(found, f"{request.user.pk}:{key}")
        except ActionError as refused:
            found.refresh_from_db()
            return self.show(found, refused, 409)
        messages.success(request, told)
        return redirect("transfers:parcel", found.uuid)

    def show(
        self, found: TransferTransaction, refused: ActionError | None = None, status: int = 200
    ) -> HttpResponse:
        context = {
            "title": self.question % {"number": found.number},
            "crumbs": self.trail(),
            "parcel": found,
            "order": found.order,
            "consequences": self.consequences,
            "verb": self.verb,
            "keep": self.keep,
            "key": str(uuid.uuid4()),
            "is_final": self.is_final,
            "is_last": self.completes and found.quantity_total == found.order.remaining_total,
            "is_barred": found.status not in self.from_statuses,
            "faults": [str(refused)] if refused else [],
            "to_count": count_now(
                self.request.user, found.order.origin, found.order.from_stock_location, refused
            ),
            **self.further(found),
        }
        response = render(self.request, "transfers/ask.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


class AskHow(AskFirst):
    """Asks too who takes the parcel, while it is still being picked."""

    def is_complete(self, found: TransferTransaction) -> bool:
        self.carrying = Carrying(self.request.POST, found)
        return found.status != Status.PICKED or self.carrying.is_complete()

    def further(self, found: TransferTransaction) -> dict[str, Any]:
        if found.status != Status.PICKED:
            return {}
        return {"carrying": getattr(self, "carrying", None) or Carrying(self.request.POST, found)}


class MakeReady(AskHow):
    question = gettext_lazy("Make %(number)s ready for handover?")
    verb = gettext_lazy("Make ready")
    from_statuses = (Status.PICKED,)
    consequences = (
        ("package-check", gettext_lazy("Its contents are settled; unpack it to change them.")),
        ("boxes", gettext_lazy("No stock moves until it ships.")),
        ("webhook", gettext_lazy("With a carrier the ERP is told that it waits for handover.")),
    )

    def act(self, found: TransferTransaction, key: str) -> str:
        how = self.carrying.values()
        with transaction.atomic(durable=True):
            actions.make_ready(
                transaction_id=found.pk,
                by=self.request.user,  # type: ignore[arg-type]
                key=f"ready:{key}",
                handover=actions.Handover(*how),
                revision=revision_of(self.request.POST.get("revision", "")),
            )
        return _("%s is ready for handover.") % found.number


class Ship(AskHow):
    question = gettext_lazy("Ship %(number)s?")
    completes = True
    verb = gettext_lazy("Ship")
    consequences = (
        ("boxes", gettext_lazy("Its units leave the origin's stock now.")),
        ("truck", gettext_lazy("The destination gets an ASN and receives it there.")),
        ("webhook", gettext_lazy("The ERP is told. A shipment is not called back.")),
    )

    def act(self, found: TransferTransaction, key: str) -> str:
        # What was made ready for a carrier goes with that carrier.
        how = self.carrying.values() if found.status == Status.PICKED else None
        with transaction.atomic(durable=True):
            actions.ship(
                transaction_id=found.pk,
                by=self.request.user,  # type: ignore[arg-type]
                key=f"ship:{key}",
                handover=actions.Handover(*how) if how else None,
                revision=revision_of(self.request.POST.get("revision", "")),
            )
        return _("%s has shipped.") % found.number


class Unpack(AskFirst):
    question = gettext_lazy("Unpack %(number)s?")
    verb = gettext_lazy("Unpack")
    keep = gettext_lazy("Keep it packed")
    is_final = True
    consequences = (
        ("package-open", gettext_lazy("Its units stay in stock and may be packed again.")),
        ("history", gettext_lazy("This shipment is over; a new one gets the next number.")),
    )

    def act(self, found: TransferTransaction, key: str) -> str:
        with transaction.atomic(durable=True):
            actions.unpack(
                transaction_id=found.pk,
                by=self.request.user,  # type: ignore[arg-type]
                key=f"unpack:{key}",
                revision=revision_of(self.request.POST.get("revision", "")),
            )
        return _("%s is unpacked.") % found.number
