"""Integrations: made, tried, started, stopped, changed, and given a new secret."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.cells import stamp as stamp_html
from omnichannel.web.details import DetailPage, Fact, Section, one
from omnichannel.web.pages import KitPage

from .. import integrations, queries, tables
from ..forms import IntegrationForm, TargetForm
from ..models import Attempt, Delivery, Integration, LogEntry
from ..permissions import VIEW_TOOLS
from ..trying import try_address

TOOLS = (
    gettext_lazy("Tools"),
    (gettext_lazy("Event Stream"), "eventstream:integrations"),
)
POSTED = ["get", "head", "options", "post"]


class WithForm(KitPage):
    """A form with two buttons: one tries the address, one does it."""

    crumbs = TOOLS
    permission_required = VIEW_TOOLS
    http_method_names = POSTED
    form_class: type[TargetForm]

    def initial(self) -> dict[str, Any]:
        return {}

    def lead(self) -> Any:
        return ""

    def verb(self) -> Any:
        return self.title

    def done(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form_class(initial=self.initial()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST)
        if request.POST.get("act") == "try":
            return self.tried(form)
        if not form.is_valid():
            return self.show(form, status=400)
        try:
            return self.done(form)
        except ActionError as refused:
            form.add_error(None, str(refused))
            return self.show(form, status=409)

    def tried(self, form: Any) -> HttpResponse:
        """Only the address has to be right for this; nothing is written."""
        form.is_valid()
        given = form.cleaned_data
        if "callback_url" not in given:
            return self.show(form, status=400)
        outcome = try_address(given["callback_url"], given.get("api_key", ""))
        for name in [name for name in form.errors if name != "callback_url"]:
            del form.errors[name]
        return self.show(form, answer=outcome)

    def show(self, form: Any, *, answer: Any = None, status: int = 200) -> HttpResponse:
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "form": form,
            "lead": self.lead(),
            "verb": self.verb(),
            "answer": answer,
            "is_taken": answer and 200 <= (answer.code or 0) < 300,
            "back": self.back(),
        }
        response = render(self.request, "eventstream/integration_form.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def back(self) -> str:
        return reverse("eventstream:integrations")


class NewIntegration(WithForm):
    title = gettext_lazy("New integration")
    form_class = IntegrationForm

    def lead(self) -> Any:
        return _("From now on every fact is sent to this address, in order, until it was taken.")

    def verb(self) -> Any:
        return _("Make the integration")

    def done(self, form: Any) -> HttpResponse:
        with transaction.atomic(durable=True):
            made, secret = integrations.register(
                form.cleaned_data["name"], **form.fields_of_model()
            )
        return told_once(self.request, made, secret, self.trail())


def mine(page: KitPage) -> Integration:
    return one(Integration.objects.visible_to(page.request.user), name=page.kwargs["name"])


def told_once(
    request: HttpRequest, found: Integration, secret: str, crumbs: list[Any]
) -> HttpResponse:
    """The page of a new signing secret: it is shown here and never again."""
    context = {
        "title": _("Signing secret of %s") % found.name,
        "crumbs": crumbs,
        "integration": found,
        "secret": secret,
    }
    response = render(request, "eventstream/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


class ChangeIntegration(WithForm):
    title = gettext_lazy("Change the integration")
    form_class = TargetForm

    def initial(self) -> dict[str, Any]:
        found = mine(self)
        return {"callback_url": found.callback_url, "event_filter": found.event_filter}

    def lead(self) -> Any:
        return _(
            "An empty API key keeps the one that is stored. Events that wait go to the new address."
        )

    def verb(self) -> Any:
        return _("Change")

    def back(self) -> str:
        return reverse("eventstream:integration", args=[self.kwargs["name"]])

    def done(self, form: Any) -> HttpResponse:
        found = mine(self)
        with transaction.atomic(durable=True):
            integrations.change(pk=found.pk, **form.fields_of_model())
        messages.success(self.request, _("%s is changed. Start it to go on.") % found)
        return redirect("eventstream:integration", found.name)


class IntegrationDetail(DetailPage):
    """Health, settings, what waits and what went wrong."""

    crumbs = TOOLS
    permission_required = VIEW_TOOLS
    template_name = "eventstream/integration.html"

    def get_object(self) -> Integration:
        return mine(self)

    def facts(self, found: Integration) -> Iterable[Fact]:
        health = queries.health(found)
        more = "+" if health.is_more else ""
        yield Fact(_("Status"), found.get_status_display())
        yield Fact(_("Waiting"), f"{health.waiting}{more}")
        yield Fact(_("Oldest waiting"), stamp_html(health.oldest_at, "UTC"))
        yield Fact(_("Rejected"), str(health.rejected), _("room for %d more") % health.free)
        yield Fact(_("Failures in a row"), str(found.failures))
        yield Fact(_("Next try"), stamp_html(found.resume_at, "UTC"))
        yield Fact(_("Last success"), stamp_html(found.last_success_at, "UTC"))
        yield Fact(_("Last failure"), stamp_html(found.last_failure_at, "UTC"))
        yield Fact(_("Type"), found.get_type_display())
        yield Fact(_("Sends to"), found.callback_url or f"s3://{found.bucket}/{found.key_prefix}")
        yield Fact(_("Events"), ", ".join(found.event_filter + found.entity_filter) or _("all"))
        yield Fact(_("Replay from"), stamp_html(found.starts_at, "UTC"))
        yield Fact(_("Replay until"), stamp_html(found.ends_at, "UTC"))
        if found.previous_secret_until:
            yield Fact(
                _("The former secret signs until"), stamp_html(found.previous_secret_until, "UTC")
            )

    def sections(self, found: Integration) -> Iterable[Section]:
        listed = reverse("eventstream:rejected")
        yield Section(
            _("Rejected events"),
            tables.RejectedTable,
            Delivery.objects.filter(integration=found, state=Delivery.State.REJECTED).order_by(
                "id"
            ),
            _("The receiver rejected nothing."),
            link=(_("Send again"), f"{listed}?integration={found.name}"),
        )
        yield Section(
            _("Latest attempts"),
            tables.AttemptTable,
            Attempt.objects.filter(integration=found).order_by("-attempted_at", "-id"),
            _("Nothing was sent yet."),
            limit=20,
            link=(_("All"), f"{reverse('eventstream:attempts')}?integration={found.name}"),
        )
        yield Section(
            _("Log"),
            tables.LogTable,
            LogEntry.objects.filter(integration=found).order_by("-id"),
            limit=50,
        )


class AskFirst(KitPage):
    """An act on one integration: GET tells what it means, POST does it."""

    crumbs = TOOLS
    permission_required = VIEW_TOOLS
    http_method_names = POSTED
    verb: Any = ""
    consequences: tuple[Any, ...] = ()

    def act(self, found: Integration) -> HttpResponse:
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(mine(self))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = mine(self)
        try:
            return self.act(found)
        except ActionError as refused:
            return self.show(found, str(refused), 409)

    def show(self, found: Integration, fault: str = "", status: int = 200) -> HttpResponse:
        context = {
            "title": f"{self.verb}: {found.name}",
            "crumbs": self.trail(),
            "integration": found,
            "consequences": self.consequences,
            "verb": self.verb,
            "fault": fault,
        }
        return render(self.request, "eventstream/ask.html", context, status=status)

    def back_to(self, found: Integration, told: str) -> HttpResponse:
        messages.success(self.request, told)
        return redirect("eventstream:integration", found.name)


class StartIntegration(AskFirst):
    verb = gettext_lazy("Start")
    consequences = (
        gettext_lazy("Everything that waits is sent, the oldest first."),
        gettext_lazy("Its retries begin anew."),
    )

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            integrations.start(pk=found.pk)
        return self.back_to(found, _("%s runs.") % found)


class StopIntegration(AskFirst):
    verb = gettext_lazy("Stop")
    consequences = (
        gettext_lazy("Nothing more is sent; what happens from now on waits."),
        gettext_lazy("What waits longer than 30 days expires."),
    )

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            integrations.stop(pk=found.pk)
        return self.back_to(found, _("%s is stopped.") % found)


class RotateSecret(AskFirst):
    verb = gettext_lazy("New signing secret")
    consequences = (
        gettext_lazy("The new secret is shown once."),
        gettext_lazy(
            "For 24 hours the former one signs too, so that nothing is refused meanwhile."
        ),
    )

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            secret = integrations.rotate_secret(pk=found.pk)
        return told_once(self.request, found, secret, self.trail())


class DeleteIntegration(AskFirst):
    verb = gettext_lazy("Delete")
    consequences = (
        gettext_lazy("What waits is never sent, and its log is gone."),
        gettext_lazy("Its secrets are erased at once. This cannot be undone."),
    )

    def act(self, found: Integration) -> HttpResponse:
        with transaction.atomic(durable=True):
            integrations.delete(pk=found.pk)
        messages.success(self.request, _("%s is deleted.") % found)
        return redirect("eventstream:integrations")
