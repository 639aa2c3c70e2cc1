"""A parcel leaves: stock, the destination's ASN, and what the stream is told (PRODUCT §6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from asn import actions as notices
from asn.events import ASN_CREATED, Item, TransferRefs, asn_created
from asn.models import Asn
from asn.queries import items_told, named
from omnichannel.accounts.models import User
from omnichannel.documents import become
from omnichannel.eventstream import outbox

from .. import shipping
from ..models import TransferOrder, TransferTransaction
from .closing import finish, give_up_open
from .contents import Contents, contents
from .packing import Handover, tell_ready
from .refusals import refuse_final, refuse_gone, refuse_stale

Status = TransferTransaction.Status
# What an ASN's number has room for.
LONGEST = 256


class Shipped(NamedTuple):
    """The parcel and the notice of it; `is_replay` when the same act was done before."""

    transaction: TransferTransaction
    asn: Asn
    is_replay: bool


def ship(
    *,
    transaction_id: int,
    by: User,
    key: str,
    handover: Handover | None = None,
    revision: int | None = None,
    associate_id: str = "",
    happened_at: datetime | None = None,
) -> Shipped:
    """Hand a parcel over, made ready before or not.

    Runs inside the caller's transaction. Its units leave: those set aside for the order first,
    then the order's stock location; into `_in_transit`, or out of the books where the ERP masters
    the origin. The destination is sent an ASN. Emits `items_ready_for_handover` where a carrier
    takes it and was not told before, `asn_created`, and `transfer_order_closed` with the last unit.

    Args:
        handover: who takes it; None: as it was made ready.
        happened_at: when it left, where that was before now; aware.

    Raises:
        StockTooLow: less is there, and the origin's stock is ours; by product.
        MoreThanOrdered: beyond what is neither shipped nor in another parcel that is ready.
        StaleRevision: the parcel is not what the person saw.
        OrderClosed: nothing more ships against the order.
        TransitionNotAllowed: it was unpacked, or shipped by another act.
        ActionError: nothing is in it, codes that nobody settled.
        TransferTransaction.DoesNotExist
    """
    parcel = shipping.lock_parcel(transaction_id)
    if parcel.final_key == key and parcel.asn:
        return Shipped(parcel, parcel.asn, is_replay=True)
    refuse_gone(parcel)
    refuse_final(parcel.order)
    refuse_stale(parcel, revision)
    units = contents(parcel)
    now = timezone.now()
    associate = associate_id or by.associate
    taken = handover or Handover(*(getattr(parcel, name) for name in Handover._fields))
    was_told = parcel.status == Status.READY and parcel.with_carrier
    for name, value in taken._asdict().items():
        setattr(parcel, name, value)
    # Before anything can be refused: a transaction that is spoilt answers no query.
    known = named(list(units))
    posting = shipping.leave(parcel, units, units.lines, known, by, associate, happened_at)
    left_at = happened_at or now
    asn = announce(parcel, units, left_at)
    items = items_told(units, known)
    become(
        parcel,
        Status.SHIPPED,
        asn=asn,
        posting_id=posting.transaction_id,
        shipped_at=left_at,
        final_key=key,
        revision=parcel.revision + 1,
        **taken._asdict(),
    )
    if parcel.with_carrier and not was_told:
        tell_ready(parcel, items, associate, now)
    tell_asn(parcel, asn, items)
    settle(parcel.order, by, associate, key, now)
    return Shipped(parcel, asn, is_replay=False)


def announce(parcel: TransferTransaction, units: Contents, left_at: datetime) -> Asn:
    order = parcel.order
    asn = notices.create_asn(
        origin_id=order.origin_id,
        destination_id=order.destination_id,
        shipped_at=left_at,
        lines=[
            notices.Expected(pk, quantity, parcel.tracking_number) for pk, quantity in units.items()
        ],
        source=Asn.Source.TRANSFER,
        number=free_number(parcel),
        order_ids=[order.external_ref],
        note=order.note,
        holder_id=order.origin_id if order.origin.is_inventory_master else None,
    )
    asn.origin, asn.destination = order.origin, order.destination
    return asn


def free_number(parcel: TransferTransaction) -> str:
    """The parcel's, unless a notice that came in has it: then one of ours."""
    is_free = not Asn.objects.filter(number=parcel.number).exists()
    return parcel.number if is_free and len(parcel.number) <= LONGEST else ""


def tell_asn(parcel: TransferTransaction, asn: Asn, items: Sequence[Item]) -> None:
    order = parcel.order
    refs = TransferRefs(order.uuid, parcel.uuid, order.external_ref, parcel.number)
    for payload in asn_created(asn, refs, items):
        outbox.publish(ASN_CREATED, payload, entity_id=str(asn.uuid))


def settle(order: TransferOrder, by: User, associate: str, key: str, now: datetime) -> None:
    """In progress with the first parcel, completed with the last unit."""
    shipping.refresh(order, now)
    if order.remaining_total == 0:
        give_up_open(order, key, now)
        finish(order, TransferOrder.Status.COMPLETED, by, associate, key, now)
    elif order.status == TransferOrder.Status.OPEN:
        become(order, TransferOrder.Status.IN_PROGRESS)
