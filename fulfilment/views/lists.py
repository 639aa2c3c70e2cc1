"""What may be promised, and what was not found: the pages (PRODUCT §9, CONTRACT §5)."""

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy

from inventory.permissions import MANAGE_SAFETY_STOCK, VIEW_INVENTORY_MANAGEMENT
from omnichannel.locations.models import currencies_of
from omnichannel.web.lists import ListPage
from omnichannel.web.patience import PatientList
from omnichannel.web.shell import Item
from omnichannel.web.totals import Total

from .. import filters, tables
from ..models import Availability, Mispick

CATALOG = (gettext_lazy("Catalog"),)
INVENTORY = (gettext_lazy("Store Operations"), gettext_lazy("Inventory"))


class StockLevelList(PatientList):
    """Beside Stock On Hand: every location, whoever masters it, and what of it may be sold."""

    title = gettext_lazy("Stock Levels")
    crumbs = CATALOG
    permission_required = VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.StockLevelTable, filters.StockLevelFilters
    totals = (
        Total(gettext_lazy("In stock"), Sum(Greatest("on_hand", 0))),
        Total(gettext_lazy("Available now"), Sum("current_atp"), {"state": "available"}),
        Total(gettext_lazy("Expected"), Sum("future_atp"), {"state": "future"}),
    )
    makers = (
        Item(
            gettext_lazy("Export safety stock"),
            "fulfilment:safety-stock-export",
            "shield-check",
            VIEW_INVENTORY_MANAGEMENT,
        ),
        Item(
            gettext_lazy("Import safety stock"),
            "fulfilment:safety-stock",
            "upload",
            MANAGE_SAFETY_STOCK,
        ),
    )
    empty_text = gettext_lazy("Availability appears with the first stock of any location.")

    def get_queryset(self) -> QuerySet:
        is_narrow = "store" in self.state.words
        return Availability.objects.visible_to(self.request.user, by_index=not is_narrow)

    def currencies(self) -> list[str]:
        """Of the stores that the filter names; amounts of several never add up (PRODUCT §3)."""
        return currencies_of(self.active["store"]) if "store" in self.active else []


class MispickList(ListPage):
    title = gettext_lazy("Mispicks")
    crumbs = INVENTORY
    permission_required = VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.MispickTable, filters.MispickFilters
    totals = (
        Total(
            gettext_lazy("Broken at packing"),
            Count(Value(1), filter=Q(kind=Mispick.Kind.MISPACK)),
            {"kind": Mispick.Kind.MISPACK},
        ),
    )
    empty_text = gettext_lazy(
        "Items that were not found at picking, or that broke at packing, appear here."
    )

    def get_queryset(self) -> QuerySet:
        return Mispick.objects.visible_to(self.request.user)
