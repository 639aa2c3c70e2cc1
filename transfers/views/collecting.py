"""What is being collected on a phone: a parcel of an order, or a transfer that is no order yet."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from django.db.models import Max, QuerySet, Sum

from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import Unknown
from omnichannel.catalog.scanning import products_of_code
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from .. import actions, queries
from ..models import TransferDraft, TransferOrderLine, TransferTransaction

# Of the products that were scanned the newest are shown; all of them count.
SHOWN = 60
MOST_TO_DO = 100
MOST_UNKNOWN = 50


class Collected(NamedTuple):
    """A product: units in the box, how many are wanted in it, how many the books have for it.

    `wanted` is None where nobody ordered, `there` where the stock is not ours to know.
    """

    product: Product
    units: int
    wanted: int | None
    there: int | None
    newest: int

    @property
    def over(self) -> int:
        return max(0, self.units - self.wanted) if self.wanted is not None else 0

    @property
    def lacking(self) -> int:
        """Units in the box that the books do not have."""
        return max(0, self.units - max(0, self.there)) if self.there is not None else 0


class Box(NamedTuple):
    """`rows` are the newest products, `by_product` all; `to_do` were ordered and are not in it."""

    rows: list[Collected]
    by_product: dict[int, Collected]
    to_do: list[Collected]
    left: int
    unknown: list[Unknown]
    units: int
    wanted: int | None
    over: int


class Collecting(Protocol):
    """A document that is filled by scans."""

    @property
    def scans(self) -> QuerySet: ...

    def record(self, scans: Sequence[actions.Scan]) -> None:
        """
        Raises:
            ActionError: it is over, or full; nothing was kept.
        """

    def settle(self, code: str, product_id: int | None) -> None:
        """
        Raises:
            ActionError: it is over.
        """

    def box(self) -> Box: ...


class ParcelBox:
    """A parcel, against what its order still asks for and no other parcel has."""

    def __init__(self, parcel: TransferTransaction) -> None:
        self.parcel = parcel

    @property
    def scans(self) -> QuerySet:
        return self.parcel.scans.all()

    def record(self, scans: Sequence[actions.Scan]) -> None:
        actions.record_picks(transaction_id=self.parcel.pk, scans=scans)

    def settle(self, code: str, product_id: int | None) -> None:
        actions.settle_code(transaction_id=self.parcel.pk, code=code, product_id=product_id)

    def box(self) -> Box:
        order, parcel = self.parcel.order, self.parcel
        packed = queries.being_packed(order)
        own = parcel.status == TransferTransaction.Status.READY
        units = dict(parcel.lines.values_list("product_id", "quantity"))
        wanted, aside = {}, {}
        lines = TransferOrderLine.objects.filter(order=order)
        for line in lines.only("product_id", "ordered", "transferred", "reserved"):
            others = packed.get(line.product_id, 0) - (units.get(line.product_id, 0) if own else 0)
            wanted[line.product_id] = max(0, line.remaining - others)
            aside[line.product_id] = line.reserved
        there = None
        if order.origin.is_inventory_master:
            found = queries.on_hand(
                order.origin_id, order.from_stock_location_id, list({*wanted, *units})
            )
            there = {pk: aside.get(pk, 0) + max(0, found.get(pk, 0)) for pk in {*wanted, *units}}
        return filled(self.scans, units, wanted, there)


class DraftBox:
    """A transfer that is no order yet, against what the store has."""

    def __init__(self, draft: TransferDraft) -> None:
        self.draft = draft

    @property
    def scans(self) -> QuerySet:
        return self.draft.scans.all()

    def record(self, scans: Sequence[actions.Scan]) -> None:
        actions.record_draft_scans(draft_id=self.draft.pk, scans=scans)

    def settle(self, code: str, product_id: int | None) -> None:
        actions.settle_draft_code(draft_id=self.draft.pk, code=code, product_id=product_id)

    def box(self) -> Box:
        rows = self.scans.filter(product__isnull=False).values_list("product_id")
        units = dict(rows.annotate(units=Sum("quantity")).order_by("product_id"))
        return filled(self.scans, units, None, there(self.draft.origin, units))


def there(origin: FulfillmentLocation, products: Iterable[int]) -> dict[int, int] | None:
    if not origin.is_inventory_master:
        return None
    found = queries.on_hand(origin.pk, queries.shelves()[StockLocation.MAIN], list(products))
    return {pk: max(0, found.get(pk, 0)) for pk in products}


def filled(
    scans: QuerySet,
    units: Mapping[int, int],
    wanted: Mapping[int, int] | None,
    there: Mapping[int, int] | None,
) -> Box:
    """The box from units by product, and from what is wanted and there, by product too."""
    newest = dict(
        scans.filter(product__isnull=False)
        .values_list("product_id")
        .annotate(newest=Max("pk"))
        .order_by()
    )
    missing = [pk for pk, number in (wanted or {}).items() if number and not units.get(pk)]
    products = Product.objects.in_bulk([*(pk for pk, number in units.items() if number), *missing])

    def row(pk: int) -> Collected:
        return Collected(
            products[pk],
            units.get(pk, 0),
            wanted.get(pk, 0) if wanted is not None else None,
            there.get(pk, 0) if there is not None else None,
            newest.get(pk, 0),
        )

    found = {pk: row(pk) for pk, number in units.items() if number}
    to_do = sorted(
        (row(pk) for pk in missing), key=lambda one: (one.product.name_key, one.product.pk)
    )
    return Box(
        sorted(found.values(), key=lambda one: -one.newest)[:SHOWN],
        found,
        to_do[:MOST_TO_DO],
        len(to_do),
        unknown_codes(scans),
        sum(one.units for one in found.values()),
        sum(wanted.values()) if wanted is not None else None,
        sum(one.over for one in found.values()),
    )


def unknown_codes(scans: QuerySet) -> list[Unknown]:
    rows = (
        scans.filter(product__isnull=True, is_left_out=False)
        .values_list("code")
        .annotate(units=Sum("quantity"), first=Max("pk"))
        .order_by("code")[:MOST_UNKNOWN]
    )
    return [Unknown(code, units, products_of_code(code)) for code, units, _first in rows]


def known_keys(scans: QuerySet, keys: Iterable[UUID]) -> set[UUID]:
    return set(scans.filter(key__in=list(keys)).values_list("key", flat=True))
