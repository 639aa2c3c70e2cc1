"""Before a store closes: step by step, each settled by what is in the books (PRODUCT §8, §9).

Nothing of it is stored: whoever opens the page tomorrow sees what is left tomorrow.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from asn.models import Asn, Receipt
from counts.models import Count
from inventory.models import (
    Allocation,
    CustomerReservation,
    InventoryTransaction,
    StockMovement,
    StockOnHand,
)
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from transfers.models import TransferOrder, TransferTransaction

from .takeover import Matter

# Stock locations whose names begin so are the system's.
OF_THE_SYSTEM = "_"
WORK, HOLDS, UNDER_WAY, STOCK, COUNT = "work", "holds", "under way", "stock", "count"


class Step(NamedTuple):
    """One thing to be settled; `matters` are what is left of it."""

    kind: str
    title: Any
    help: Any
    matters: list[Matter]
    is_settled: bool


def steps(location: FulfillmentLocation) -> list[Step]:
    """In the order in which they are done. Where the ERP keeps the stock, its part is left out."""
    found = [
        step(
            WORK,
            gettext_lazy("Open work"),
            gettext_lazy("Finish, close or cancel it on its own page."),
            open_work(location),
        ),
        step(
            HOLDS,
            gettext_lazy("Holds"),
            gettext_lazy("What is promised to customers and orders is handed over or released."),
            holds(location),
        ),
        step(
            UNDER_WAY,
            gettext_lazy("In transit"),
            gettext_lazy("What left this store is received elsewhere, or its fate is decided."),
            under_way(location),
        ),
    ]
    if location.is_inventory_master:
        found += [
            step(
                STOCK,
                gettext_lazy("Remaining stock"),
                gettext_lazy("What still lies here goes to a distribution centre."),
                remaining(location),
            ),
            final_count(location),
        ]
    return found


def step(kind: str, title: Any, help_: Any, matters: Iterator[Matter]) -> Step:
    left = [matter for matter in matters if matter.number]
    return Step(kind, title, help_, left, not left)


def open_work(location: FulfillmentLocation) -> Iterator[Matter]:
    here = urlencode({"store": location.code})
    counts = Count.objects.filter(location=location, status__in=Count.OPEN)
    yield matter("counts", gettext_lazy("Open counts"), counts, f"{reverse('counts:list')}?{here}")
    receipts = Receipt.objects.filter(location=location, status=Receipt.Status.IN_PROGRESS)
    yield matter("receipts", gettext_lazy("Receiving sessions that are open"), receipts)
    asns = Asn.objects.filter(destination=location).exclude(status=Asn.Status.CLOSED)
    yield matter(
        "asns", gettext_lazy("ASNs that are not received"), asns, f"{reverse('asn:list')}?{here}"
    )
    transfers = f"{reverse('transfers:list')}?{here}"
    yield matter("orders", gettext_lazy("Transfer orders"), open_orders(location), transfers)
    parcels = TransferTransaction.objects.filter(order__origin=location)
    parcels = parcels.exclude(status__in=TransferTransaction.FINAL)
    yield matter("parcels", gettext_lazy("Parcels that have not left"), parcels, transfers)


def open_orders(location: FulfillmentLocation) -> QuerySet[TransferOrder]:
    """From here or to here."""
    ends = Q(origin=location) | Q(destination=location)
    return TransferOrder.objects.filter(ends).exclude(status__in=TransferOrder.FINAL)


def holds(location: FulfillmentLocation) -> Iterator[Matter]:
    open_ = CustomerReservation.objects.filter(
        location=location, status__in=CustomerReservation.OPEN
    )
    here = f"{reverse('inventory:reservations')}?{urlencode({'store': location.code})}"
    yield matter("reservations", gettext_lazy("Reservations of customers"), open_, here)
    promised = Allocation.objects.open().filter(location=location)
    yield matter("allocations", gettext_lazy("Items promised to orders"), promised)
    set_aside = StockOnHand.objects.filter(
        location=location, stock_location__name__startswith=OF_THE_SYSTEM
    ).exclude(stock_location__name=StockLocation.IN_TRANSIT)
    yield Matter("set aside", gettext_lazy("Units set aside"), units(set_aside))


def under_way(location: FulfillmentLocation) -> Iterator[Matter]:
    sent = StockOnHand.objects.filter(
        location=location, stock_location__name=StockLocation.IN_TRANSIT
    )
    url = f"{reverse('asn:in-transit')}?{urlencode({'origin': location.code})}"
    yield Matter("sent", gettext_lazy("Units that left and have not arrived"), units(sent), url)


def remaining(location: FulfillmentLocation) -> Iterator[Matter]:
    """Units by stock location; less than nothing is left to the count."""
    url = f"{reverse('inventory:stock-on-hand')}?{urlencode({'store': location.code})}"
    rows = on_shelves(location).order_by("stock_location__name")
    for shelf, number in rows.values_list("stock_location__display_name").annotate(
        units=Sum("quantity")
    ):
        yield Matter("stock", shelf, number, url)


def on_shelves(location: FulfillmentLocation) -> QuerySet[StockOnHand]:
    """What lies in stock locations of people, more than nothing of it."""
    rows = StockOnHand.objects.filter(location=location, quantity__gt=0)
    return rows.exclude(stock_location__name__startswith=OF_THE_SYSTEM)


def final_count(location: FulfillmentLocation) -> Step:
    """A full count after which nothing moved any more, and that found nothing."""
    last = (
        Count.objects.filter(location=location, type=Count.Type.FULL, status=Count.Status.COMPLETED)
        .order_by(F("completed_at").desc())
        .first()
    )
    is_settled = last is not None and not moved_since(location, last)
    negative = StockOnHand.objects.filter(location=location, quantity__lt=0)
    left = [
        each for each in [matter("negative", gettext_lazy("Rows below 0"), negative)] if each.number
    ]
    return Step(
        COUNT,
        gettext_lazy("Final count"),
        gettext_lazy("A full count when the shelves are empty; what it finds is still sent on."),
        left,
        is_settled and not left,
    )


def moved_since(location: FulfillmentLocation, count: Count) -> bool:
    own = InventoryTransaction.objects.filter(count=count).values("pk")
    moved = StockMovement.objects.filter(location=location, posted_at__gt=count.completed_at)
    return moved.exclude(transaction__in=own).exists()


def units(rows: QuerySet[StockOnHand]) -> int:
    return rows.aggregate(units=Sum("quantity"))["units"] or 0


def matter(kind: str, label: Any, rows: QuerySet[Any], url: str = "") -> Matter:
    return Matter(kind, label, rows.count(), url)
