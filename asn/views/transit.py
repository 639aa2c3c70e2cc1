"""Goods under way, by pair of locations and by document (PRODUCT §6)."""

from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy

from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.lists import ListPage
from omnichannel.web.totals import Total

from .. import filters, permissions, queries, tables
from ..models import Asn
from .crumbs import INVENTORY

# So many pairs are shown, those with the oldest goods first.
MOST_PAIRS = 200


class PairRow(NamedTuple):
    pair: queries.Pair
    origin: FulfillmentLocation
    destination: FulfillmentLocation
    outside: int


class InTransitList(ListPage):
    title = gettext_lazy("In Transit")
    crumbs = INVENTORY
    permission_required = permissions.VIEW_INVENTORY_MANAGEMENT
    table, filterset = tables.InTransitTable, filters.InTransitFilters
    totals = (Total(gettext_lazy("Units"), Sum("in_transit_total")),)
    template_name = "asn/in_transit.html"
    empty_text = gettext_lazy("Nothing is under way between your locations.")

    def get_queryset(self) -> QuerySet:
        return Asn.objects.visible_to(self.request.user).filter(in_transit_total__gt=0)

    def currencies(self) -> list[str]:
        """Of the pairs that the list shows; amounts of several never add up (PRODUCT §3)."""
        return sorted({row.pair.currency for row in self.pairs() if row.pair.currency})

    def extra_context(self) -> dict[str, Any]:
        return {} if self.is_part else {"pairs": self.pairs(), "is_cut": self.is_cut}

    def pairs(self) -> list[PairRow]:
        """Between the locations that the filters name, if they name any."""
        ends = {
            side: {place.pk for place in self.active.get(name, ())}
            for side, name in (("origin_id", "origin"), ("destination_id", "store"))
        }
        found = [
            pair
            for pair in queries.in_transit_pairs(self.request.user)
            if all(not ids or getattr(pair, side) in ids for side, ids in ends.items())
        ]
        self.is_cut = len(found) > MOST_PAIRS
        found = found[:MOST_PAIRS]
        places = FulfillmentLocation.objects.in_bulk(
            {pair.origin_id for pair in found} | {pair.destination_id for pair in found}
        )
        return [
            PairRow(
                pair, places[pair.origin_id], places[pair.destination_id], pair.units - pair.held
            )
            for pair in found
        ]
