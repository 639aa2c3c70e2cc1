"""Counts as a list (PRODUCT §7)."""

from django.db.models import Count as Number
from django.db.models import Q, QuerySet, Value
from django.utils.translation import gettext_lazy

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.web.lists import ListPage
from omnichannel.web.totals import Total

from .. import filters, permissions, tables
from ..models import Count
from .crumbs import INVENTORY


def counted(condition: Q) -> Number:
    return Number(Value(1), filter=condition)


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
    empty_text = gettext_lazy(
        "Counts appear once somebody creates one here, the ERP sends one, or an item is not found"
        " while picking."
    )

    def get_queryset(self) -> QuerySet:
        return Count.objects.visible_to(self.request.user)
