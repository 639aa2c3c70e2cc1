"""A transfer of the store's own on the phone: scanned, then an order with its parcel (PRODUCT §6)."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.views.counting import count_now
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import StockLocation
from omnichannel.web.scan_pages import FormAct
from omnichannel.web.scans import Outcome

from .. import actions
from ..models import TransferDraft
from .collecting import Box, Collecting, DraftBox
from .phone_box import BoxForm, BoxScans
from .phone_scope import allowed, draft_of


class DraftForm(BoxForm):
    """A transfer of the store's own: it becomes an order with its parcel, or is left."""

    def document(self) -> TransferDraft:
        return draft_of(self.request.user, self.kwargs["uuid"])

    def work(self, document: TransferDraft) -> DraftBox:
        return DraftBox(document)

    def types(self, document: TransferDraft) -> bool:
        return allowed(document.origin).types

    def put(self, document: TransferDraft, product: Product, units: int) -> None:
        """A draft is its scans, so the difference is one more."""
        work = self.work(document)
        row = work.box().by_product.get(product.pk)
        change = units - (row.units if row else 0)
        if change:
            one = actions.Scan(self.key(), product.product_id, product.pk, change, timezone.now())
            with transaction.atomic(durable=True):
                work.record([one])

    def again(self, document: TransferDraft) -> HttpResponse:
        return redirect("transfers:phone-draft", document.uuid)

    def refused(self, document: TransferDraft, refusal: ActionError) -> HttpResponse:
        to_count = count_now(self.request.user, document.origin, main_shelf(), refusal)
        return self.show(document, fault=str(refusal), to_count=to_count, status=409)

    # ------------------------------------------------------------ acts of the form
    def create(self, document: TransferDraft, about: str) -> HttpResponse:
        with transaction.atomic(durable=True):
            begun = actions.order_draft(draft_id=document.pk, by=self.user())
        messages.success(
            self.request,
            _("%s is created. Hand its parcel over now or later.") % begun.order.external_ref,
        )
        return redirect("transfers:phone-parcel", begun.transaction.uuid)

    def drop(self, document: TransferDraft, about: str) -> HttpResponse:
        with transaction.atomic(durable=True):
            actions.leave_draft(draft_id=document.pk)
        messages.success(self.request, _("The transfer is left; nothing was moved or set aside."))
        return redirect("transfers:phone")

    ACTS: ClassVar[dict[str, FormAct]] = {**BoxForm.ACTS, "create": create, "drop": drop}

    # ------------------------------------------------------------ the page
    def show(
        self,
        document: TransferDraft,
        *,
        fault: str = "",
        said: Outcome | None = None,
        box: Box | None = None,
        to_count: Any = (),
        status: int = 200,
    ) -> HttpResponse:
        draft = draft_of(self.request.user, document.uuid)
        if draft.order and not fault:
            parcel = draft.order.transactions.order_by("sequence").first()
            if parcel:
                return redirect("transfers:phone-parcel", parcel.uuid)
        context: dict[str, Any] = {
            "title": _("To %s") % draft.destination.name,
            "draft": draft,
            "fault": fault,
            "to_count": to_count,
            **self.shown(draft, said, box),
        }
        return self.answer("transfers/phone_draft.html", context, status)


class DraftScans(BoxScans):
    gone = gettext_lazy("This transfer is not yours, or not there any more.")

    def document(self) -> TransferDraft:
        return draft_of(self.request.user, self.kwargs["uuid"])

    def filled(self, document: TransferDraft) -> tuple[Collecting, bool]:
        return DraftBox(document), allowed(document.origin).types


def main_shelf() -> StockLocation:
    return StockLocation.objects.get(name=StockLocation.MAIN)
