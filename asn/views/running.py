"""What a session holds so far: units by product against what is lacking, and codes to look at."""

from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, Sum

from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import Unknown
from omnichannel.catalog.scanning import products_of_code

from ..models import AsnLine, Receipt

# Of the products that were scanned the newest are shown; all of them count.
SHOWN = 40
MOST_UNKNOWN = 50


class Scanned(NamedTuple):
    """A product of the session; `lacking` is what the notice still waited for when it began."""

    product: Product
    units: int
    damaged: int
    lacking: int
    is_announced: bool
    newest: int

    @property
    def over(self) -> int:
        return max(0, self.units - self.lacking)


class Running(NamedTuple):
    """`rows` are the newest products, `by_product` all of them."""

    rows: list[Scanned]
    by_product: dict[int, Scanned]
    unknown: list[Unknown]
    units: int
    damaged: int
    lacking: int
    over: int
    unexpected: int


def running(receipt: Receipt) -> Running:
    """Four queries, however many scans."""
    waiting = lacking_by_product(receipt)
    found = {row.product.pk: row for row in scanned(receipt, waiting)}
    newest = sorted(found.values(), key=lambda row: -row.newest)
    is_blind = receipt.asn_id is None
    return Running(
        newest[:SHOWN],
        found,
        unknown_codes(receipt),
        sum(row.units for row in newest),
        sum(row.damaged for row in newest),
        sum(lacking for lacking, _announced in waiting.values()),
        0 if is_blind else sum(row.over for row in newest if row.is_announced),
        0 if is_blind else sum(row.units for row in newest if not row.is_announced),
    )


def lacking_by_product(receipt: Receipt) -> dict[int, tuple[int, bool]]:
    """Units that the notice still waits for, and whether it announced the product at all."""
    if receipt.asn_id is None:
        return {}
    lines = AsnLine.objects.filter(asn=receipt.asn_id).values_list("product_id")
    sums = lines.annotate(lacking=Sum("in_transit"), announced=Sum("expected"))
    return {product: (lacking, announced > 0) for product, lacking, announced in sums}


def scanned(receipt: Receipt, waiting: dict[int, tuple[int, bool]]) -> list[Scanned]:
    rows = list(
        receipt.scans.filter(product__isnull=False)
        .values_list("product_id")
        .annotate(
            units=Sum("quantity"),
            broken=Sum("quantity", filter=Q(is_damaged=True)),
            newest=Max("pk"),
        )
        .order_by()
    )
    products = Product.objects.in_bulk([row[0] for row in rows])
    return [
        Scanned(products[pk], units, broken or 0, *waiting.get(pk, (0, False)), newest)
        for pk, units, broken, newest in rows
        if units or broken
    ]


def unknown_codes(receipt: Receipt) -> list[Unknown]:
    rows = (
        receipt.scans.filter(product__isnull=True, is_left_out=False)
        .values_list("code")
        .annotate(units=Sum("quantity"), times=Count("pk"))
        .order_by("code")[:MOST_UNKNOWN]
    )
    return [Unknown(code, units, products_of_code(code)) for code, units, _times in rows]


def left_out(receipt: Receipt) -> list[Any]:
    """Codes of a session that were set aside, with their units."""
    rows = receipt.scans.filter(product__isnull=True, is_left_out=True)
    return list(rows.values_list("code").annotate(units=Sum("quantity")).order_by("code"))
