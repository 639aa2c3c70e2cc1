"""What an outside system says may be promised of the stock that it keeps (CONTRACT §4.4, ADR 0032).

Only where the ERP is the inventory master: of stores whose stock is ours nobody else knows more.
"""

import json
import logging
from collections.abc import Collection
from typing import Any

from inventory.models import MAX_QUANTITY
from omnichannel.catalog.models import Product, ProductIdentifier
from omnichannel.eventstream.egress import ask
from omnichannel.eventstream.sealing import CannotUnseal, unseal
from omnichannel.locations.models import FulfillmentLocation

from ..models import Availability, AvailabilityHook
from .facts import Key

logger = logging.getLogger(__name__)
# What is a column of the product here, and an identifier among others there.
COLUMNS = ("product_id", "sku")


class Unusable(ValueError):
    """Why the answer says nothing."""


def told_outside(keys: Collection[Key]) -> dict[Key, int]:
    """ATP in units of those keys that the hook knows; empty without a hook, or if it fails.

    It may take as long as the hook's patience, so no transaction should be open.
    """
    hook = AvailabilityHook.objects.first()
    places = kept_elsewhere(keys) if hook else {}
    if not hook or not places:
        return {}
    held_back = mispicked(keys)
    wanted = {key for key in keys if key[0] in places and key not in held_back}
    names = names_of({product for _place, product in wanted}, hook.external_identifier)
    asked = {
        (names[product], places[place]): (place, product)
        for place, product in wanted
        if product in names
    }
    if not asked:
        return {}
    try:
        told = answers(hook, asked.keys())
    except (Unusable, CannotUnseal) as why:
        logger.warning("availability: the hook is left out: %s", why)
        return {}
    return {asked[name]: units for name, units in told.items() if name in asked}


def kept_elsewhere(keys: Collection[Key]) -> dict[int, str]:
    """Location ids of the contract, of those that are on and whose stock is not ours."""
    rows = FulfillmentLocation.objects.filter(
        pk__in={place for place, _product in keys}, is_inventory_master=False, is_enabled=True
    )
    return dict(rows.values_list("pk", "code"))


def mispicked(keys: Collection[Key]) -> set[Key]:
    """Nobody found it on the shelf; that outweighs any number until the stock is told anew."""
    places, products = zip(*keys, strict=True)
    rows = Availability.objects.filter(
        location__in=set(places), product__in=set(products), mispicked_at__isnull=False
    )
    return set(rows.values_list("location_id", "product_id")) & set(keys)


def names_of(products: Collection[int], identifier: str) -> dict[int, str]:
    """What the outside system calls them; a product without such an identifier is not asked about."""
    if identifier in COLUMNS:
        columns = Product.objects.filter(pk__in=products).values_list("pk", identifier)
        return {pk: name for pk, name in columns if name}
    others = ProductIdentifier.objects.filter(product__in=products, type=identifier)
    return dict(others.order_by("-pk").values_list("product_id", "value"))


def answers(
    hook: AvailabilityHook, asked: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Units by (product, location) as both are called outside.

    Raises:
        Unusable: no answer in time, or one that is not of the contract's shape.
    """
    keys = [{"product_id": product, "fulfillment_node_id": node} for product, node in asked]
    headers = {
        "Authorization": f"Bearer {unseal(hook.sealed_api_key)}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    body = json.dumps({"atp_keys": keys}).encode()
    url = f"{hook.url.rstrip('/')}/availabilities"
    answer = ask(url, body, headers, seconds=hook.timeout)
    if answer.code != 200:
        raise Unusable(answer.body if answer.code == 0 else f"it answers {answer.code}")
    try:
        return {
            (str(item["product_id"]), str(item["fulfillment_node_id"])): units(item["atp"])
            for item in json.loads(answer.body)["items"]
        }
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise Unusable("its answer is not of the contract's shape") from fault


def units(told: Any) -> int:
    if not isinstance(told, int) or isinstance(told, bool):
        raise ValueError(told)
    return min(max(told, 0), MAX_QUANTITY)
