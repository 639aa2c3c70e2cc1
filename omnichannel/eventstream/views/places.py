"""Where the pages of the event stream stand, and what several of them show."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.web.details import one
from omnichannel.web.pages import KitPage

from .. import demo_receiver
from ..models import Integration

STREAM = (gettext_lazy("Tools"), (gettext_lazy("Event Stream"), "eventstream:integrations"))
POSTED = ["get", "head", "options", "post"]
PLACES = (
    (gettext_lazy("Integrations"), "eventstream:integrations"),
    (gettext_lazy("Events"), "eventstream:events"),
    (gettext_lazy("Attempts"), "eventstream:attempts"),
    (gettext_lazy("Rejected events"), "eventstream:rejected"),
    (gettext_lazy("Log"), "eventstream:log"),
)
IN_DEMO = (gettext_lazy("Demo receiver"), "eventstream:demo-receiver")


def integration_of(page: KitPage) -> Integration:
    """
    Raises:
        Http404: there is none of that ID.
    """
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


def pretty(body: str) -> str:
    """The body of an event for people; as it is where it is no JSON that can be read."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def places(request: HttpRequest) -> SafeString:
    """The way from one list to the others."""
    found = (*PLACES, IN_DEMO) if demo_receiver.is_on() else PLACES
    here = request.resolver_match and request.resolver_match.view_name
    links = [(label, reverse(name), name == here) for label, name in found]
    return render_to_string("eventstream/places.html", {"links": links})
