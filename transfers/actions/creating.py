"""An order comes from the ERP, by file, or a store begins it itself (PRODUCT §6)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from asn.queries import items_told
from inventory.models import MAX_QUANTITY
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.eventstream import outbox
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from .. import events, shipping
from ..models import TransferOrder, TransferOrderLine
from .availability import refuse_unavailable
from .keys import take_key
from .refusals import OrderAlreadyExists

MOST_LINES = 10_000
# Room for the longest number behind the longest store id.
LONGEST_STORE = 240


class Ordered(NamedTuple):
    """One line as asked: primary key of the product, 1 unit or more."""

    product_id: int
    quantity: int


class Created(NamedTuple):
    """The order; `is_replay` when the same act made it before."""

    order: TransferOrder
    is_replay: bool


def create_transfer_order(
    *,
    origin_id: int,
    destination_id: int,
    lines: Sequence[Ordered],
    source: str,
    key: str,
    by: User | None = None,
    external_ref: str = "",
    ordered_at: datetime | None = None,
    due_date: date | None = None,
    from_stock_location_id: int | None = None,
    note: str = "",
    import_reference: str = "",
    associate_id: str = "",
    happened_at: datetime | None = None,
) -> Created:
    """Write an order; lines of one product become one.

    Runs inside the caller's transaction. With TRANSFERS_RESERVE, and where the origin's stock is
    ours, its units go to `_transfers`: of an order that comes in as many as are there, of one
    that a store begins all of them. A store's order is numbered here and emits
    `transfer_order_created`; one that comes in emits nothing.

    Args:
        external_ref: the sender's reference, unique for ever; a store's order has none.
        from_stock_location_id: that its units leave; None: `main`.
        happened_at: when they were set aside, where that was before now; aware.

    Raises:
        OrderAlreadyExists: the reference is taken.
        StockTooLow: a store began it, and its stock does not suffice; by product.
        ActionError: no lines, a quantity out of range, unknown products, both ends the same, a
            stock location of the system's, the key of another order.
    """
    take_key(key)
    merged = merge(lines)
    if first := TransferOrder.objects.filter(operation_key=key).first():
        return replayed(first, origin_id, destination_id, merged)
    is_begun_here = source == TransferOrder.Source.STORE
    refuse_unknown(merged)
    origin, destination = ends(origin_id, destination_id)
    shelf = shelf_of(from_stock_location_id)
    now = timezone.now()
    order = TransferOrder(
        operation_key=key,
        external_ref=external_ref,
        source=source,
        origin=origin,
        destination=destination,
        from_stock_location=shelf,
        ordered_at=ordered_at or now,
        due_date=due_date,
        note=note,
        import_reference=import_reference,
        reserves=settings.TRANSFERS_RESERVE and origin.is_inventory_master,
        created_at=now,
        updated_at=now,
        created_by=by,
        created_associate_id=associate_id or (by.associate if by else ""),
        product_count=len(merged),
        ordered_total=sum(merged.values()),
    )
    if is_begun_here:
        refuse_unavailable(order, merged)
        write_numbered(order)
    elif not written(order):
        raise taken(order, merged)
    write_lines(order, merged, happened_at)
    if is_begun_here:
        for payload in events.transfer_order_created(order, items_told(merged)):
            outbox.publish(events.TRANSFER_ORDER_CREATED, payload, entity_id=str(order.uuid))
    return Created(order, is_replay=False)


# ------------------------------------------------------------ what is asked
def merge(lines: Sequence[Ordered]) -> dict[int, int]:
    """Units by product."""
    if not lines:
        raise ActionError(_("A transfer order needs at least one product. Add one."))
    if len(lines) > MOST_LINES:
        raise ActionError(
            _("A transfer order has at most %(most)s lines, this one %(count)s. Split it.")
            % {"most": MOST_LINES, "count": len(lines)}
        )
    merged: dict[int, int] = {}
    for position, line in enumerate(lines, start=1):
        total = merged.get(line.product_id, 0) + line.quantity
        if line.quantity < 1 or total > MAX_QUANTITY:
            raise ActionError(
                _("Line %(position)s: %(quantity)s is no quantity to transfer. Give 1 to %(most)s.")
                % {"position": position, "quantity": line.quantity, "most": MAX_QUANTITY}
            )
        merged[line.product_id] = total
    return merged


def refuse_unknown(merged: dict[int, int]) -> None:
    known = set(Product.objects.filter(pk__in=merged).values_list("pk", flat=True))
    if missing := sorted(set(merged) - known):
        raise ActionError(
            _("These products are not in the catalogue: %s. Nothing was written.")
            % ", ".join(str(pk) for pk in missing)
        )


def ends(origin_id: int, destination_id: int) -> tuple[FulfillmentLocation, FulfillmentLocation]:
    if origin_id == destination_id:
        raise ActionError(_("A transfer leads from one location to another. Name two."))
    found = FulfillmentLocation.objects.in_bulk([origin_id, destination_id])
    if len(found) < 2:
        raise ActionError(_("A transfer leads from one location of ours to another. Name two."))
    return found[origin_id], found[destination_id]


def shelf_of(pk: int | None) -> StockLocation:
    found = StockLocation.objects.filter(**({"pk": pk} if pk else {"name": StockLocation.MAIN}))
    shelf = found.first()
    if shelf is None or shelf.name.startswith("_"):
        raise ActionError(
            _("%s is no stock location that a transfer can take units from. Choose another one.")
            % (shelf or pk)
        )
    return shelf


# ------------------------------------------------------------ what is written
def written(order: TransferOrder) -> bool:
    """False where the reference is taken; waits for whoever writes the same one now."""
    TransferOrder.objects.bulk_create([order], ignore_conflicts=True)
    pk = TransferOrder.objects.filter(uuid=order.uuid).values_list("pk", flat=True).first()
    if pk is None:
        return False
    order.pk = pk
    return True


def write_numbered(order: TransferOrder) -> None:
    """`TO-<store>-<n>`; an order that came in may have taken a number's place, so it is left out."""
    take_key(f"number:{order.origin_id}")
    store = (order.origin.store_id or order.origin.code)[:LONGEST_STORE]
    mine = TransferOrder.objects.filter(origin=order.origin)
    last = mine.aggregate(last=Max("number_at_origin"))["last"] or 0
    while True:
        last += 1
        order.number_at_origin, order.external_ref = last, f"TO-{store}-{last}"
        if written(order):
            return


def write_lines(order: TransferOrder, merged: dict[int, int], happened_at: datetime | None) -> None:
    """The lines, with what could be set aside for them."""
    aside: dict[int, int] = {}
    if order.reserves:
        is_begun_here = order.source == TransferOrder.Source.STORE
        aside = shipping.set_aside(
            order, merged, is_all_or_none=is_begun_here, happened_at=happened_at
        )
    TransferOrderLine.objects.bulk_create(
        TransferOrderLine(order=order, product_id=pk, ordered=units, reserved=aside.get(pk, 0))
        for pk, units in merged.items()
    )
    order.reserved_total = sum(aside.values())
    if aside:
        TransferOrder.objects.filter(pk=order.pk).update(reserved_total=order.reserved_total)


# ------------------------------------------------------------ what was there before
def told_of(order: TransferOrder) -> dict[int, int]:
    return dict(TransferOrderLine.objects.filter(order=order).values_list("product_id", "ordered"))


def replayed(
    first: TransferOrder, origin_id: int, destination_id: int, merged: dict[int, int]
) -> Created:
    if (first.origin_id, first.destination_id) != (origin_id, destination_id) or told_of(
        first
    ) != merged:
        raise ActionError(
            _("The operation key %(key)s already stands for %(order)s. Use a new key.")
            % {"key": first.operation_key, "order": first}
        )
    return Created(first, is_replay=True)


def taken(order: TransferOrder, merged: dict[int, int]) -> OrderAlreadyExists:
    first = TransferOrder.objects.select_related("origin", "destination").get(
        external_ref=order.external_ref
    )
    is_same = (
        (first.origin_id, first.destination_id) == (order.origin_id, order.destination_id)
        and first.from_stock_location_id == order.from_stock_location_id
        and first.ordered_at == order.ordered_at
        and told_of(first) == merged
    )
    return OrderAlreadyExists(
        _("%(order)s exists already, from %(origin)s to %(destination)s. Nothing was written.")
        % {"order": first, "origin": first.origin, "destination": first.destination},
        first,
        is_same,
    )
