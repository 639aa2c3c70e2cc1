"""What the quick search finds (PRODUCT §2): a few rows of each kind, in the user's scope.

Every query is capped and goes along an index. A text of three characters or more is looked for
anywhere in a product's name, id and SKU; a trigram index cannot help shorter ones, so these are
compared with the beginnings only.
"""

from typing import NamedTuple

from django.db.models import Q, QuerySet

from asn.models import Asn
from inventory.models import InventoryTransaction
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import products_of_code
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.sorting import sort_key
from omnichannel.web.filters import any_of
from transfers.models import TransferOrder

SHOWN = 8
SHORTEST, LONGEST = 2, 200
TRIGRAM = 3
# Of a common word so many products are put in order, not all of them.
MOST_CANDIDATES = 200


class Products(NamedTuple):
    """`exact` are those that the text is a code of; they stand first in `rows` too."""

    exact: list[Product]
    rows: list[Product]


def products(text: str) -> Products:
    """At most SHOWN products: exact codes, then active ones, by name."""
    exact = products_of_code(text)
    candidates = Product.objects.order_by().filter(containing(text)).values("pk")
    others = (
        Product.objects.filter(pk__in=candidates[:MOST_CANDIDATES])
        .exclude(pk__in=[product.pk for product in exact])
        .order_by("-is_active", "name_key", "pk")
    )
    return Products(exact, [*exact, *others[:SHOWN]][:SHOWN])


def containing(text: str) -> Q:
    if len(text) >= TRIGRAM:
        return any_of(["name", "product_id", "sku"], "ilike", text)
    beginnings = Q(product_id__startswith=text) | Q(sku__startswith=text)
    key = sort_key(text)
    return beginnings | Q(name_key__startswith=key) if key else beginnings


def transactions(text: str, user: User) -> QuerySet[InventoryTransaction]:
    """At most SHOWN documents of the user's scope whose reference begins with the text.

    In the order of the reference, so that the exact one comes first.
    """
    return (
        InventoryTransaction.objects.visible_to(user)
        .listed()
        .filter(reference__startswith=text)
        .select_related("location")
        .order_by("reference", "-pk")[:SHOWN]
    )


def asns(text: str, user: User) -> QuerySet[Asn]:
    """At most SHOWN notices of the user's scope whose number contains the text, the newest first."""
    looked_for = Q(number__ilike=text) if len(text) >= TRIGRAM else Q(number__startswith=text)
    rows = Asn.objects.visible_to(user).filter(looked_for)
    return rows.select_related("destination").order_by("-shipped_at", "-pk")[:SHOWN]


def transfers(text: str, user: User) -> QuerySet[TransferOrder]:
    """At most SHOWN orders of the user's scope whose reference contains the text, the newest first."""
    is_short = len(text) < TRIGRAM
    looked_for = Q(external_ref__startswith=text) if is_short else Q(external_ref__ilike=text)
    rows = TransferOrder.objects.visible_to(user).filter(looked_for)
    return rows.select_related("origin", "destination").order_by("-ordered_at", "-pk")[:SHOWN]


def locations(text: str, user: User) -> list[FulfillmentLocation]:
    """At most SHOWN places that the user may see, the exact code first."""
    rows = FulfillmentLocation.objects.visible_to(user)
    exact = list(rows.filter(code=text))
    others = rows.filter(any_of(["code", "name"], "ilike", text)).exclude(code=text)
    return [*exact, *others.order_by("name_key", "pk")[:SHOWN]][:SHOWN]
