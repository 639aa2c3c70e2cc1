"""Transfer orders as a list (PRODUCT §6)."""

from typing import Any

from django.db.models import Count, QuerySet, Sum, Value
from django.utils.translation import gettext_lazy

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.web.acts import Act
from omnichannel.web.lists import ListPage
from omnichannel.web.many import MOST_AT_ONCE
from omnichannel.web.shell import Item, may
from omnichannel.web.totals import Total

from .. import filters, permissions, tables
from ..models import TransferOrder
from .closing_many import CloseMany
from .crumbs import INVENTORY

CLOSE = Act(
    "close",
    gettext_lazy("Close transfer orders"),
    "package-x",
    permissions.CLOSE_TRANSFER_ORDERS,
    CloseMany.ask_about,
    MOST_AT_ONCE,
)


def counted(condition: Any) -> Count:
    return Count(Value(1), filter=condition)


class TransferList(ListPage):
    title = gettext_lazy("Transfer Orders")
    crumbs = INVENTORY
    permission_required = VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.TransferTable, filters.TransferFilters
    has_workbook = True
    totals = (
        Total(gettext_lazy("Ordered"), Sum("ordered_total")),
        Total(gettext_lazy("Transferred"), Sum("transferred_total")),
        Total(gettext_lazy("Overdue"), counted(filters.OVERDUE), {"state": "overdue"}),
    )
    acts = (CLOSE,)
    makers = (
        Item(
            gettext_lazy("Create transfer order"),
            "transfers:create",
            "package-plus",
            permissions.TRANSFER_INVENTORY,
        ),
    )
    empty_text = gettext_lazy(
        "Transfer orders appear once the ERP sends them, or a store begins one here."
    )

    def get_queryset(self) -> QuerySet:
        return TransferOrder.objects.visible_to(self.request.user)

    def my_acts(self) -> list[Act]:
        """Who may close depends on a setting (PRODUCT §11)."""
        return [CLOSE] if may(self.request.user, permissions.closing()) else []
