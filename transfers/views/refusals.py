"""From a refusal to what mends it (UI §7)."""

from typing import Any

from inventory.views.counting import count_now
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError

from ..models import TransferOrder


def counts_of(user: Any, order: TransferOrder, refused: ActionError) -> list[tuple[str, str]]:
    """Products of which the origin had too few, each with the page of a cycle count of it."""
    short = [pk for pk, _on_hand, _asked in getattr(refused, "shortages", ())]
    if not short:
        return []
    products = Product.objects.filter(pk__in=short).order_by("product_id")
    ids = products.values_list("product_id", flat=True)
    return count_now(user, order.origin, order.from_stock_location, ids)
