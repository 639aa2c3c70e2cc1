"""From a refusal for want of stock to a count of exactly that product (PRODUCT §4)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from ..ledger import StockTooLow


def count_now(
    user: Any,
    store: FulfillmentLocation | None,
    shelf: StockLocation | None,
    refused: ActionError | None,
) -> list[tuple[str, str]]:
    """Ids of products of which there were too few, each with the page of a cycle count of it.

    None for another refusal, for a stock location that nobody counts, and for who may not.
    """
    if not isinstance(refused, StockTooLow) or store is None or shelf is None:
        return []
    if shelf.name.startswith("_") or not user.has_perm(settings.COUNT_NOW_PERMISSION):
        return []
    words: dict[str, Any] = {
        "store": store.code,
        "shelf": shelf.name,
        "due": timezone.now().astimezone(ZoneInfo(store.time_zone or "UTC")).date(),
    }
    page = reverse(settings.COUNT_NOW_PAGE)
    short = Product.objects.filter(pk__in={pk for pk, _on_hand, _asked in refused.shortages})
    ids = short.order_by("product_id").values_list("product_id", flat=True)
    return [(one, f"{page}?{urlencode({**words, 'products': one})}") for one in ids]
