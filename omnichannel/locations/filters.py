from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnichannel.web.filters import Choices, Conditions, FilterSet, Search, Words

from .models import FulfillmentLocation


class LocationFilters(FilterSet):
    q = Search(
        through="",
        fields=["name", "code", "city"],
        exact=["code"],
        label=_("Name, ID or city"),
    )
    kind = Choices(field_name="kind", label=_("Type"), choices=FulfillmentLocation.Kind)
    country = Words(field_name="country_code", label=_("Country"), hint="DE, GB")
    stock = Conditions(
        label=_("Stock"),
        conditions={
            "ours": (_("Ours"), Q(is_inventory_master=True)),
            "erp": (_("The ERP's"), Q(is_inventory_master=False)),
        },
    )


class StockLocationFilters(FilterSet):
    q = Search(through="", fields=["name", "display_name"], label=_("Name"))


class ReturnConditionFilters(FilterSet):
    shelf = Words(field_name="stock_location__name", label=_("Stock location"), hint="damaged")
