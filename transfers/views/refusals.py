"""From a refusal to what mends it (UI §7)."""

from typing import Any

from inventory.views.counting import count_now
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from ..models import TransferOrder


def counts_of(user: Any, order: TransferOrder, refused: ActionError) -> list[tuple[str, str]]:
    """Products of which the origin had too few, each with the page of a cycle count of it."""
    return counts_at(user, order.origin, order.from_stock_location, refused)


def counts_at(
    user: Any, origin: FulfillmentLocation, shelf: StockLocation, refused: ActionError
) -> list[tuple[str, str]]:
    short = [pk for pk, _on_hand, _asked in getattr(refused, "shortages", ())]
    if not short:
        return []
    products = Product.objects.filter(pk__in=short).order_by("product_id")
    return count_now(user, origin, shelf, products.values_list("product_id", flat=True))
