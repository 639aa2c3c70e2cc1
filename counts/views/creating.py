"""Create Count: for one store or many, all of them or none (PRODUCT §7)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.pages import KitPage
from omnichannel.web.shell import HERE

from .. import actions, permissions
from ..forms import Creating
from ..models import Count, CountBatch
from .crumbs import COUNTS


def stores_of(user: Any) -> Any:
    """The stores for which the user acts (PRODUCT §3)."""
    seen = FulfillmentLocation.objects.acted_for_by(user)
    return seen.filter(kind=FulfillmentLocation.Kind.STORE)


class CreateCount(KitPage):
    title = gettext_lazy("Create count")
    crumbs = COUNTS
    permission_required = permissions.CREATE_CYCLE_COUNTS
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        here = request.session.get(HERE, "")
        return self.show(Creating(request.GET, stores_of(request.user), here))

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = Creating(request.POST, stores_of(request.user))
        act, _colon, about = request.POST.get("act", "").partition(":")
        if act == "choose":
            asked.add(about)
        elif upload := request.FILES.get("file"):
            asked.add_file(upload)
        elif act != "create" or asked.code:
            asked.add_code()
        else:
            return self.create(asked)
        return self.show(asked, 400 if asked.problems else 200)

    def create(self, asked: Creating) -> HttpResponse:
        values = asked.values()
        if asked.problems:
            return self.show(asked, 400)
        user: Any = self.request.user
        try:
            with transaction.atomic(durable=True):
                made = actions.create_counts(
                    by=user, key=f"create:{user.pk}:{asked.key[:64]}", **values
                )
        except actions.CountsRefused as refused:
            asked.problems = refused.problems
            return self.show(asked, 409)
        return self.done(made.batch)

    def done(self, batch: CountBatch) -> HttpResponse:
        counts = list(batch.counts.all()[:2])
        number = batch.counts.count()
        told = ngettext("%d count is created.", "%d counts are created.", number) % number
        messages.success(self.request, told)
        if len(counts) == 1:
            return redirect("counts:detail", counts[0].uuid)
        return redirect("counts:batch", batch.uuid)

    def show(self, asked: Creating, status: int = 200) -> HttpResponse:
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "asked": asked,
            "types": Count.Type.choices,
            "lead": _("One count is made for every store: all of them, or none."),
        }
        response = render(self.request, "counts/create.html", context, status=status)
        # Not "no-store": whoever goes back finds what he typed.
        response["Cache-Control"] = "private, max-age=0"
        return response
