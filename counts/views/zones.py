"""Zones of a full count: planned by range, pre-counted, counted, wanted again (PRODUCT §7)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.documents import ActionError
from omnichannel.web.pages import KitPage

from .. import actions, permissions, queries
from ..models import Count
from .crumbs import COUNTS
from .places import POSTED, SEEING, acts_on, count_of

PLANNING = (permissions.CREATE_CYCLE_COUNTS, permissions.ACTIVATE_FULL_COUNTS)
STATUSES = {"NEVER": "warn", "COUNTING": "info", "COMPLETED": "ok"}


class Zones(KitPage):
    """Every zone with what was counted in it; a plan by range, recounts, and pre-counts."""

    crumbs = COUNTS
    permission_required = SEEING
    http_method_names = POSTED

    def full_count(self) -> Count:
        count = count_of(self.request.user, self.kwargs["uuid"])
        if not count.is_full:
            raise Http404
        return count

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.full_count())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = self.full_count()
        acts = {
            "plan": self.plan,
            "precount": self.precount,
            "recount": self.recount,
            "withdraw": self.withdraw,
        }
        act = acts.get(request.POST.get("act", "").partition(":")[0])
        if act is None:
            return self.show(count, _("There is no such act here."), 400)
        try:
            with transaction.atomic(durable=True):
                told = act(count)
        except ActionError as refused:
            return self.show(count, str(refused), 409)
        messages.success(request, told)
        return redirect("counts:zones", count.uuid)

    def need(self, count: Count, *names: str) -> None:
        """
        Raises:
            ActionError: he may not do this with a count of that store.
        """
        if not any(acts_on(self.request.user, count, name) for name in names):
            raise ActionError(_("That is not yours to do."))

    def plan(self, count: Count) -> str:
        self.need(count, *PLANNING)
        words = self.request.POST
        first, last = number_of(words.get("first", "")), number_of(words.get("last", ""))
        if first is None or last is None:
            raise ActionError(_("Give the first and the last number."))
        label = words.get("label", "").strip() or _("Zone")
        made = actions.plan_zones(pk=count.pk, first=first, last=last, label=label)
        return ngettext("%d zone is planned.", "%d zones are planned.", len(made)) % len(made)

    def precount(self, count: Count) -> str:
        """What was counted of the zones beforehand, to compare."""
        self.need(count, *PLANNING, permissions.COMPLETE_CYCLE_COUNTS)
        given: dict[int, int | None] = {}
        for name, text in self.request.POST.items():
            zone = name.removeprefix("precounted-")
            if zone == name or not zone.isascii() or not zone.isdigit():
                continue
            units = number_of(str(text))
            if str(text).strip() and units is None:
                raise ActionError(_("“%s” is no quantity.") % str(text)[:40])
            given[int(zone)] = units
        actions.note_precounts(pk=count.pk, units=given)
        return _("The pre-counts are kept.")

    def recount(self, count: Count) -> str:
        self.need(count, permissions.COMPLETE_CYCLE_COUNTS)
        names = self.request.POST.getlist("zone")
        actions.request_recounts(pk=count.pk, by=self.request.user, zones=names)  # type: ignore[arg-type]
        return _("The recount is wanted; phones show it at once.")

    def withdraw(self, count: Count) -> str:
        self.need(count, permissions.COMPLETE_CYCLE_COUNTS)
        text = self.request.POST["act"].partition(":")[2]
        named = uuid_of(text)
        wanted = queries.open_recounts(count).filter(uuid=named).first() if named else None
        if wanted is None:
            raise ActionError(_("This recount was done or withdrawn already."))
        actions.withdraw_recount(uuid=wanted.uuid)
        return _("The recount is withdrawn.")

    def show(self, count: Count, fault: str = "", status: int = 200) -> HttpResponse:
        user, words = self.request.user, self.request.POST
        is_open = count.status in Count.OPEN and not count.completion_requested_at
        zones = queries.zones(count)
        context = {
            "title": _("Zones of %s") % count,
            "crumbs": self.trail(),
            "count": count,
            "faults": [fault] if fault else [],
            "zones": [(zone, STATUSES[zone.status]) for zone in zones],
            "never": sum(zone.status == "NEVER" for zone in zones),
            "unplanned": sum(not zone.is_planned for zone in zones),
            "recounts": queries.open_recounts(count),
            "may_plan": is_open and any(acts_on(user, count, name) for name in PLANNING),
            "may_recount": count.status == Count.Status.IN_PROGRESS
            and is_open
            and acts_on(user, count, permissions.COMPLETE_CYCLE_COUNTS),
            "typed": {name: words.get(name, "") for name in ("first", "last", "label")},
        }
        response = render(self.request, "counts/zones.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


def number_of(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
