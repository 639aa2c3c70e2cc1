"""The few reads that are no list of one table."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import (
    Count,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    SmallIntegerField,
    Subquery,
)
from django.db.models.functions import Coalesce, Now

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.locations.models import StockLocation

from .models import (
    CustomerReservation,
    CustomerReservationItem,
    InventoryTransaction,
    StockMovement,
    StockOnHand,
)

Type = InventoryTransaction.Type


Status = CustomerReservation.Status
# Past its time, and nobody has put it back yet.
EXPIRED = Q(status=Status.RESERVED, expires_at__lte=Now())
# Units that stand aside for a reservation.
UNITS_SET_ASIDE = Coalesce(
    Subquery(
        CustomerReservationItem.objects.filter(reservation=OuterRef("pk"), status=Status.RESERVED)
        .order_by()
        .values("reservation")
        .annotate(units=Count("pk"))
        .values("units"),
        output_field=IntegerField(),
    ),
    0,
)


class OnItsWay(Func):
    """The id of the stock location of goods on their way, 0 where there is none (DESIGN §4).

    Read once by each statement: a join would be asked of every row that a sort goes through.
    """

    template = (
        "coalesce((SELECT id FROM locations_stocklocation"
        f" WHERE name = '{StockLocation.IN_TRANSIT}'), 0)"
    )
    output_field = SmallIntegerField()


@contextmanager
def as_of(moment: datetime | None) -> Iterator[None]:
    """Rows of `StockAsOf` say what they said at `moment`, a naive time of each store's own clock.

    None is now. A transaction of its own: the moment is gone with it.
    """
    told = moment.isoformat() if moment else "infinity"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('inventory.as_of', %s, true)", [told])
        yield


class StoreStock(NamedTuple):
    """What a store holds of one product, and when it was last touched in the three usual ways."""

    location_id: int
    code: str
    name: str
    time_zone: str
    country_code: str
    on_hand: int
    by_stock_location: list[tuple[str, int]]
    received_at: datetime | None
    sold_at: datetime | None
    counted_at: datetime | None
    price: Decimal | None
    currency: str


def stock_per_store(product: Product, user: User | AnonymousUser) -> list[StoreStock]:
    """One row per store that `user` may read and that ever held the product, by name.

    `on_hand` leaves out what is on its way to another store (PRODUCT §1).
    """
    rows = (
        StockOnHand.objects.visible_to(user)
        .filter(product=product, location__is_inventory_master=True)
        .order_by("location__name_key", "location_id", "stock_location_id")
        .values_list(
            "location_id",
            "location__code",
            "location__name",
            "location__time_zone",
            "location__country_code",
            "location__pricebook_id",
            "location__pricebook__currency",
            "stock_location__name",
            "stock_location__display_name",
            "quantity",
        )
    )
    places: dict[int, list[tuple]] = {}
    for row in rows:
        places.setdefault(row[0], []).append(row)
    latest = latest_by_type(product, places)
    prices = dict(product.prices.values_list("pricebook_id", "value"))
    return [
        StoreStock(
            location_id=location_id,
            code=shelves[0][1],
            name=shelves[0][2],
            time_zone=shelves[0][3],
            country_code=shelves[0][4],
            on_hand=sum(row[9] for row in shelves if row[7] != StockLocation.IN_TRANSIT),
            by_stock_location=[(row[8], row[9]) for row in shelves],
            received_at=latest.get((location_id, Type.RECEIVING)),
            sold_at=latest.get((location_id, Type.SHIPMENT)),
            counted_at=latest.get((location_id, Type.COUNT_ADJUSTMENT)),
            price=prices.get(shelves[0][5]),
            currency=shelves[0][6] or "",
        )
        for location_id, shelves in places.items()
    ]


def latest_by_type(product: Product, locations: Iterable[int]) -> dict[tuple[int, str], datetime]:
    """When each type of transaction last moved the product, by location and type."""
    # The locations are named, so that the audit index is probed once for each of them.
    found = (
        StockMovement.objects.filter(
            product=product, location__in=list(locations), transaction__corrects__isnull=True
        )
        .order_by()
        .values_list("location_id", "transaction__type")
        .annotate(latest=Max("happened_at"))
    )
    return {(location_id, type): latest for location_id, type, latest in found}
