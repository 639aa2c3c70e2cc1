"""Another fate for what was not received: a further decision, the first stays readable (PRODUCT §6)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import actions, permissions
from ..forms import Redeciding, fate_options, possible_receipts
from .closing import MOST_LINES, asn_of
from .crumbs import ASNS


class ChangeFate(KitPage):
    crumbs = ASNS
    http_method_names = ["get", "head", "options", "post"]

    @property
    def permission_required(self) -> tuple[str, ...]:  # type: ignore[override]
        return permissions.force_closing()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asn = asn_of(request.user, kwargs["uuid"])
        if not asn.is_closed:
            return redirect("asn:detail", asn.uuid)
        return self.show(Redeciding(QueryDict(), asn, request.user))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asn = asn_of(request.user, kwargs["uuid"])
        asked = Redeciding(request.POST, asn, request.user)
        moves = asked.moves()
        if asked.faults:
            return self.show(asked, 400)
        try:
            with transaction.atomic(durable=True):
                actions.change_fate(
                    asn_id=asn.pk,
                    moves=moves,
                    by=asked.user,
                    key=f"fate:{asked.user.pk}:{asked.key}",
                    revision=asked.revision,
                    note=asked.note,
                )
        except ActionError as refused:
            asked.faults.append(str(refused))
            return self.show(asked, 409)
        messages.success(request, _("The decision is written down; the first one stays with it."))
        return redirect("asn:detail", asn.uuid)

    def show(self, asked: Redeciding, status: int = 200) -> HttpResponse:
        asn = asked.asn
        asn.refresh_from_db()
        rows = asked.rows()
        context = {
            "title": _("Change the fate of what %s lacks") % asn,
            "crumbs": self.trail(),
            "asn": asn,
            "asked": asked,
            "rows": rows[:MOST_LINES],
            "has_more_lines": len(rows) > MOST_LINES,
            "options": fate_options(asn, asked.user),
            "receipts": possible_receipts(asn, asked.user),
        }
        return render(self.request, "asn/fate.html", context, status=status)
