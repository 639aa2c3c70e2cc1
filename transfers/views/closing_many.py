"""Close several orders at once, and say of each what became of it (UI §7)."""

import uuid
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import permissions
from ..models import TransferOrder
from .closing import close
from .crumbs import TRANSFERS
from .places import acts_on, orders_of

MOST_AT_ONCE = 100


class Result(NamedTuple):
    order: TransferOrder
    is_closed: bool
    text: str


def ask_about(request: HttpRequest, uuids: list[str]) -> HttpResponseBase:
    """The chosen rows of the list: what closing them would mean, before anything is done."""
    return CloseMany.as_view()(request, uuids=uuids)


class CloseMany(KitPage):
    """A figure and later a result per order; each is closed, or refused, by itself."""

    title = gettext_lazy("Close these transfer orders?")
    crumbs = TRANSFERS
    http_method_names = ["post", "options"]

    @property
    def permission_required(self) -> tuple[str, ...]:  # type: ignore[override]
        return permissions.closing()

    def post(self, request: HttpRequest, uuids: list[str] | None = None) -> HttpResponse:
        if uuids is None and request.POST.get("act") == "confirm":
            return self.results(self.named(request.POST.getlist("order")))
        found = self.named(request.POST.getlist("order") if uuids is None else uuids)
        waiting = [order for order in found if not order.is_final]
        context = {
            **self.context(_("Close these transfer orders?")),
            "orders": found,
            "close_key": str(uuid.uuid4()),
            "ordered": sum(order.ordered_total for order in waiting),
            "transferred": sum(order.transferred_total for order in waiting),
            "rest": sum(order.remaining_total for order in waiting),
        }
        return render(request, "transfers/close_many.html", context)

    def results(self, orders: list[TransferOrder]) -> HttpResponse:
        results = [self.closed(order) for order in orders]
        context = {
            **self.context(_("Close transfer orders")),
            "results": results,
            "closed": sum(result.is_closed for result in results),
        }
        return render(self.request, "transfers/closed_many.html", context)

    def context(self, title: str) -> dict[str, Any]:
        return {"title": title, "crumbs": self.trail(), "back": reverse("transfers:list")}

    def named(self, texts: list[str]) -> list[TransferOrder]:
        """In the order of the list; what he may not see is left out."""
        ids = [text for text in texts[:MOST_AT_ONCE] if is_uuid(text)]
        found = {str(one.uuid): one for one in orders_of(self.request.user).filter(uuid__in=ids)}
        return [found[one] for one in dict.fromkeys(ids) if one in found]

    def closed(self, order: TransferOrder) -> Result:
        user: Any = self.request.user
        if not acts_on(user, order):
            return Result(order, False, _("Only %s closes it.") % order.origin.name)
        key = f"{self.request.POST.get('key', '')[:60]}:{order.uuid}"
        try:
            close(order, user, key)
        except ActionError as refused:
            return Result(order, False, str(refused))
        return Result(order, True, _("Closed."))


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
