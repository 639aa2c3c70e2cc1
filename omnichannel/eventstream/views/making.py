"""Forms about integrations: registered, changed, tried, and a period sent again."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import integrations, repeating, s3
from ..forms import (
    BucketForm,
    EventsForm,
    NewBucket,
    NewWebhook,
    ReplayForm,
    TemporaryWebhook,
    WebhookForm,
)
from ..models import Integration
from ..permissions import VIEW_TOOLS
from ..trying import try_address
from .places import POSTED, STREAM, integration_of, told_once

NEW = {
    "": (gettext_lazy("Webhook"), NewWebhook),
    "period": (gettext_lazy("Webhook for a period"), TemporaryWebhook),
    "bucket": (gettext_lazy("S3 bucket"), NewBucket),
}


class WithForm(KitPage):
    """A form that can try the typed address before anything is written."""

    crumbs = STREAM
    permission_required = VIEW_TOOLS
    http_method_names = POSTED

    def form(self, *words: Any) -> Any:
        """
        Raises:
            Http404: what it is about does not exist.
        """
        raise NotImplementedError

    def done(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if request.POST.get("act") == "try" and isinstance(form, WebhookForm):
            return self.tried(form)
        if not form.is_valid():
            return self.show(form, status=400)
        try:
            return self.done(form)
        except ActionError as refused:
            form.add_error(None, str(refused))
            return self.show(form, status=409)

    def tried(self, form: WebhookForm) -> HttpResponse:
        """Only the address and its key have to be right for this."""
        form.is_valid()
        for name in [name for name in form.errors if name not in ("callback_url", "api_key")]:
            del form.errors[name]
        if form.errors:
            return self.show(form, status=400)
        given = form.cleaned_data
        answer = try_address(given["callback_url"], given["api_key"], form.integration)
        return self.show(form, answer=answer)

    def show(self, form: EventsForm, *, answer: Any = None, status: int = 200) -> HttpResponse:
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "form": form,
            "optional": _("(optional)"),
            "can_try": isinstance(form, WebhookForm),
            "answer": answer,
            "is_taken": answer and 200 <= (answer.code or 0) < 300,
            **self.words(),
        }
        response = render(self.request, "eventstream/integration_form.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def words(self) -> dict[str, Any]:
        return {}


class NewIntegration(WithForm):
    """Of three kinds; a temporary one gets the kept events of its period, then ends."""

    title = gettext_lazy("New integration")

    @property
    def kind(self) -> str:
        kind = self.request.GET.get("kind", "")
        return kind if kind in NEW else ""

    def form(self, *words: Any) -> EventsForm:
        return NEW[self.kind][1](*words)

    def done(self, form: Any) -> HttpResponse:
        with transaction.atomic(durable=True):
            made, secret = integrations.register(
                form.cleaned_data["name"], **form.fields_of_model()
            )
        if made.target == Integration.Target.S3:
            messages.success(self.request, _("%s runs.") % made)
            return redirect("eventstream:integration", made.name)
        return told_once(self.request, made, secret, self.trail())

    def words(self) -> dict[str, Any]:
        here = reverse("eventstream:new")
        return {
            "lead": _("It starts at once: what happens from now on is sent until it was taken."),
            "verb": _("Register the integration"),
            "kinds": [
                (label, f"{here}?kind={kind}" if kind else here, kind == self.kind)
                for kind, (label, _form) in NEW.items()
            ],
            "warning": s3.MISSING if self.kind == "bucket" and not s3.is_installed() else "",
            "back": reverse("eventstream:integrations"),
        }


class OfOne(WithForm):
    @cached_property
    def integration(self) -> Integration:
        return integration_of(self)

    def words(self) -> dict[str, Any]:
        return {"back": reverse("eventstream:integration", args=[self.integration.name])}


class ChangeIntegration(OfOne):
    """Where a stopped integration sends, and what; its kind stays."""

    title = gettext_lazy("Change the integration")

    def form(self, *words: Any) -> EventsForm:
        found = self.integration
        is_bucket = found.target == Integration.Target.S3
        names = ("bucket", "aws_region", "key_prefix") if is_bucket else ("callback_url",)
        initial = {n: getattr(found, n) for n in (*names, "event_filter", "entity_filter")}
        kind = BucketForm if is_bucket else WebhookForm
        return kind(*words, initial=initial, integration=found)

    def done(self, form: Any) -> HttpResponse:
        with transaction.atomic(durable=True):
            integrations.change(pk=self.integration.pk, **form.fields_of_model())
        messages.success(self.request, _("%s is changed. Start it to go on.") % self.integration)
        return redirect("eventstream:integration", self.integration.name)

    def words(self) -> dict[str, Any]:
        is_running = self.integration.status == Integration.Status.RUNNING
        return {
            **super().words(),
            "lead": _(
                "Keys that are left empty stay as they are. Events that wait go to the new address."
            ),
            "verb": _("Save"),
            "warning": _("It runs. Stop it before you save changes.") if is_running else "",
        }


class SendAgain(OfOne):
    """A temporary integration beside this one, to the same address and under the same keys."""

    title = gettext_lazy("Send a period again")

    def form(self, *words: Any) -> EventsForm:
        found = self.integration
        if found.type == Integration.Type.TEMPORARY:
            raise Http404
        initial = {
            "name": repeating.free_name(found),
            "event_filter": found.event_filter,
            "entity_filter": found.entity_filter,
        }
        return ReplayForm(*words, initial=initial, integration=found)

    def done(self, form: Any) -> HttpResponse:
        fields = form.fields_of_model()
        fields.pop("type")
        with transaction.atomic(durable=True):
            made = repeating.repeat(
                pk=self.integration.pk, name=form.cleaned_data["name"], **fields
            )
        messages.success(self.request, _("%s sends what was kept of that period.") % made)
        return redirect("eventstream:integration", made.name)

    def words(self) -> dict[str, Any]:
        return {
            **super().words(),
            "lead": _(
                "Every kept event of the period goes to %s once more, also what was delivered. Events are kept for 30 days."
            )
            % self.integration,
            "verb": _("Send again"),
        }
