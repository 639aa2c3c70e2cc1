"""From a refusal for want of stock to a count of exactly that product (PRODUCT §4)."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from omnichannel.locations.models import FulfillmentLocation, StockLocation


def count_now(
    user: Any, store: FulfillmentLocation, shelf: StockLocation, product_ids: Iterable[str]
) -> list[tuple[str, str]]:
    """Each product id with the address of a cycle count of it, filled in; none for who may not."""
    if shelf.name.startswith("_") or not user.has_perm(settings.COUNT_NOW_PERMISSION):
        return []
    words: dict[str, Any] = {
        "store": store.code,
        "shelf": shelf.name,
        "due": timezone.now().astimezone(ZoneInfo(store.time_zone or "UTC")).date(),
    }
    page = reverse(settings.COUNT_NOW_PAGE)
    return [(one, f"{page}?{urlencode({**words, 'products': one})}") for one in product_ids]
