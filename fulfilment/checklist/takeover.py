"""Before a store's stock becomes ours (PRODUCT §8)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from asn.models import Asn, Receipt
from counts.models import Count
from inventory.models import InventoryTransaction, StockOnHand
from omnichannel.imports.models import Import
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from transfers.models import TransferOrder, TransferTransaction

from ..models import LocationAvailability, Takeover

ENTITY = "availabilities"
Status = InventoryTransaction.Status
Type = InventoryTransaction.Type
# All but these change no stock of a store whose stock the ERP keeps: their numbers would be lost.
UNSEEN = (Type.STOCK_IMPORT, Type.SHIPMENT, Type.TRANSFER)


class Matter(NamedTuple):
    """One kind of open document, and how many there are; `url` leads to them."""

    kind: str
    label: Any
    number: int
    url: str = ""


class Standing(NamedTuple):
    """On what the first numbers of the store would rest.

    `moved` counts what was done since the last import and is not in the stock; `units` and
    `products` are what that import left on hand.
    """

    last_import_at: datetime | None
    moved: int
    units: int
    products: int


def matters(location: FulfillmentLocation) -> list[Matter]:
    """What would be cut in two: begun by the ERP's numbers and ended by ours; none is best."""
    found = [Matter(kind, label, rows.count(), url) for kind, label, rows, url in asked(location)]
    return [matter for matter in found if matter.number]


def asked(location: FulfillmentLocation) -> Iterator[tuple[str, Any, Any, str]]:
    here = urlencode({"store": location.code})
    counts = Count.objects.filter(location=location)
    yield (
        "counts",
        gettext_lazy("Counts in progress"),
        counts.filter(status=Count.Status.IN_PROGRESS),
        f"{reverse('counts:list')}?{here}",
    )
    receipts = Receipt.objects.filter(location=location, status=Receipt.Status.IN_PROGRESS)
    yield "receipts", gettext_lazy("Receiving sessions that are open"), receipts, ""
    partly = Asn.objects.filter(destination=location, status=Asn.Status.PARTIALLY_RECEIVED)
    yield (
        "asns",
        gettext_lazy("ASNs that are partially received"),
        partly,
        f"{reverse('asn:list')}?{urlencode({'store': location.code, 'status': 'PARTIALLY_RECEIVED'})}",
    )
    documents = InventoryTransaction.objects.filter(location=location)
    under_way = documents.filter(status__in=(Status.IN_PROGRESS, Status.READY_FOR_HANDOVER))
    yield "movements", gettext_lazy("Movements of goods under way"), under_way, ""
    parcels = TransferTransaction.objects.filter(order__origin=location)
    yield (
        "parcels",
        gettext_lazy("Parcels of transfers that have not left"),
        parcels.exclude(status__in=TransferTransaction.FINAL),
        f"{reverse('transfers:list')}?{here}",
    )
    partly_sent = TransferOrder.objects.filter(
        origin=location, status=TransferOrder.Status.IN_PROGRESS
    )
    yield (
        "transfers",
        gettext_lazy("Transfer orders that have left in part"),
        partly_sent,
        f"{reverse('transfers:list')}?{here}",
    )
    imports = Import.objects.open().filter(entities__contains=[ENTITY], is_rehearsal=False)
    yield (
        "imports",
        gettext_lazy("Stock imports that have not ended"),
        imports,
        reverse("imports:list"),
    )


def standing(location: FulfillmentLocation) -> Standing:
    last = last_import_at(location)
    documents = InventoryTransaction.objects.filter(location=location, status=Status.COMPLETED)
    documents = documents.exclude(type__in=UNSEEN)
    if last:
        documents = documents.filter(completed_at__gt=last)
    held = StockOnHand.objects.filter(
        location=location, quantity__gt=0, stock_location__name=StockLocation.MAIN
    )
    told = held.aggregate(units=Sum("quantity"))
    return Standing(last, documents.count(), told["units"] or 0, held.count())


def last_import_at(location: FulfillmentLocation) -> datetime | None:
    rows = LocationAvailability.objects.filter(location=location)
    return rows.values_list("last_import_at", flat=True).first()


def awaiting_count(locations: Iterable[int]) -> dict[int, Takeover]:
    """Stores of ours that nobody has counted since they became so, by location."""
    taken = Takeover.objects.filter(location__in=list(locations)).select_related("location")
    return {each.pk: each for each in taken if not is_counted(each)}


def is_counted(takeover: Takeover) -> bool:
    """Any count that was completed since; the first one ends the doubt (PRODUCT §8)."""
    counts = Count.objects.filter(location=takeover.pk, status=Count.Status.COMPLETED)
    return counts.filter(completed_at__gt=takeover.taken_over_at).exists()


def told(found: list[Matter]) -> str:
    """In one sentence, for a refusal."""
    parts = ", ".join(f"{matter.label}: {matter.number}" for matter in found)
    return _("Open documents would be cut in two: %s. End them first.") % parts
