"""Which service levels carriers offer between places: told as one list, kept as one (CONTRACT §4)."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation

from ..models import ShippingRoute
from .keys import take_key


class Route(NamedTuple):
    """From one location to others, by location or store id; "*" is every one."""

    from_location_id: str
    to_location_ids: tuple[str, ...]
    service_level_ids: tuple[str, ...]

    @property
    def way(self) -> tuple[str, frozenset[str]]:
        return self.from_location_id, frozenset(self.to_location_ids)


def replace_routes(routes: Sequence[Route]) -> list[ShippingRoute]:
    """The whole list anew; a way that was known before keeps its id.

    Runs inside the caller's transaction.

    Raises:
        ActionError: a location that is none of ours, a way told twice.
    """
    take_key("routes")
    refuse_unknown(routes)
    known = {
        (row.from_location_id, frozenset(row.to_location_ids)): row
        for row in ShippingRoute.objects.all()
    }
    kept = []
    for position, route in enumerate(routes):
        row = known.pop(route.way, None) or ShippingRoute()
        row.position = position
        row.from_location_id = route.from_location_id
        row.to_location_ids = list(route.to_location_ids)
        row.service_level_ids = list(route.service_level_ids)
        row.save()
        kept.append(row)
    ShippingRoute.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    return kept


def refuse_unknown(routes: Sequence[Route]) -> None:
    ways = [route.way for route in routes]
    if len(set(ways)) < len(ways):
        raise ActionError(_("The same way is told twice. Nothing was written."))
    asked = {text for route in routes for text in (route.from_location_id, *route.to_location_ids)}
    asked.discard(ShippingRoute.EVERYWHERE)
    rows = FulfillmentLocation.objects.filter(Q(code__in=asked) | Q(store_id__in=asked))
    known = {text for pair in rows.values_list("code", "store_id") for text in pair}
    if unknown := sorted(asked - known):
        raise ActionError(
            _("There are no locations %s. Nothing was written.") % ", ".join(unknown[:20])
        )
