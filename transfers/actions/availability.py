"""Whether a store's own order can be met by what the books have at its origin (PRODUCT §4)."""

from collections.abc import Mapping

from inventory.ledger import StockTooLow
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation

from .. import queries
from ..models import TransferOrder
from ..shipping.leaving import too_few


def refuse_unavailable(order: TransferOrder, wanted: Mapping[int, int]) -> None:
    """Refuse what is not there, by product; `wanted` are units by product.

    A store that the ERP masters sends what it finds: its figures are of the last import. A
    distribution centre sends from its figures, because nobody stands in front of its shelf.

    Raises:
        StockTooLow
    """
    is_dc = order.origin.kind == FulfillmentLocation.Kind.DC
    if not (order.origin.is_inventory_master or is_dc):
        return
    there = queries.on_hand(order.origin_id, order.from_stock_location_id, list(wanted))
    short = [
        (pk, there.get(pk, 0), units) for pk, units in wanted.items() if units > there.get(pk, 0)
    ]
    if short:
        rows = Product.objects.filter(pk__in=[one[0] for one in short])
        raise StockTooLow(too_few(short, dict(rows.values_list("pk", "product_id"))), short)
