"""A parcel is made ready for whoever takes it, or unpacked again (PRODUCT §6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from asn.events import Item
from asn.queries import items_told
from omnichannel.accounts.models import User
from omnichannel.documents import TransitionNotAllowed, become
from omnichannel.eventstream import outbox

from .. import events, shipping
from ..models import TransferTransaction
from .contents import contents
from .refusals import refuse_final, refuse_gone, refuse_stale

Status = TransferTransaction.Status


class Handover(NamedTuple):
    """Who takes the parcel; `tracking_number` is the carton of the destination's ASN."""

    with_carrier: bool = False
    carrier: str = ""
    service_level: str = ""
    tracking_number: str = ""


class Packed(NamedTuple):
    """The parcel; `is_replay` when the same act was done before."""

    transaction: TransferTransaction
    is_replay: bool


def make_ready(
    *,
    transaction_id: int,
    by: User,
    key: str,
    handover: Handover | None = None,
    revision: int | None = None,
    associate_id: str = "",
) -> Packed:
    """Close the box. With a carrier `items_ready_for_handover` leaves; stock stays until it ships.

    Runs inside the caller's transaction.

    Raises:
        MoreThanOrdered: beyond what is neither shipped nor in another parcel that is ready.
        StaleRevision: the parcel is not what the person saw.
        OrderClosed: nothing more ships against the order.
        TransitionNotAllowed: it is ready by another act, shipped or unpacked.
        ActionError: nothing is in it, codes that nobody settled.
        TransferTransaction.DoesNotExist
    """
    parcel = shipping.lock_parcel(transaction_id)
    if parcel.ready_key == key:
        return Packed(parcel, is_replay=True)
    refuse_gone(parcel)
    refuse_final(parcel.order)
    refuse_stale(parcel, revision)
    refuse_ready(parcel)
    units = contents(parcel)
    now = timezone.now()
    become(
        parcel,
        Status.READY,
        ready_at=now,
        ready_key=key,
        revision=parcel.revision + 1,
        **(handover or Handover())._asdict(),
    )
    if parcel.with_carrier:
        tell_ready(parcel, items_told(units), associate_id or by.associate, now)
    return Packed(parcel, is_replay=False)


def refuse_ready(parcel: TransferTransaction) -> None:
    if parcel.status == Status.READY and parcel.ready_at:
        raise TransitionNotAllowed(
            _("%(parcel)s is ready for handover since %(when)s. Ship it, or unpack it.")
            % {
                "parcel": parcel,
                "when": f"{timezone.localtime(parcel.ready_at):%Y-%m-%d %H:%M} UTC",
            }
        )


def tell_ready(
    parcel: TransferTransaction, items: Sequence[Item], associate_id: str, now: datetime
) -> None:
    payloads = events.items_ready_for_handover(parcel, associate_id, now, items)
    for payload in payloads:
        outbox.publish(events.ITEMS_READY_FOR_HANDOVER, payload, entity_id=str(parcel.uuid))


def unpack(*, transaction_id: int, by: User, key: str, revision: int | None = None) -> Packed:
    """Give a parcel up before it ships; its units were in stock all the time and stay there.

    Runs inside the caller's transaction.

    Raises:
        StaleRevision: the parcel is not what the person saw.
        TransitionNotAllowed: it was shipped, or unpacked by another act.
        TransferTransaction.DoesNotExist
    """
    parcel = shipping.lock_parcel(transaction_id)
    if parcel.final_key == key and parcel.status == Status.UNPACKED:
        return Packed(parcel, is_replay=True)
    refuse_gone(parcel)
    refuse_stale(parcel, revision)
    give_up(parcel, key, timezone.now())
    return Packed(parcel, is_replay=False)


def give_up(parcel: TransferTransaction, key: str, now: datetime) -> None:
    become(parcel, Status.UNPACKED, unpacked_at=now, final_key=key, revision=parcel.revision + 1)
