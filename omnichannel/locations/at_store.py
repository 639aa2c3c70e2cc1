"""Where somebody with a phone stands: his only store, or the one that he chose (PRODUCT §2)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from omnichannel.web.shell import HERE, HERE_NAME

from .models import FulfillmentLocation


class AtStore:
    """What every phone page of a store has; mixed into a page, which says who may open it."""

    request: HttpRequest
    title: Any

    def stores(self) -> list[FulfillmentLocation]:
        """The stores for which the user acts."""
        seen = FulfillmentLocation.objects.acted_for_by(self.request.user)
        return list(seen.filter(kind=FulfillmentLocation.Kind.STORE).order_by("name_key", "pk"))

    def here(self, stores: list[FulfillmentLocation]) -> FulfillmentLocation | None:
        """One of `stores`; the choice is kept for the session."""
        if len(stores) == 1:
            return stores[0]
        session = self.request.session
        asked = self.request.GET.get("store") or session.get(HERE)
        found = next((store for store in stores if store.code == asked), None)
        if found and session.get(HERE) != found.code:
            session[HERE], session[HERE_NAME] = found.code, found.name
        return found

    def answer(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """A page that may use the camera and is never shown from a cache."""
        context = {"title": self.title, **context}
        response = render(self.request, template, context, status=status)
        response["Permissions-Policy"] = "camera=(self)"
        response["Cache-Control"] = "private, no-store"
        return response
