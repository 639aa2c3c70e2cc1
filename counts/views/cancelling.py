"""Cancel a count, or several with a result for each (PRODUCT §7)."""

import uuid
from typing import Any, NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import actions, permissions
from ..models import Count
from .asking import AskFirst
from .crumbs import COUNTS
from .places import acts_on, counts_of

MOST_AT_ONCE = 100
CONSEQUENCES = (
    ("boxes", gettext_lazy("No stock changes.")),
    ("eye", gettext_lazy("What was scanned stays readable.")),
    ("history", gettext_lazy("It cannot be activated or counted again.")),
)


def cancel(count: Count, user: Any) -> None:
    """
    Raises:
        ActionError: it is not his to cancel, or has ended.
    """
    if not acts_on(user, count, permissions.CANCEL_CYCLE_COUNTS):
        raise ActionError(_("Only %s cancels it.") % count.location.name)
    with transaction.atomic(durable=True):
        actions.cancel_counts(pks=[count.pk], by=user)


class CancelCount(AskFirst):
    permission_required = permissions.CANCEL_CYCLE_COUNTS
    question = gettext_lazy("Cancel %(count)s?")
    verb = gettext_lazy("Yes, proceed")
    keep = gettext_lazy("Keep the count")
    consequences = CONSEQUENCES
    is_final = True

    def is_possible(self, found: Count) -> bool:
        return found.status in Count.OPEN

    def act(self, found: Count) -> str:
        cancel(found, self.request.user)
        return _("%s is cancelled.") % found


class Result(NamedTuple):
    document: Count
    is_done: bool
    text: str


def ask_about(request: HttpRequest, uuids: list[str]) -> HttpResponseBase:
    """The chosen rows of the list, before anything is done."""
    return CancelMany.as_view()(request, uuids=uuids)


class CancelMany(KitPage):
    """Each is cancelled, or refused, by itself."""

    title = gettext_lazy("Cancel these counts?")
    crumbs = COUNTS
    permission_required = permissions.CANCEL_CYCLE_COUNTS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, uuids: list[str] | None = None) -> HttpResponse:
        if uuids is None and request.POST.get("act") == "confirm":
            return self.results(self.named(request.POST.getlist("count")))
        found = self.named(request.POST.getlist("count") if uuids is None else uuids)
        context = {
            **self.context(_("Cancel these counts?")),
            "counts": [(count, count.status in Count.OPEN) for count in found],
            "consequences": CONSEQUENCES,
        }
        return render(request, "counts/cancel_many.html", context)

    def results(self, counts: list[Count]) -> HttpResponse:
        results = [self.cancelled(count) for count in counts]
        context = {
            **self.context(_("Cancelled counts")),
            "results": results,
            "done": sum(result.is_done for result in results),
        }
        return render(self.request, "counts/cancelled_many.html", context)

    def cancelled(self, count: Count) -> Result:
        try:
            cancel(count, self.request.user)
        except ActionError as refused:
            return Result(count, False, str(refused))
        return Result(count, True, _("Cancelled"))

    def context(self, title: str) -> dict[str, Any]:
        return {"title": title, "crumbs": self.trail(), "back": reverse("counts:list")}

    def named(self, texts: list[str]) -> list[Count]:
        """In the order of the list; what he may not see is left out."""
        ids = [text for text in texts[:MOST_AT_ONCE] if is_uuid(text)]
        rows = counts_of(self.request.user).filter(uuid__in=ids)
        found = {str(count.uuid): count for count in rows}
        return [found[one] for one in dict.fromkeys(ids) if one in found]


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
