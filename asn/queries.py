"""Reads that are no list of one table: matches of a reference, words of the stream, goods under way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Q

from inventory import events as stock_events
from inventory import ledger
from omnichannel.accounts.models import User
from omnichannel.locations.models import StockLocation

from . import events
from .models import Asn, FateDecision, Receipt

# A reference that so many notices share names none of them.
MOST_MATCHES = 20

NAMED = """
SELECT product.id, product.product_id, product.sku,
       (SELECT json_agg(json_build_array(lower(type), value) ORDER BY id DESC)
          FROM catalog_productidentifier WHERE product_id = product.id)
  FROM catalog_product AS product WHERE product.id = ANY(%s)
"""


# The contract's id and the further names by kind, by the product's key.
Names = Mapping[int, tuple[str, dict[str, str]]]


def named(products: Sequence[int]) -> dict[int, tuple[str, dict[str, str]]]:
    """The contract's id and the further names by kind, the oldest of each kind; one query."""
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [list(products)])
        return {
            pk: (product_id, {**({"sku": sku} if sku else {}), **dict(identifiers or ())})
            for pk, product_id, sku, identifiers in cursor.fetchall()
        }


def items_told(units: Mapping[int, int], known: Names | None = None) -> list[events.Item]:
    """Units by product as the stream tells them; `known` are names that were read before."""
    known = named(list(units)) if known is None else known
    return [events.Item(known[pk][0], quantity, known[pk][1]) for pk, quantity in units.items()]


def lines_told(lines: Sequence[ledger.Line]) -> list[stock_events.Item]:
    """Lines of a posting as `adjustment_created` tells them."""
    known = named([line.product_id for line in lines])
    shelves = dict(StockLocation.objects.values_list("pk", "name"))
    return [
        stock_events.Item(
            known[line.product_id][0],
            line.quantity,
            known[line.product_id][1],
            shelves.get(line.from_stock_location_id or 0),
            shelves.get(line.to_stock_location_id or 0),
        )
        for line in lines
    ]


def matching_asns(location_id: int, references: Sequence[str]) -> list[Asn]:
    """Open notices for a location that a reference names: by number, purchase order, order or
    carton, oldest first. Each way has its own index."""
    ways = (
        Q(number__in=references),
        Q(po_number__in=[text for text in references if text]),
        Q(order_ids__overlap=list(references)),
        Q(lines__carton_id__in=[text for text in references if text]),
    )
    here = Asn.objects.filter(destination=location_id).exclude(status=Asn.Status.CLOSED)
    found = {
        pk for way in ways for pk in here.filter(way).values_list("pk", flat=True)[:MOST_MATCHES]
    }
    return list(Asn.objects.filter(pk__in=found).order_by("shipped_at", "pk")[:MOST_MATCHES])


def event_entities(asn: Asn) -> list[str]:
    """The entity ids of every event about a notice: itself, its receipts, its fates' postings."""
    receipts = Receipt.objects.filter(asn=asn, transaction__isnull=False)
    damage = Receipt.objects.filter(asn=asn, lines__damage__isnull=False)
    fates = FateDecision.objects.filter(asn=asn, transaction__isnull=False)
    found = [
        *receipts.values_list("transaction__uuid", flat=True),
        *damage.values_list("lines__damage__uuid", flat=True).distinct(),
        *fates.values_list("transaction__uuid", flat=True).distinct(),
    ]
    return [str(asn.uuid), *dict.fromkeys(str(uuid) for uuid in found)]


class Pair(NamedTuple):
    """Goods between two locations: units, what they are worth, and the oldest of them.

    `value` is None where nothing of it has a price; `unpriced` units are in no value. `held`
    units stand in somebody's `_in_transit`, the others on their documents only (PRODUCT §6).
    """

    origin_id: int
    destination_id: int
    documents: int
    units: int
    held: int
    value: Decimal | None
    unpriced: int
    currency: str
    oldest: datetime


class UnderWay(NamedTuple):
    """Goods of one notice that are still under way, as `Pair` tells them; `days` since they left."""

    asn_id: int
    uuid: str
    number: str
    status: str
    shipped_at: datetime
    days: int
    units: int
    is_held: bool
    value: Decimal | None
    unpriced: int
    currency: str


# The pricebook of the store that sends, else of the one that is sent to (PRODUCT §3).
VALUED = """
SELECT asn.id, asn.uuid, asn.number, asn.status, asn.origin_id, asn.destination_id,
       asn.holder_id IS NOT NULL AS is_held, asn.shipped_at, coalesce(book.currency, '') AS currency,
       sum(line.in_transit) AS units, sum(line.in_transit * price.value) AS value,
       coalesce(sum(line.in_transit) FILTER (WHERE price.value IS NULL), 0) AS unpriced
  FROM asn_asn AS asn
  JOIN asn_asnline AS line ON line.asn_id = asn.id AND line.in_transit > 0
  JOIN locations_fulfillmentlocation AS origin ON origin.id = asn.origin_id
  JOIN locations_fulfillmentlocation AS destination ON destination.id = asn.destination_id
  LEFT JOIN catalog_pricebook AS book
         ON book.id = coalesce(origin.pricebook_id, destination.pricebook_id)
  LEFT JOIN catalog_price AS price
         ON price.pricebook_id = book.id AND price.product_id = line.product_id
 WHERE asn.in_transit_total > 0 AND {scope}
 GROUP BY asn.id, book.currency
"""
PAIRS = """
SELECT origin_id, destination_id, count(*), sum(units), coalesce(sum(units) FILTER (WHERE is_held), 0),
       sum(value), sum(unpriced), currency, min(shipped_at)
  FROM ({valued}) AS valued
 GROUP BY origin_id, destination_id, currency
 ORDER BY min(shipped_at), origin_id, destination_id
"""
DOCUMENTS = """
SELECT id, uuid, number, status, shipped_at,
       greatest(0, extract(day FROM clock_timestamp() - shipped_at))::int,
       units, is_held, value, unpriced, currency
  FROM ({valued}) AS valued
 ORDER BY shipped_at, id
 LIMIT %(most)s
"""
MINE = """(asn.origin_id IN (SELECT location_id FROM locations_locationaccess WHERE user_id = %(user)s)
   OR asn.destination_id IN (SELECT location_id FROM locations_locationaccess
                              WHERE user_id = %(user)s))"""


def scope_of(user: User | AnonymousUser) -> str:
    """The rows of `Asn.objects.visible_to`, as SQL."""
    if isinstance(user, AnonymousUser):
        return "false"
    if user.is_superuser or user.document_scope == User.Scope.ALL_STORES:
        return "true"
    return MINE


def in_transit_pairs(user: User | AnonymousUser) -> list[Pair]:
    """What is under way between each two locations that the user may see, oldest first."""
    sql = PAIRS.format(valued=VALUED.format(scope=scope_of(user)))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"user": user.pk})
        return [Pair(*row) for row in cursor.fetchall()]


def in_transit_documents(
    user: User | AnonymousUser, origin_id: int, destination_id: int, most: int = 200
) -> list[UnderWay]:
    """The notices of one pair with goods under way, oldest first."""
    scope = (
        f"{scope_of(user)} AND asn.origin_id = %(origin)s AND asn.destination_id = %(destination)s"
    )
    words = {"user": user.pk, "origin": origin_id, "destination": destination_id, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(DOCUMENTS.format(valued=VALUED.format(scope=scope)), words)
        return [UnderWay(row[0], str(row[1]), *row[2:]) for row in cursor.fetchall()]
