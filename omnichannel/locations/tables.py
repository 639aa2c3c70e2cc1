from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from omnichannel.web.columns import Choice, Code, Number, Text, YesNo
from omnichannel.web.tables import Table

from .models import FulfillmentLocation, ReturnCondition, StockLocation


class LocationTable(Table):
    name = Text(
        "name", _("Name"), link=("/settings/locations/", "code"), sort="name_key", css="c-name"
    )
    code = Code("code", _("ID"))
    kind = Choice("kind", _("Type"), choices=FulfillmentLocation.Kind, sort=False)
    store_id = Code("store_id", _("Store ID"), sort=False)
    city = Text("city", _("City"), sort=False)
    country = Code("country_code", _("Country"))
    time_zone = Text("time_zone", _("Time Zone"), sort=False)
    currency = Code("pricebook__currency", _("Currency"), sort=False)
    ours = YesNo("is_inventory_master", _("Stock Is Ours"), sort=False)
    enabled = YesNo("is_enabled", _("Enabled"), sort=False)

    model = FulfillmentLocation
    key = ("code",)


class StockLocationTable(Table):
    name = Code(
        "name", _("Name"), link=("/settings/stock-locations/rename", "own_name"), sort=False
    )
    display_name = Text("display_name", _("Display Name"), sort=False, css="c-name")
    salable = YesNo("is_salable", _("Salable"), sort=False)
    system = YesNo("is_of_system", _("Of The System"), sort=False)

    model = StockLocation
    key = ("id",)

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """What the system keeps for itself is renamed by nobody, so it leads nowhere."""
        is_system = Q(name__startswith="_")
        own_name = Case(When(~is_system, then=F("name")), output_field=CharField(null=True))
        return rows.annotate(
            is_of_system=Case(When(is_system, then=Value(True)), default=Value(False)),
            own_name=own_name,
        )


class ReturnConditionTable(Table):
    code = Number("condition_code", _("Condition Code"))
    shelf = Text("stock_location__display_name", _("Stock Location"), sort=False, css="c-name")
    name = Code("stock_location__name", _("Name"), sort=False)
    revision = Number("revision", _("Revision"), sort=False)

    model = ReturnCondition
    key = ("condition_code",)
