from django.utils.translation import gettext_lazy as _

from omnichannel.web.lists import ListPage

from . import permissions
from .filters import LocationFilters
from .tables import LocationTable


class LocationList(ListPage):
    title = _("Locations")
    crumbs = (_("Settings"),)
    permission_required = permissions.VIEW_LOCATIONS
    table, filterset = LocationTable, LocationFilters
    empty_text = _("Stores and distribution centres appear here once an administrator adds them.")
