"""A receipt was wrong: a new one takes units back and names it (PRODUCT §5, §6)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.web.details import one
from omnichannel.web.pages import KitPage

from .. import actions, permissions
from ..forms import Correcting
from ..models import Receipt
from .crumbs import ASNS
from .receipts import may_correct


class CorrectReceipt(KitPage):
    crumbs = ASNS
    permission_required = permissions.RECEIVE_INVENTORY
    http_method_names = ["get", "head", "options", "post"]

    def receipt(self) -> Receipt:
        rows = Receipt.objects.visible_to(self.request.user)
        return one(rows.select_related("asn", "location"), uuid=self.kwargs["uuid"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        receipt = self.receipt()
        if not may_correct(receipt, request.user):
            return redirect("asn:receipt", receipt.uuid)
        return self.show(Correcting(QueryDict(), receipt))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        receipt = self.receipt()
        asked = Correcting(request.POST, receipt)
        lines = asked.taken_back()
        if asked.faults:
            return self.show(asked, 400)
        try:
            with transaction.atomic(durable=True):
                done = actions.correct_receipt(
                    receipt_id=receipt.pk,
                    by=request.user,  # type: ignore[arg-type]
                    key=f"correct:{request.user.pk}:{asked.key}",
                    lines=lines,
                    note=asked.note,
                )
        except ActionError as refused:
            asked.faults.append(str(refused))
            return self.show(asked, 409)
        messages.success(request, _("The receipt is corrected; both documents stay."))
        return redirect("asn:receipt", done.receipt.uuid)

    def show(self, asked: Correcting, status: int = 200) -> HttpResponse:
        context = {
            "title": _("Correct this receipt"),
            "crumbs": self.trail(),
            "receipt": asked.receipt,
            "asked": asked,
            "rows": asked.rows(),
        }
        return render(self.request, "asn/correct.html", context, status=status)
