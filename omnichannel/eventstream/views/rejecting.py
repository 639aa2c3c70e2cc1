"""Events that a receiver did not want: looked at, sent again, dropped."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.documents import ActionError
from omnichannel.web.acts import Act
from omnichannel.web.details import one
from omnichannel.web.pages import KitPage

from .. import rejected
from ..models import MOST_REJECTED, Attempt, Delivery
from ..permissions import VIEW_TOOLS
from .places import POSTED, STREAM, pretty

MOST_DROPPED = 1_000


def rows(user: Any) -> QuerySet:
    return Delivery.objects.visible_to(user).filter(
        state=Delivery.State.REJECTED, integration__deleted_at=None
    )


def chosen(request: HttpRequest, uuids: Iterable[str]) -> QuerySet:
    """The oldest first, as they happened."""
    found = rows(request.user).filter(uuid__in=list(uuids)).select_related("event")
    return found.order_by("integration_id", "id")


def send_again(request: HttpRequest, uuids: list[str]) -> HttpResponse:
    """One after the other while the person waits; a receiver that is silent once is left alone.

    So it takes as long as its answers take, and 15 seconds more for each that gives none.
    """
    done, silent = 0, set()
    for delivery in chosen(request, uuids):
        if delivery.integration_id in silent:
            continue
        try:
            rejected.replay(pk=delivery.pk)
            done += 1
        except rejected.NotDelivered as refused:
            if not refused.code:
                silent.add(delivery.integration_id)
            messages.error(request, told(delivery, refused))
        except ActionError as refused:
            messages.error(request, told(delivery, refused))
    if done:
        text = ngettext("%d event was delivered.", "%d events were delivered.", done) % done
        messages.success(request, text)
    return back(request)


def drop(request: HttpRequest, uuids: list[str]) -> HttpResponse:
    found = list(chosen(request, uuids))
    for delivery in found:
        rejected.discard(pk=delivery.pk)
    text = ngettext("%d event was dropped.", "%d events were dropped.", len(found)) % len(found)
    messages.success(request, text)
    return back(request)


def told(delivery: Delivery, refused: ActionError) -> str:
    return f"{delivery.event.name} {delivery.event.entity_id}: {refused}"


def back(request: HttpRequest) -> HttpResponse:
    """To the list as it was filtered; an event that is gone from it has no page any more."""
    words = request.GET.urlencode()
    response = redirect("eventstream:rejected")
    response["Location"] += f"?{words}" if words else ""
    return response


SEND_AGAIN = Act("send", gettext_lazy("Send again"), "send", VIEW_TOOLS, send_again, MOST_REJECTED)
DROP = Act("drop", gettext_lazy("Drop"), "trash-2", VIEW_TOOLS, drop, MOST_DROPPED)


class RejectedDetail(KitPage):
    """What was sent, what the receiver said, and the two things to do about it."""

    crumbs = (*STREAM, (gettext_lazy("Rejected events"), "eventstream:rejected"))
    permission_required = VIEW_TOOLS
    http_method_names = POSTED

    def found(self) -> Delivery:
        return one(
            rows(self.request.user).select_related("event", "integration"),
            uuid=self.kwargs["uuid"],
        )

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = self.found()
        context = {
            "title": found.event.name,
            "crumbs": self.trail(),
            "delivery": found,
            "payload": pretty(found.event.body),
            "tries": Attempt.objects.filter(delivery=found).order_by("-id")[:20],
        }
        response = render(request, "eventstream/rejected.html", context)
        response["Cache-Control"] = "private, no-store"
        return response

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        act = {"send": send_again, "drop": drop}.get(request.POST.get("act", ""))
        if act is None:
            messages.error(request, _("There is no such act here."))
            return redirect(request.path)
        return act(request, [str(self.found().uuid)])
