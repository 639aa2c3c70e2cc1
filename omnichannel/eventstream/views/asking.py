"""Acts on one integration: each asks first, and tells what it means (UI §7.22)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.cells import grouped
from omnichannel.web.pages import KitPage

from .. import integrations, queries
from ..models import Integration
from ..permissions import VIEW_TOOLS
from .places import POSTED, STREAM, integration_of, told_once


class AskFirst(KitPage):
    """GET asks, POST does it; whoever was slower is told what it has become meanwhile."""

    crumbs = STREAM
    permission_required = VIEW_TOOLS
    http_method_names = POSTED
    question: Any = ""
    verb: Any = ""
    keep: Any = gettext_lazy("Leave it as it is")
    consequences: tuple[tuple[str, Any], ...] = ()
    is_final = False

    def act(self, found: Integration) -> HttpResponse:
        raise NotImplementedError

    def lead(self, found: Integration) -> str:
        health = queries.health(found)
        if not health.waiting:
            return _("No event waits.")
        number = f"{grouped(health.waiting)}{'+' if health.is_more else ''}"
        return _("Events that wait: %s.") % number

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(integration_of(self))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = integration_of(self)
        try:
            return self.act(found)
        except ActionError as refused:
            found.refresh_from_db()
            return self.show(found, str(refused), 409)

    def show(self, found: Integration, fault: str = "", status: int = 200) -> HttpResponse:
        context = {
            "title": self.question % {"integration": found.name},
            "crumbs": self.trail(),
            "integration": found,
            "lead": self.lead(found),
            "consequences": self.consequences,
            "verb": self.verb,
            "keep": self.keep,
            "is_final": self.is_final,
            "fault": fault,
        }
        response = render(self.request, "eventstream/ask.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def back_to(self, found: Integration, told: str) -> HttpResponse:
        messages.success(self.request, told)
        return redirect("eventstream:integration", found.name)


class StartIntegration(AskFirst):
    question = gettext_lazy("Start %(integration)s?")
    verb = gettext_lazy("Start")
    consequences = (
        ("send", gettext_lazy("Everything that waits is sent, the oldest first.")),
        ("rotate-ccw", gettext_lazy("Its retries begin anew.")),
    )

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            integrations.start(pk=found.pk)
        return self.back_to(found, _("%s runs.") % found)


class StopIntegration(AskFirst):
    question = gettext_lazy("Stop %(integration)s?")
    verb = gettext_lazy("Stop")
    keep = gettext_lazy("Keep it running")
    consequences = (
        ("pause", gettext_lazy("Nothing more is sent; what happens from now on waits.")),
        ("history", gettext_lazy("What waits longer than 30 days expires.")),
    )

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            integrations.stop(pk=found.pk)
        return self.back_to(found, _("%s is stopped.") % found)


class RotateSecret(AskFirst):
    question = gettext_lazy("Give %(integration)s a new signing secret?")
    verb = gettext_lazy("New signing secret")
    consequences = (
        ("eye", gettext_lazy("The new secret is shown once.")),
        (
            "key-round",
            gettext_lazy(
                "For 24 hours the former one signs too, so that nothing is refused meanwhile."
            ),
        ),
    )

    def lead(self, found: Integration) -> str:
        return _("The receiver needs the new one within a day.")

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            secret = integrations.rotate_secret(pk=found.pk)
        return told_once(self.request, found, secret, self.trail())


class DeleteIntegration(AskFirst):
    question = gettext_lazy("Delete %(integration)s?")
    verb = gettext_lazy("Delete")
    keep = gettext_lazy("Keep it")
    consequences = (
        ("circle-x", gettext_lazy("What waits and what was rejected is never sent.")),
        ("scroll-text", gettext_lazy("Its log and its attempts are gone.")),
        ("key-round", gettext_lazy("Its secrets are erased at once. This cannot be undone.")),
    )
    is_final = True

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            integrations.delete(pk=found.pk)
        messages.success(self.request, _("%s is deleted.") % found)
        return redirect("eventstream:integrations")
