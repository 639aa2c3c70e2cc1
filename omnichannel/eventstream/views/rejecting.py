"""Events that a receiver did not want: looked at, sent again, dropped."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.documents import ActionError
from omnichannel.web.acts import Act
from omnichannel.web.details import one
from omnichannel.web.pages import KitPage

from .. import rejected
from ..models import Attempt, Delivery
from ..permissions import VIEW_TOOLS

# A receiver that hangs takes 15 seconds for each.
MOST_AT_ONCE = 10


def rows(user: Any) -> QuerySet:
    return Delivery.objects.visible_to(user).filter(
        state=Delivery.State.REJECTED, integration__deleted_at=None
    )


def pretty(body: str) -> str:
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False)


def each(request: HttpRequest, uuids: Iterable[str], act: Callable[..., None]) -> int:
    """Do it with each of them; every refusal is told with its event."""
    done = 0
    for delivery in rows(request.user).filter(uuid__in=list(uuids)).select_related("event"):
        try:
            act(pk=delivery.pk)
            done += 1
        except ActionError as refused:
            messages.error(request, f"{delivery.event.name} {delivery.event.entity_id}: {refused}")
    return done


def send_again(request: HttpRequest, uuids: list[str]) -> HttpResponse:
    if done := each(request, uuids, rejected.replay):
        told = ngettext("%d event was delivered.", "%d events were delivered.", done) % done
        messages.success(request, told)
    return redirect("eventstream:rejected")


def drop(request: HttpRequest, uuids: list[str]) -> HttpResponse:
    if done := each(request, uuids, rejected.discard):
        told = ngettext("%d event was dropped.", "%d events were dropped.", done) % done
        messages.success(request, told)
    return redirect("eventstream:rejected")


SEND_AGAIN = Act("send", gettext_lazy("Send again"), "send", VIEW_TOOLS, send_again, MOST_AT_ONCE)
DROP = Act("drop", gettext_lazy("Drop"), "trash-2", VIEW_TOOLS, drop, 1_000)


class RejectedDetail(KitPage):
    """What was sent, what the receiver said, and the two things to do about it."""

    crumbs = (
        gettext_lazy("Tools"),
        (gettext_lazy("Event Stream"), "eventstream:integrations"),
        (gettext_lazy("Rejected events"), "eventstream:rejected"),
    )
    permission_required = VIEW_TOOLS
    http_method_names = ["get", "head", "options", "post"]

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
            "tries": Attempt.objects.filter(delivery=found).order_by("-attempted_at", "-id")[:20],
        }
        return render(request, "eventstream/rejected.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        act = {"send": send_again, "drop": drop}.get(request.POST.get("act", ""), send_again)
        return act(request, [str(self.found().uuid)])
