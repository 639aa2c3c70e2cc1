"""Recurring cycle counts: what comes again, how often, and of which products (PRODUCT §7)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from omnichannel.web.pages import KitPage

from .. import actions, permissions
from ..models import CountPlan
from .creating import stores_of
from .crumbs import COUNTS

SHOWN = 500


class PlanForm(forms.Form):
    """What comes again."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    store = forms.ModelChoiceField(
        FulfillmentLocation.objects.none(), label=gettext_lazy("Store"), to_field_name="code"
    )
    shelf = forms.ModelChoiceField(
        StockLocation.objects.none(), label=gettext_lazy("Stock location"), to_field_name="name"
    )
    choice = forms.ChoiceField(label=gettext_lazy("Products"), choices=CountPlan.Choice)
    every_days = forms.IntegerField(
        label=gettext_lazy("Every so many days"),
        min_value=1,
        max_value=CountPlan.LONGEST_REST,
        initial=7,
    )
    most_products = forms.IntegerField(
        label=gettext_lazy("Products at most"),
        min_value=1,
        max_value=CountPlan.MOST_PRODUCTS,
        initial=50,
    )
    is_blind = forms.BooleanField(
        label=gettext_lazy("Blind: whoever counts is not told what is expected"), required=False
    )

    def __init__(self, stores: QuerySet, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["store"].queryset = stores.order_by("name_key", "pk")
        fields["shelf"].queryset = StockLocation.objects.exclude(name__startswith="_").order_by(
            "pk"
        )
        fields["shelf"].initial = StockLocation.MAIN


class RecurringCounts(KitPage):
    """The list, the form of one more, and the way to end one."""

    title = gettext_lazy("Recurring counts")
    crumbs = COUNTS
    permission_required = permissions.CREATE_CYCLE_COUNTS
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(PlanForm(stores_of(request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("stop"):
            return self.stop(request.POST["stop"])
        form = PlanForm(stores_of(request.user), request.POST)
        if not form.is_valid():
            return self.show(form, 400)
        given = dict(form.cleaned_data)
        try:
            with transaction.atomic(durable=True):
                actions.plan_count(
                    location_id=given.pop("store").pk,
                    stock_location_id=given.pop("shelf").pk,
                    by=request.user,  # type: ignore[arg-type]
                    **given,
                )
        except ActionError as refused:
            form.add_error(None, str(refused))
            return self.show(form, 409)
        messages.success(request, _("The count comes again from now on; the first is made soon."))
        return redirect("counts:recurring")

    def stop(self, uuid: str) -> HttpResponse:
        try:
            plan = self.plans().filter(uuid=UUID(uuid)).first()
        except ValueError:
            plan = None
        if plan is None:
            raise Http404
        with transaction.atomic(durable=True):
            actions.stop_plan(pk=plan.pk)
        messages.success(self.request, _("%s comes no more; its counts stay.") % plan)
        return redirect("counts:recurring")

    def plans(self) -> QuerySet[CountPlan]:
        """Of the stores for which the user acts."""
        mine = CountPlan.objects.filter(location__in=stores_of(self.request.user))
        return mine.filter(is_active=True)

    def show(self, form: PlanForm, status: int = 200) -> HttpResponse:
        plans = self.plans().select_related("location", "stock_location", "last_count")
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "plans": plans.order_by("next_on", "pk")[:SHOWN],
            "form": form,
            "optional": _("(optional)"),
        }
        return render(self.request, "counts/recurring.html", context, status=status)
