"""Locations and products that a call names."""

from collections.abc import Iterable

from omnichannel.api.routing import ApiRequest
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, FulfillmentLocationQuerySet


def places_read_by(request: ApiRequest) -> FulfillmentLocationQuerySet:
    rows: FulfillmentLocationQuerySet = FulfillmentLocation.objects.visible_to(request.user)
    return rows


def pks_of(rows: FulfillmentLocationQuerySet, ids: Iterable[str]) -> dict[str, int]:
    """Primary keys by location id or store id, of those that are among `rows`."""
    asked = set(ids)
    found: dict[str, int] = {}
    for pk, code, store_id in rows.named(*asked).values_list("pk", "code", "store_id"):
        # A location id wins over another location's store id.
        found[code] = pk
        found.setdefault(store_id or "", pk)
    return {text: found[text] for text in asked & found.keys()}


def product_pks(ids: Iterable[str]) -> dict[str, int]:
    """Primary keys by the contract's id, of those that are known."""
    named = Product.objects.filter(product_id__in=set(ids))
    return dict(named.values_list("product_id", "pk"))
