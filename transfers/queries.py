"""Reads that are no list of one table: what became of what was shipped, what can be taken."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import Q, Sum

from asn.models import AsnLine
from asn.queries import event_entities as entities_of_asn
from inventory.models import StockOnHand
from omnichannel.locations.models import StockLocation

from .models import TransferOrder, TransferTransaction, TransferTransactionLine

SET_ASIDE = "_transfers"


class Arrival(NamedTuple):
    """Units of one product that left: received at the destination, and still under way."""

    received: int
    in_transit: int


def arrivals(order: TransferOrder) -> dict[int, Arrival]:
    """By product, over every ASN of the order; unexpected products are among them."""
    rows = (
        AsnLine.objects.filter(asn__transfer__order=order)
        .values("product_id")
        .annotate(came=Sum("received"), away=Sum("in_transit"))
    )
    return {row["product_id"]: Arrival(row["came"], row["away"]) for row in rows}


def being_packed(order: TransferOrder) -> dict[int, int]:
    """Units by product in parcels that are ready and have not left."""
    rows = (
        TransferTransactionLine.objects.filter(
            transaction__order=order, transaction__status=TransferTransaction.Status.READY
        )
        .values("product_id")
        .annotate(units=Sum("quantity"))
    )
    return {row["product_id"]: row["units"] for row in rows}


def on_hand(location_id: int, shelf_id: int, products: Sequence[int]) -> dict[int, int]:
    """Units by product; a product that never was there is not in it."""
    rows = StockOnHand.objects.filter(
        location=location_id, stock_location=shelf_id, product__in=list(products)
    )
    return dict(rows.values_list("product_id", "quantity"))


def shelves() -> Mapping[str, int]:
    """Primary keys of the stock locations by name."""
    return dict(StockLocation.objects.values_list("name", "pk"))


def event_entities(order: TransferOrder) -> list[str]:
    """The entity ids of every event about an order: itself, its parcels, their ASNs."""
    parcels = list(order.transactions.select_related("asn").order_by("sequence"))
    found = [str(order.uuid), *(str(parcel.uuid) for parcel in parcels)]
    for parcel in parcels:
        found += entities_of_asn(parcel.asn) if parcel.asn else []
    return list(dict.fromkeys(found))


def matching_orders(location_id: int, text: str) -> list[TransferOrder]:
    """Orders of an origin that still ship and that a scan names: by reference or by id."""
    here = TransferOrder.objects.filter(origin=location_id).exclude(status__in=TransferOrder.FINAL)
    return list(here.filter(Q(external_ref=text)).order_by("pk")[:1])
