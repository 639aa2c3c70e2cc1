"""Promising items of orders, and ending promises; the numbers of the facts go with them.

Two promises of the last unit: both take the rows of facts and of stock, in the order of their key,
before they ask what is left, so that the second one asks after the first has committed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import Allocation
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation

from .asking import atp_of
from .facts import Key, as_arrays, lock_levels

Kind = Allocation.Kind
State = Allocation.State

LOCK_STOCK = """
SELECT FROM inventory_stockonhand AS held
  JOIN unnest(%(locations)s::int[], %(products)s::int[]) AS asked(location_id, product_id)
    USING (location_id, product_id)
 WHERE held.stock_location_id = (SELECT id FROM locations_stocklocation WHERE name = 'main')
 ORDER BY held.location_id, held.product_id FOR NO KEY UPDATE OF held
"""
ADD = """
UPDATE fulfilment_stocklevel AS level
   SET allocated = allocated + change.hard, soft_reserved = soft_reserved + change.soft,
       future_allocated = future_allocated + change.future
  FROM unnest(%(locations)s::int[], %(products)s::int[], %(hard)s::int[], %(soft)s::int[],
              %(future)s::int[]) AS change(location_id, product_id, hard, soft, future)
 WHERE (level.location_id, level.product_id) = (change.location_id, change.product_id)
"""


class Wanted(NamedTuple):
    """One unit for one item of an order; location and product are primary keys."""

    item_uuid: UUID
    location_id: int
    product_id: int
    kind: str

    @property
    def key(self) -> Key:
        return self.location_id, self.product_id


class NotAvailable(ActionError):
    """More was asked than may be promised; `shortages` holds (location, product, free, asked)."""

    def __init__(self, message: str, shortages: list[tuple[int, int, int, int]]) -> None:
        super().__init__(message)
        self.shortages = shortages


class PromisedElsewhere(ActionError):
    """An item is allocated already; an item is sent once."""


def lock(keys: Collection[Key]) -> None:
    """Facts and stock of these: nothing is promised, set aside or moved of them meanwhile."""
    lock_levels(keys)
    with connection.cursor() as cursor:
        cursor.execute(LOCK_STOCK, as_arrays(keys))


def promise(
    order_uuid: UUID,
    wanted: Sequence[Wanted],
    *,
    expires_at: datetime | None = None,
    request_uuid: UUID | None = None,
) -> None:
    """Write the promises of one order; what it had reserved of them before is taken over.

    Inside the caller's transaction, under `lock_order`.

    Raises:
        NotAvailable: naming everything that is short; nothing was written.
        PromisedElsewhere: an item that is allocated, not merely reserved.
    """
    held = {
        row.item_uuid: row
        for row in Allocation.objects.open().filter(
            order_uuid=order_uuid, item_uuid__in=[item.item_uuid for item in wanted]
        )
    }
    refuse_allocated(held.values())
    lock(
        {
            *(item.key for item in wanted),
            *((row.location_id, row.product_id) for row in held.values()),
        }
    )
    # What was read before the lock may have ended meanwhile: the beat ends what has expired.
    open_now = Allocation.objects.open().filter(pk__in=[row.pk for row in held.values()])
    held = {row.item_uuid: row for row in open_now}
    end(list(held.values()), State.RELEASED)
    refuse_shortages(wanted, Counter((row.location_id, row.product_id) for row in held.values()))
    Allocation.objects.bulk_create(
        Allocation(
            order_uuid=order_uuid,
            item_uuid=item.item_uuid,
            location_id=item.location_id,
            product_id=item.product_id,
            kind=item.kind,
            request_uuid=request_uuid,
            expires_at=expires_at if item.kind == Kind.SOFT else None,
        )
        for item in wanted
    )
    count((*item.key, item.kind, 1) for item in wanted)


def refuse_allocated(held: Iterable[Allocation]) -> None:
    taken = [str(row.item_uuid) for row in held if row.kind != Kind.SOFT]
    if taken:
        raise PromisedElsewhere(
            _("These items are allocated already: %s. Let them fail there first.")
            % ", ".join(taken)
        )


def end(rows: Sequence[Allocation], state: str) -> None:
    """End open promises whose facts the caller has locked; who was faster leaves none."""
    ended = Allocation.objects.open().filter(pk__in=[row.pk for row in rows])
    if ended.update(state=state, ended_at=timezone.now()) != len(rows):
        raise PromisedElsewhere(_("Somebody else ended these promises just now. Read them again."))
    count((row.location_id, row.product_id, row.kind, -1) for row in rows)


def count(changes: Iterable[tuple[int, int, str, int]]) -> None:
    """Add to the numbers of the facts: (location, product, kind, units)."""
    sums: Counter[tuple[Key, str]] = Counter()
    for location, product, kind, units in changes:
        sums[((location, product), kind)] += units
    keys = sorted({key for key, _kind in sums})
    if not keys:
        return
    params: dict[str, list[int]] = as_arrays(keys)
    for name, kind in (("hard", Kind.HARD), ("soft", Kind.SOFT), ("future", Kind.FUTURE)):
        params[name] = [sums[(key, kind)] for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(ADD, params)


def refuse_shortages(wanted: Sequence[Wanted], own: Mapping[Key, int]) -> None:
    """Read after the lock, in a statement of its own; what was reserved stays promised.

    Args:
        own: units that the order had reserved itself, and that were just given free.
    """
    asked = Counter((item.key, item.kind == Kind.FUTURE) for item in wanted)
    free = atp_of({item.key for item in wanted})
    short = [
        (*key, free[key][is_future], number)
        for (key, is_future), number in sorted(asked.items())
        if number > max(free[key][is_future], 0 if is_future else own.get(key, 0))
    ]
    if not short:
        return
    refusal = NotAvailable(told(short), short)
    # Whoever catches this may not commit half an act.
    transaction.set_rollback(True)
    raise refusal


def told(short: Sequence[tuple[int, int, int, int]]) -> str:
    places = dict(
        FulfillmentLocation.objects.filter(pk__in={row[0] for row in short}).values_list(
            "pk", "code"
        )
    )
    products = dict(
        Product.objects.filter(pk__in={row[1] for row in short}).values_list("pk", "product_id")
    )
    return "; ".join(
        _("%(product)s in %(location)s: %(free)s available, %(asked)s asked.")
        % {
            "product": products[product],
            "location": places[location],
            "free": free,
            "asked": asked,
        }
        for location, product, free, asked in short
    )


def expire(most: int = 500) -> int:
    """End reservations whose time has passed, at most `most` of them; how many were ended."""
    due = Allocation.objects.filter(
        kind=Kind.SOFT, state=State.ALLOCATED, expires_at__lte=timezone.now()
    )
    found = list(due.order_by("expires_at")[:most])
    if not found:
        return 0
    lock_levels({(row.location_id, row.product_id) for row in found})
    # Again under the lock: an order may have taken some over meanwhile.
    still = list(due.filter(pk__in=[row.pk for row in found]))
    end(still, State.EXPIRED)
    return len(still)


def lock_order(order_uuid: UUID) -> None:
    """One act on an order at a time: before there is a row of it, there is none to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [str(order_uuid)])
