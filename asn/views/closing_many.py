"""Force close several notices at once, and say of each what became of it (UI §7)."""

import uuid
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import permissions
from ..forms import Closing
from ..models import Asn, Fate
from .closing import close
from .crumbs import ASNS

MOST_AT_ONCE = 100
# A receipt is chosen for one notice at a time.
FATES = [fate for fate in Fate if fate != Fate.ELSEWHERE]


class Result(NamedTuple):
    asn: Asn
    is_closed: bool
    text: str


def ask_about(request: HttpRequest, uuids: list[str]) -> HttpResponseBase:
    """The chosen rows of the list: what closing them would mean, before anything is done."""
    return CloseMany.as_view()(request, uuids=uuids)


class CloseMany(KitPage):
    """A figure and later a result per notice; each is closed, or refused, by itself."""

    title = gettext_lazy("Force close these ASNs?")
    crumbs = ASNS
    http_method_names = ["post", "options"]

    @property
    def permission_required(self) -> tuple[str, ...]:  # type: ignore[override]
        return permissions.force_closing()

    def post(self, request: HttpRequest, uuids: list[str] | None = None) -> HttpResponse:
        if uuids is None and request.POST.get("act") == "confirm":
            return self.results(self.named(request.POST.getlist("asn")))
        found = self.named(request.POST.getlist("asn") if uuids is None else uuids)
        context = {
            **self.context(_("Force close these ASNs?")),
            "asns": found,
            "closing": {"key": str(uuid.uuid4())},
            "fates": FATES,
            "expected": sum(asn.expected_total for asn in found if not asn.is_closed),
            "received": sum(asn.received_total for asn in found if not asn.is_closed),
            "remainder": sum(asn.in_transit_total for asn in found if not asn.is_closed),
        }
        return render(request, "asn/close_many.html", context)

    def results(self, asns: list[Asn]) -> HttpResponse:
        results = [self.closed(asn) for asn in asns]
        context = {
            **self.context(_("Force close")),
            "results": results,
            "closed": sum(result.is_closed for result in results),
        }
        return render(self.request, "asn/closed_many.html", context)

    def context(self, title: str) -> dict[str, Any]:
        return {"title": title, "crumbs": self.trail(), "back": reverse("asn:list")}

    def named(self, texts: list[str]) -> list[Asn]:
        """In the order of the list; what he may not see is left out."""
        ids = [text for text in texts[:MOST_AT_ONCE] if is_uuid(text)]
        rows = Asn.objects.visible_to(self.request.user).filter(uuid__in=ids)
        found = {str(asn.uuid): asn for asn in rows.select_related("origin", "destination")}
        return [found[one] for one in dict.fromkeys(ids) if one in found]

    def closed(self, asn: Asn) -> Result:
        user: Any = self.request.user
        if not Asn.objects.acted_on_by(user).filter(pk=asn.pk).exists():
            return Result(asn, False, _("Only %s closes it.") % asn.destination.name)
        asked = self.request.POST
        words = QueryDict(mutable=True)
        words.update({"key": f"{asked.get('key', '')}:{asn.uuid}"[:120]})
        words.update({name: asked.get(name, "") for name in ("fate", "note")})
        closing = Closing(words, asn, user)
        if closing.faults:
            return Result(asn, False, closing.faults[0])
        try:
            close(closing)
        except ActionError as refused:
            return Result(asn, False, str(refused))
        return Result(asn, True, _("Closed."))


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
