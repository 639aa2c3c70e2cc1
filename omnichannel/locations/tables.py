from django.utils.translation import gettext_lazy as _

from omnichannel.web.columns import Choice, Code, Text, YesNo
from omnichannel.web.tables import Table

from .models import FulfillmentLocation


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
