"""Notices as a list (PRODUCT §6)."""

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.utils.translation import gettext_lazy

from omnichannel.web.acts import Act
from omnichannel.web.lists import ListPage
from omnichannel.web.many import MOST_AT_ONCE
from omnichannel.web.shell import may
from omnichannel.web.totals import Total

from .. import filters, permissions, tables
from ..models import Asn
from .closing_many import CloseMany
from .crumbs import INVENTORY

FORCE_CLOSE = Act(
    "close",
    gettext_lazy("Force close"),
    "package-x",
    permissions.FORCE_CLOSE_ASNS,
    CloseMany.ask_about,
    MOST_AT_ONCE,
)


def counted(condition: Q) -> Count:
    return Count(Value(1), filter=condition)


class AsnList(ListPage):
    title = gettext_lazy("ASN")
    crumbs = INVENTORY
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.AsnTable, filters.AsnFilters
    totals = (
        Total(gettext_lazy("Items"), Sum("expected_total")),
        Total(gettext_lazy("In transit"), Sum("in_transit_total")),
        Total(gettext_lazy("Overdue"), counted(filters.OVERDUE), {"state": "overdue"}),
    )
    acts = (FORCE_CLOSE,)
    export_needs_filter = True
    empty_text = gettext_lazy(
        "ASNs appear once the ERP or a supplier sends them, or a transfer is shipped."
    )

    def get_queryset(self) -> QuerySet:
        return Asn.objects.visible_to(self.request.user)

    def my_acts(self) -> list[Act]:
        """Who may force close depends on a setting (PRODUCT §11)."""
        may_close = may(self.request.user, permissions.force_closing())
        return [FORCE_CLOSE] if may_close else []
