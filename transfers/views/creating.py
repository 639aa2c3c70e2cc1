"""Create Transfer Order: a draft that is kept while it grows (PRODUCT §6, UI §7)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.views.adjusting import stores_of
from inventory.views.counting import count_now
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.pages import KitPage
from omnichannel.web.shell import HERE

from .. import actions, permissions
from ..forms import Ordering
from ..models import TransferOrder
from .crumbs import TRANSFERS
from .places import POSTED

# Where the session keeps what was typed, and which fields of it.
KEPT = "transfer-draft"
FIELDS = ("key", "origin", "destination", "shelf", "due", "note", "pasted", "product", "quantity")
LONGEST_DRAFT = 100_000


def destinations() -> Any:
    """Everywhere that goods may be sent: a name is no stock, so no scope narrows it."""
    places = FulfillmentLocation.objects.filter(is_enabled=True)
    return places.order_by("country_code", "name_key", "pk")


class CreateTransfer(KitPage):
    title = gettext_lazy("Create transfer order")
    crumbs = TRANSFERS
    permission_required = permissions.TRANSFER_INVENTORY
    http_method_names = POSTED

    def ordering(self, words: QueryDict) -> Ordering:
        here = self.request.session.get(HERE, "")
        return Ordering(words, stores_of(self.request.user), destinations(), here)

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = request.session.get(KEPT, "")
        if not request.GET:
            return self.show(self.ordering(QueryDict(kept)), is_kept=bool(kept))
        # A product brought along joins what was begun before.
        words = QueryDict(kept, mutable=True)
        begun = words.getlist("product")
        brought = [one for one in request.GET.getlist("product") if one not in begun]
        for name in request.GET:
            words[name] = request.GET[name]
        words.setlist("product", [*begun, *brought])
        return self.show(self.ordering(words), is_kept=bool(kept))

    def post(self, request: HttpRequest) -> HttpResponse:
        act = request.POST.get("act", "")
        if act == "over":
            request.session.pop(KEPT, None)
            return redirect("transfers:create")
        asked = self.ordering(request.POST)
        if act == "keep":
            self.keep(asked)
            return render(request, "transfers/kept.html", {"kept_at": timezone.now()})
        if act != "create" or asked.code:
            asked.change(act)
        elif asked.is_complete():
            return self.create(asked)
        self.keep(asked)
        return self.show(asked, 400 if act == "create" else 200)

    def keep(self, asked: Ordering) -> None:
        """The session has the draft until it is created or thrown away."""
        if not asked.is_begun():
            return
        words = QueryDict(mutable=True)
        for name in FIELDS:
            words.setlist(name, self.request.POST.getlist(name))
        words.setlist("product", [row.product.product_id for row in asked.rows])
        words.setlist("quantity", [row.text for row in asked.rows])
        words["key"], words["pasted"] = asked.key, asked.pasted
        text = words.urlencode()
        if len(text) <= LONGEST_DRAFT and self.request.session.get(KEPT) != text:
            self.request.session[KEPT] = text

    def create(self, asked: Ordering) -> HttpResponse:
        assert asked.origin
        assert asked.destination
        assert asked.shelf
        user: Any = self.request.user
        try:
            with transaction.atomic(durable=True):
                made = actions.create_transfer_order(
                    origin_id=asked.origin.pk,
                    destination_id=asked.destination.pk,
                    from_stock_location_id=asked.shelf.pk,
                    lines=[actions.Ordered(row.product.pk, row.quantity) for row in asked.rows],
                    source=TransferOrder.Source.STORE,
                    by=user,
                    due_date=asked.due_date(),
                    note=asked.note[:2_000],
                    key=f"transfer:{user.pk}:{asked.key[:100]}",
                )
        except ActionError as refused:
            asked.faults["create"] = str(refused)
            asked.to_count = count_now(user, asked.origin, asked.shelf, refused)
            self.keep(asked)
            return self.show(asked, 409)
        self.request.session.pop(KEPT, None)
        messages.success(self.request, _("%s is created.") % made.order.external_ref)
        return redirect("transfers:detail", made.order.uuid)

    def show(self, asked: Ordering, status: int = 200, *, is_kept: bool = False) -> HttpResponse:
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "asked": asked,
            "rows": asked.shown(),
            "is_kept": is_kept,
        }
        response = render(self.request, "transfers/create.html", context, status=status)
        response["Permissions-Policy"] = "camera=(self)"
        # Not "no-store": whoever goes back finds what he typed.
        response["Cache-Control"] = "private, max-age=0"
        return response
