"""Adjusting stock in the browser and on the phone (PRODUCT §4, §5)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.details import one
from omnichannel.web.pages import KitPage
from omnichannel.web.shell import HERE

from .. import actions, permissions
from ..forms import Draft, SwapForm
from ..models import InventoryTransaction
from .counting import count_now

INVENTORY = (gettext_lazy("Store Operations"), gettext_lazy("Inventory"))


def stores_of(user: Any) -> Any:
    """The stores for which the user acts (PRODUCT §3)."""
    seen = FulfillmentLocation.objects.acted_for_by(user)
    return seen.filter(kind=FulfillmentLocation.Kind.STORE).order_by("name_key", "pk")


class AdjustStock(KitPage):
    """A draft that grows by scanning, typing and pasting, with what it would do beside each row."""

    title = gettext_lazy("Adjust stock")
    crumbs: Sequence[Any] = (*INVENTORY, (gettext_lazy("Transactions"), "inventory:transactions"))
    permission_required = permissions.ADJUST_INVENTORY
    http_method_names = ["get", "head", "options", "post"]
    template_name = "inventory/adjust.html"

    def draft(self, words: Any) -> Draft:
        return Draft(words, stores_of(self.request.user), self.request.session.get(HERE, ""))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.draft(request.GET))

    def post(self, request: HttpRequest) -> HttpResponse:
        draft = self.draft(request.POST)
        act = request.POST.get("act", "")
        if act != "save" or draft.code:
            draft.change(act)
        elif draft.is_complete():
            return self.save(draft)
        return self.show(draft, 400 if act == "save" else 200)

    def save(self, draft: Draft) -> HttpResponse:
        assert draft.store
        assert draft.reason
        user: Any = self.request.user
        try:
            with transaction.atomic(durable=True):
                done = actions.adjust_stock(
                    location_id=draft.store.pk,
                    reason_id=draft.reason.pk,
                    lines=draft.lines(),
                    by=user,
                    key=f"adjust:{user.pk}:{draft.key}",
                    note=draft.note,
                )
        except ActionError as refused:
            draft.faults["save"] = str(refused)
            draft.to_count = count_now(user, draft.store, draft.reason.origin, refused)
            return self.show(draft, 409)
        return self.done(done.document)

    def done(self, document: InventoryTransaction) -> HttpResponse:
        messages.success(self.request, _("The stock is adjusted; the reason is kept with it."))
        return redirect("inventory:transaction-detail", document.uuid)

    def show(self, draft: Draft, status: int = 200) -> HttpResponse:
        effects = draft.effects()
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "draft": draft,
            "rows": [(row, effects.get(row.product.pk, [])) for row in draft.rows],
            "reasons": draft.reasons.order_by("type", "subtype"),
            "frequent": draft.frequent_reasons(),
            "stores": draft.stores,
        }
        response = render(self.request, self.template_name, context, status=status)
        response["Permissions-Policy"] = "camera=(self)"
        # Not "no-store": whoever goes back finds what he typed.
        response["Cache-Control"] = "private, max-age=0"
        return response


class AdjustOnPhone(AdjustStock):
    """The same with one hand: the shop's usual reasons first, and back to the next one."""

    title = gettext_lazy("Adjust")
    crumbs: Sequence[Any] = ()
    template_name = "inventory/adjust_phone.html"

    def done(self, document: InventoryTransaction) -> HttpResponse:
        messages.success(self.request, _("Adjusted. Scan the next one."))
        return redirect("inventory:adjust-phone")


class SwapProducts(KitPage):
    """One document for two products that were taken for each other."""

    title = gettext_lazy("Swap two products")
    crumbs = (*INVENTORY, (gettext_lazy("Transactions"), "inventory:transactions"))
    permission_required = permissions.ADJUST_INVENTORY
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {"store": request.GET.get("store") or request.session.get(HERE, "")}
        return self.show(SwapForm(stores_of(request.user), initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SwapForm(stores_of(request.user), request.POST)
        if not form.is_valid():
            return self.show(form, 400)
        given, user = form.cleaned_data, request.user
        try:
            with transaction.atomic(durable=True):
                done = actions.swap_products(
                    location_id=given["store"].pk,
                    reason_id=given["reason"].pk,
                    left=given["left"].pk,
                    arrived=given["arrived"].pk,
                    quantity=given["quantity"],
                    by=user,  # type: ignore[arg-type]
                    key=f"swap:{user.pk}:{given['key']}",
                    note=given["note"],
                )
        except ActionError as refused:
            form.add_error(None, str(refused))
            shelf = given["reason"].origin or given["reason"].destination
            return self.show(form, 409, count_now(user, given["store"], shelf, refused))
        messages.success(request, _("The two products are swapped."))
        return redirect("inventory:transaction-detail", done.document.uuid)

    def show(
        self, form: SwapForm, status: int = 200, to_count: Sequence[tuple[str, str]] = ()
    ) -> HttpResponse:
        context = {
            "to_count": to_count,
            "title": self.title,
            "crumbs": self.trail(),
            "form": form,
            "lead": _(
                "What leaves and what arrives stand in one document, so that the store's total stays as it was."
            ),
            "verb": _("Swap"),
            "back": reverse("inventory:transactions"),
        }
        return render(self.request, "kit/form.html", context, status=status)


class CorrectTransaction(KitPage):
    """Undo an adjustment by a new document that names it; nothing is edited."""

    crumbs = (*INVENTORY, (gettext_lazy("Transactions"), "inventory:transactions"))
    permission_required = permissions.ADJUST_INVENTORY
    http_method_names = ["get", "head", "options", "post"]

    def document(self) -> InventoryTransaction:
        rows = InventoryTransaction.objects.visible_to(self.request.user)
        return one(
            rows.select_related("location", "reason", "to_stock_location"), uuid=self.kwargs["uuid"]
        )

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.document())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        document = self.document()
        note = request.POST.get("note", "")[:2_000]
        try:
            with transaction.atomic(durable=True):
                done = actions.correct_transaction(
                    pk=document.pk,
                    by=request.user,  # type: ignore[arg-type]
                    note=note,
                )
        except ActionError as refused:
            # What it brought is what leaves again.
            shelf = document.to_stock_location
            to_count = count_now(request.user, document.location, shelf, refused)
            return self.show(document, str(refused), 409, to_count)
        messages.success(request, _("The adjustment is corrected; both documents stay."))
        return redirect("inventory:transaction-detail", done.document.uuid)

    def show(
        self,
        document: InventoryTransaction,
        fault: str = "",
        status: int = 200,
        to_count: Sequence[tuple[str, str]] = (),
    ) -> HttpResponse:
        context = {
            "to_count": to_count,
            "title": _("Correct this adjustment?"),
            "crumbs": self.trail(),
            "document": document,
            "lines": document.lines.select_related("product").order_by("position")[:200],
            "note": self.request.POST.get("note", ""),
            "fault": fault,
        }
        return render(self.request, "inventory/correct.html", context, status=status)
