"""Settings: stock locations, where returns go, and what was decided for all stores (PRODUCT §2)."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.web.details import one
from omnichannel.web.formpage import FormPage
from omnichannel.web.lists import ListPage
from omnichannel.web.shell import Item

from . import permissions, shelves
from .configuration import Configuration
from .deciding import decide
from .filters import ReturnConditionFilters, StockLocationFilters
from .forms import ConditionForm, ConfigurationForm, NewShelfForm, ShelfForm
from .models import ReturnCondition, StockLocation
from .tables import ReturnConditionTable, StockLocationTable

SETTINGS = gettext_lazy("Settings")
SHELVES = (gettext_lazy("Stock Locations"), "locations:shelves")
RETURNS = (gettext_lazy("Return Conditions"), "locations:returns")
SEEING = (permissions.VIEW_LOCATIONS, permissions.MANAGE_LOCATIONS)
NEW = Item(
    gettext_lazy("New stock location"),
    "locations:shelf-new",
    "plus",
    permissions.MANAGE_LOCATIONS,
)
WHERE_RETURNS_GO = Item(RETURNS[0], RETURNS[1], "undo-2", SEEING)
SET = Item(
    gettext_lazy("Set a condition"), "locations:return", "plus", permissions.MANAGE_LOCATIONS
)


class StockLocationList(ListPage):
    title = SHELVES[0]
    crumbs = (SETTINGS,)
    permission_required = SEEING
    table, filterset = StockLocationTable, StockLocationFilters
    makers = (NEW, WHERE_RETURNS_GO)

    def get_queryset(self) -> QuerySet:
        """The same in every store."""
        return StockLocation.objects.all()


class NewStockLocation(FormPage):
    title = NEW.label
    crumbs = (SETTINGS, SHELVES)
    permission_required = permissions.MANAGE_LOCATIONS
    form_class = NewShelfForm
    lead = gettext_lazy("A stock location is there in every store. Only main is salable.")
    verb, back = gettext_lazy("Create"), SHELVES[1]

    def act(self, values: dict[str, Any]) -> str:
        return _("%s is there in every store now.") % shelves.create_shelf(self.request, **values)


class RenameStockLocation(FormPage):
    crumbs = (SETTINGS, SHELVES)
    permission_required = SEEING
    edit_permission = permissions.MANAGE_LOCATIONS
    form_class = ShelfForm
    lead = gettext_lazy("What people read. Integrations go on with the name.")
    verb, back = gettext_lazy("Save"), SHELVES[1]

    def shelf(self) -> StockLocation:
        return one(shelves.ours(), name=self.kwargs["name"])

    def get_title(self) -> str:
        return self.shelf().name

    def initial(self) -> dict[str, Any]:
        return {"display_name": self.shelf().display_name}

    def act(self, values: dict[str, Any]) -> str:
        shelves.rename_shelf(self.request, self.shelf(), values["display_name"])
        return _("Saved.")


class ReturnConditionList(ListPage):
    title = RETURNS[0]
    crumbs = (SETTINGS, SHELVES)
    permission_required = SEEING
    table, filterset = ReturnConditionTable, ReturnConditionFilters
    makers = (SET,)
    empty_text = gettext_lazy("Every returned item goes to returns until a condition says where.")

    def get_queryset(self) -> QuerySet:
        """The same in every store."""
        return ReturnCondition.objects.all()


class SetReturnCondition(FormPage):
    title = SET.label
    crumbs = (SETTINGS, SHELVES, RETURNS)
    permission_required = permissions.MANAGE_LOCATIONS
    form_class = ConditionForm
    lead = gettext_lazy("A code that is set already goes to the new stock location from now on.")
    verb, back = gettext_lazy("Save"), RETURNS[1]

    def act(self, values: dict[str, Any]) -> str:
        condition = shelves.write_condition(self.request, **values)
        return _("Items returned as %(code)s go to %(shelf)s from now on.") % {
            "code": condition.condition_code,
            "shelf": condition.stock_location,
        }


class ConfigurationPage(FormPage):
    title = gettext_lazy("Configuration")
    crumbs = (SETTINGS,)
    permission_required = SEEING
    edit_permission = permissions.MANAGE_LOCATIONS
    lead = gettext_lazy("Decided for all stores at once, here and over the API alike.")
    verb, back = gettext_lazy("Save"), "locations:configuration"

    def form(self, data: Any = None) -> forms.Form:
        return ConfigurationForm(Configuration.current(), data)

    def act(self, values: dict[str, Any]) -> str:
        decide(self.request, values)
        return _("Saved.")
