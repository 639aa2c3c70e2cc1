"""Force close ASN: figures, consequences, the fate of what did not come (PRODUCT §6)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.web.details import one
from omnichannel.web.pages import KitPage

from .. import actions, permissions
from ..forms import Closing, fate_options, possible_receipts
from ..models import Asn, Fate
from .crumbs import ASNS

# Single lines are decided about on the page while they are so few.
MOST_LINES = 300


def asn_of(user: Any, uuid: Any) -> Asn:
    """A notice that the user may act on, or 404."""
    rows = Asn.objects.acted_on_by(user).select_related("origin", "destination", "holder")
    return one(rows, uuid=uuid)


def close(closing: Closing) -> Asn:
    """
    Raises:
        ActionError: nothing was done.
    """
    with transaction.atomic(durable=True):
        done = actions.force_close_asn(
            asn_id=closing.asn.pk,
            by=closing.user,
            key=f"close:{closing.user.pk}:{closing.key}",
            fate=closing.chosen,
            receipt_id=closing.receipt_id() if closing.chosen == Fate.ELSEWHERE else None,
            line_fates=closing.line_fates(),
            revision=closing.revision,
            note=closing.note,
        )
    return done.asn


def asked_about(closing: Closing) -> dict[str, Any]:
    """What dialog and page say before anybody confirms."""
    asn = closing.asn
    return {
        "asn": asn,
        "closing": closing,
        "options": fate_options(asn, closing.user),
        "close_url": reverse("asn:close", args=[asn.uuid]),
    }


class ForceClose(KitPage):
    """The dialog of the detail page as a page of its own, line by line if wanted."""

    crumbs = ASNS
    http_method_names = ["get", "head", "options", "post"]

    @property
    def permission_required(self) -> tuple[str, ...]:  # type: ignore[override]
        return permissions.force_closing()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asn = asn_of(request.user, kwargs["uuid"])
        if asn.is_closed:
            return redirect("asn:detail", asn.uuid)
        return self.show(Closing(QueryDict(), asn, request.user))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asn = asn_of(request.user, kwargs["uuid"])
        closing = Closing(request.POST, asn, request.user)
        closing.line_fates()
        if closing.faults:
            return self.show(closing, 400)
        try:
            close(closing)
        except ActionError as refused:
            closing.faults.append(str(refused))
            return self.show(closing, 409)
        messages.success(request, _("%s is closed.") % asn)
        return redirect("asn:detail", asn.uuid)

    def show(self, closing: Closing, status: int = 200) -> HttpResponse:
        asn = closing.asn
        asn.refresh_from_db()
        lines = list(closing.open_lines()[: MOST_LINES + 1])  # type: ignore[index]
        context = {
            **asked_about(closing),
            "title": _("Force close %s?") % asn,
            "crumbs": self.trail(),
            "lines": [self.typed(closing, line) for line in lines[:MOST_LINES]],
            "has_more_lines": len(lines) > MOST_LINES,
            "receipts": possible_receipts(asn, closing.user),
            "is_page": True,
        }
        return render(self.request, "asn/close.html", context, status=status)

    def typed(self, closing: Closing, line: Any) -> tuple[Any, str, str]:
        words = closing.words
        return line, words.get(f"fate-{line.pk}", ""), words.get(f"receipt-{line.pk}", "")
