"""What a unit that changes its place on a notice does to stock.

At the holder's, goods in transit and goods on their way back stand in `_in_transit`, goods that
never left are in `main` again, and all others are gone. A notice without a holder moves no stock.
"""

from typing import NamedTuple

from inventory import ledger
from omnichannel.locations.models import StockLocation

from ..models import Asn, Fate


class Shelves(NamedTuple):
    main: int
    in_transit: int

    def of(self, asn: Asn, fate: Fate | None) -> int | None:
        """Where the holder keeps units of this fate; None is outside the books."""
        if asn.holder_id is None or fate is None:
            return None
        if fate in (Fate.DECIDE_LATER, Fate.RETURN):
            return self.in_transit
        return self.main if fate == Fate.NEVER_SHIPPED else None


def shelves() -> Shelves:
    names = (StockLocation.MAIN, StockLocation.IN_TRANSIT)
    found = dict(StockLocation.objects.filter(name__in=names).values_list("name", "pk"))
    return Shelves(found[StockLocation.MAIN], found[StockLocation.IN_TRANSIT])


def arriving(
    asn: Asn, product_id: int, quantity: int, fate: Fate | None, at: Shelves
) -> ledger.Line:
    """Into `main` of the destination, out of where the holder had it."""
    return ledger.Line(product_id, quantity, at.of(asn, fate), at.main)


def between(
    asn: Asn, product_id: int, quantity: int, before: Fate, after: Fate, at: Shelves
) -> ledger.Line | None:
    """At the holder's, from one fate to another; None where stock stays as it is."""
    source, target = at.of(asn, before), at.of(asn, after)
    return None if source == target else ledger.Line(product_id, quantity, source, target)
