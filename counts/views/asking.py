"""Acts on one count: each asks first, and tells what it means (UI §7.22)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import permissions
from ..models import Count
from .crumbs import COUNTS
from .places import POSTED, count_of


class AskFirst(KitPage):
    """GET asks, POST does it; whoever was slower is told what it has become meanwhile."""

    crumbs: Any = COUNTS
    # Each act names its own.
    permission_required: Any = permissions.MANAGING
    http_method_names = POSTED
    template_name = "counts/ask.html"
    question: Any = ""
    verb: Any = ""
    keep: Any = ""
    consequences: tuple[tuple[str, Any], ...] = ()
    is_final = False
    takes_note = False

    def act(self, found: Count) -> str:
        """Do it inside a transaction of its own; what to tell afterwards."""
        raise NotImplementedError

    def is_possible(self, found: Count) -> bool:
        """Otherwise the page leads back to the count, which says why."""
        return True

    def lead(self, found: Count) -> str:
        return ""

    def further(self, found: Count) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = count_of(request.user, kwargs["uuid"])
        if not self.is_possible(found):
            return redirect("counts:detail", found.uuid)
        return self.show(found)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = count_of(request.user, kwargs["uuid"])
        try:
            told = self.act(found)
        except ActionError as refused:
            found.refresh_from_db()
            return self.show(found, str(refused), 409)
        messages.success(request, told)
        return redirect("counts:detail", found.uuid)

    @property
    def note(self) -> str:
        return self.request.POST.get("note", "").strip()[:2_000]

    def show(self, found: Count, fault: str = "", status: int = 200) -> HttpResponse:
        context = {
            "title": self.question % {"count": found.name},
            "crumbs": self.trail(),
            "count": found,
            "lead": self.lead(found),
            "consequences": self.consequences,
            "verb": self.verb,
            "keep": self.keep,
            "is_final": self.is_final,
            "takes_note": self.takes_note,
            "note": self.note,
            "faults": [fault] if fault else [],
            **self.further(found),
        }
        response = render(self.request, self.template_name, context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response
