"""Counts as a list (PRODUCT §7)."""

from collections.abc import Callable

from django.db.models import Count as Number
from django.db.models import Q, QuerySet, Value
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.web.acts import Act
from omnichannel.web.lists import ListPage
from omnichannel.web.many import MOST_AT_ONCE
from omnichannel.web.shell import Item
from omnichannel.web.totals import Total

from .. import filters, permissions, tables
from ..models import Count
from .cancelling import CancelMany
from .crumbs import INVENTORY


def counted(condition: Q) -> Number:
    return Number(Value(1), filter=condition)


def leads_to(name: str) -> Callable[[HttpRequest, list[str]], HttpResponseBase]:
    """To the page that asks about the one chosen count."""
    return lambda request, uuids: redirect(name, uuids[0])


ACTS = (
    Act(
        "activate",
        gettext_lazy("Activate count"),
        "circle-play",
        permissions.ACTIVATE_FULL_COUNTS,
        leads_to("counts:activate"),
        1,
    ),
    Act(
        "complete",
        gettext_lazy("Complete count"),
        "circle-check",
        permissions.COMPLETE_CYCLE_COUNTS,
        leads_to("counts:complete"),
        1,
    ),
    Act(
        "cancel",
        gettext_lazy("Cancel"),
        "circle-x",
        permissions.CANCEL_CYCLE_COUNTS,
        CancelMany.ask_about,
        MOST_AT_ONCE,
    ),
)


class CountList(ListPage):
    title = gettext_lazy("Counts")
    crumbs = INVENTORY
    permission_required = (VIEW_INVENTORY_MANAGEMENT, *permissions.MANAGING)
    table, filterset = tables.CountTable, filters.CountFilters
    totals = (
        Total(
            gettext_lazy("In progress"),
            counted(Q(status=Count.Status.IN_PROGRESS)),
            {"status": Count.Status.IN_PROGRESS},
        ),
        Total(gettext_lazy("Overdue"), counted(filters.OVERDUE), {"state": "overdue"}),
    )
    acts = ACTS
    makers = (
        Item(
            gettext_lazy("Create count"),
            "counts:create",
            "clipboard-plus",
            permissions.CREATE_CYCLE_COUNTS,
        ),
        Item(
            gettext_lazy("Recurring counts"),
            "counts:recurring",
            "repeat",
            permissions.CREATE_CYCLE_COUNTS,
        ),
    )
    empty_text = gettext_lazy(
        "Counts appear once somebody creates one here, the ERP sends one, or an item is not found"
        " while picking."
    )

    def get_queryset(self) -> QuerySet:
        return Count.objects.visible_to(self.request.user)
