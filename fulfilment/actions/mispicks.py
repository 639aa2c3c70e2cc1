"""Items that were not where they should be: nothing of the product is promised until it is counted."""

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from counts import actions as counts
from counts.models import Count
from inventory.models import Allocation
from omnichannel.accounts.models import User
from omnichannel.locations.models import Configuration, FulfillmentLocation, StockLocation

from ..models import Mispick

Kind = Mispick.Kind
DAMAGED = "damaged_items"

MARK = """
UPDATE fulfilment_stocklevel AS level
   SET mispicked_at = clock_timestamp(),
       mispicked_after = (SELECT CASE WHEN is_called THEN last_value ELSE 0 END
                            FROM inventory_stockmovement_id_seq)
  FROM unnest(%(locations)s::int[], %(products)s::int[]) AS picked(location_id, product_id)
 WHERE (level.location_id, level.product_id) = (picked.location_id, picked.product_id)
"""


class Found(NamedTuple):
    """A promise that failed because of what was found; `reason` as the contract has it."""

    row: Allocation
    reason: str
    note: str


def note_failures(found: Sequence[Found], *, by: User, key: str, associate_id: str) -> None:
    """Write a mispick or a mispack of each, and count the products where configured.

    A mispicked product has no ATP until its stock is told anew. The caller holds the facts' rows.
    """
    if not found:
        return
    made = Mispick.objects.bulk_create(
        Mispick(
            kind=Kind.MISPACK if one.reason == DAMAGED else Kind.MISPICK,
            order_uuid=one.row.order_uuid,
            item_uuid=one.row.item_uuid,
            location_id=one.row.location_id,
            product_id=one.row.product_id,
            reason=one.reason,
            note=one.note,
            associate_id=associate_id,
            by=by,
        )
        for one in found
    )
    mark([mispick for mispick in made if mispick.kind == Kind.MISPICK])
    count_products(made, by=by, key=key)


def mark(mispicks: Sequence[Mispick]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            MARK,
            {
                "locations": [mispick.location_id for mispick in mispicks],
                "products": [mispick.product_id for mispick in mispicks],
            },
        )


def count_products(mispicks: Sequence[Mispick], *, by: User, key: str) -> None:
    """One cycle count of what is not being counted for a mispick yet; only stores count."""
    configuration = Configuration.current()
    kinds = {
        kind
        for kind, is_on in (
            (Kind.MISPICK, configuration.create_cycle_count_after_mispick),
            (Kind.MISPACK, configuration.create_cycle_count_after_mispack),
        )
        if is_on
    }
    wanted = [mispick for mispick in mispicks if mispick.kind in kinds]
    if not wanted:
        return
    place = FulfillmentLocation.objects.get(pk=wanted[0].location_id)
    if place.kind != FulfillmentLocation.Kind.STORE:
        return
    asked = counted_already(place, {mispick.product_id for mispick in wanted})
    fresh = {m.product_id for m in wanted} - set(asked)
    if fresh:
        count = create_count(place, wanted, fresh, by, key)
        asked |= dict.fromkeys(fresh, count.pk)
    for mispick in wanted:
        Mispick.objects.filter(pk=mispick.pk).update(count=asked[mispick.product_id])


def counted_already(place: FulfillmentLocation, products: set[int]) -> dict[int, int]:
    """Open counts that a mispick asked for, by product."""
    rows = Mispick.objects.filter(
        location=place, product__in=products, count__status__in=Count.OPEN
    )
    return dict(rows.order_by("pk").values_list("product_id", "count_id"))


def create_count(
    place: FulfillmentLocation,
    mispicks: Sequence[Mispick],
    products: set[int],
    by: User,
    key: str,
) -> Count:
    today = timezone.now().astimezone(ZoneInfo(place.time_zone or "UTC")).date()
    ids = [m.product.product_id for m in mispicks if m.product_id in products]
    created = counts.create_counts(
        type=Count.Type.CYCLE,
        location_ids=[place.pk],
        stock_location_id=StockLocation.objects.get(name=StockLocation.MAIN).pk,
        due_date=today,
        by=by,
        key=f"{key}:count",
        product_ids=list(dict.fromkeys(ids)),
        name=_("Mispick %s") % mispicks[0].order_uuid,
    )
    return created.batch.counts.get()
