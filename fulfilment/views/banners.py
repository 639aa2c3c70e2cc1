"""What is to be known about a store's numbers, wherever one of them is shown (PRODUCT §8)."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.cells import grouped, stamp_html

from ..checklist import takeover
from ..models import Takeover


def banner(request: HttpRequest, location: FulfillmentLocation) -> SafeString | str:
    """Nothing, where the store is ours and has been counted since it became so."""
    told = {"location": location, "is_bad": False, "text": ""}
    if not location.is_inventory_master:
        told["text"] = by_the_erp(location)
        told["last"] = stamp_html(takeover.last_import_at(location), location.time_zone)
    elif uncounted := takeover.awaiting_count([location.pk]).get(location.pk):
        told["text"], told["is_bad"] = since_taken_over(uncounted), True
        told["may_count"] = request.user.has_perm("counts.create_cycle_counts")
    else:
        return ""
    return render_to_string("fulfilment/banner.html", told, request)


def by_the_erp(location: FulfillmentLocation) -> str:
    if location.kind == FulfillmentLocation.Kind.DC:
        return _("The ERP keeps the stock of this distribution centre.")
    return _(
        "The ERP keeps the stock of this store. What is received, adjusted or counted here is"
        " recorded and told, and changes no number before the next import; shipments do at once."
    )


def since_taken_over(found: Takeover) -> str:
    if not found.units:
        return _("This store was loaded with 0 and waits for its first count.")
    words = {"units": grouped(found.units)}
    return (
        ngettext(
            "Nobody has counted this store since its stock is ours: its %(units)s unit is what the"
            " ERP told.",
            "Nobody has counted this store since its stock is ours: its %(units)s units are what"
            " the ERP told.",
            found.units,
        )
        % words
    )
