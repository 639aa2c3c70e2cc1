"""A parcel is begun and filled, by scans or by what a person types; no stock moves (PRODUCT §6)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError, TransitionNotAllowed

from .. import queries, shipping
from ..models import PickScan, TransferTransaction, TransferTransactionLine
from .contents import names_of
from .keys import take_key
from .refusals import refuse_final, refuse_stale, too_many

MOST_SCANS = 5_000
Status = TransferTransaction.Status


class Scan(NamedTuple):
    """One scan as the phone sends it; `key` is the phone's, so that it may send it again.

    `product_id` is None where nobody knows the code; a negative quantity takes one back.
    """

    key: UUID
    code: str
    product_id: int | None
    quantity: int
    scanned_at: datetime


class Picked(NamedTuple):
    """One line as typed: primary key of the product, 0 units or more; 0 takes it out."""

    product_id: int
    quantity: int


def begin_transaction(
    *, order_id: int, by: User, key: str, associate_id: str = ""
) -> TransferTransaction:
    """Begin a parcel of an order; several may be packed at once.

    Runs inside the caller's transaction.

    Raises:
        OrderClosed: nothing more ships against the order.
        ActionError: the key of another order's parcel.
        TransferOrder.DoesNotExist
    """
    take_key(key)
    order = shipping.lock(order_id)
    if first := TransferTransaction.objects.filter(operation_key=key).first():
        if first.order_id != order.pk:
            raise ActionError(
                _("The operation key %(key)s already stands for %(parcel)s. Use a new key.")
                % {"key": key, "parcel": first}
            )
        return first
    refuse_final(order)
    sequence = order.transactions.count() + 1
    return TransferTransaction.objects.create(
        operation_key=key,
        order=order,
        sequence=sequence,
        number=f"{order.external_ref}-{sequence}",
        created_at=timezone.now(),
        by=by,
        associate_id=associate_id or by.associate,
    )


def being_picked(transaction_id: int) -> TransferTransaction:
    """The parcel under its lock.

    Raises:
        TransitionNotAllowed: it is packed, shipped or unpacked.
        TransferTransaction.DoesNotExist
    """
    rows = TransferTransaction.objects.select_for_update(of=("self",), no_key=True)
    parcel = rows.select_related("order").get(pk=transaction_id)
    if parcel.status != Status.PICKED:
        raise TransitionNotAllowed(
            _("%(parcel)s is %(status)s; nothing more is put into it. Begin another one.")
            % {"parcel": parcel, "status": parcel.get_status_display()}
        )
    return parcel


def record_picks(*, transaction_id: int, scans: Sequence[Scan]) -> int:
    """Keep the scans that are new, and count them; how many. Sent twice or late, each counts once.

    Scans tell what is in the box, so nothing is refused for being too much: making it ready is.

    Raises:
        TransitionNotAllowed: the parcel is packed, shipped or unpacked.
        ActionError: a quantity out of range, too many scans.
    """
    parcel = being_picked(transaction_id)
    for scan in scans:
        if not 1 <= abs(scan.quantity) <= MAX_QUANTITY:
            raise ActionError(
                _("%(code)s: %(quantity)s is no quantity to pick.")
                % {"code": scan.code, "quantity": scan.quantity}
            )
    known = set(parcel.scans.values_list("key", flat=True))
    new = list({scan.key: scan for scan in scans if scan.key not in known}.values())
    if len(known) + len(new) > MOST_SCANS:
        raise ActionError(
            _("A parcel takes at most %s scans. Ship it and begin another one.") % MOST_SCANS
        )
    PickScan.objects.bulk_create(
        PickScan(
            transaction=parcel,
            key=scan.key,
            code=scan.code,
            product_id=scan.product_id,
            quantity=scan.quantity,
            scanned_at=scan.scanned_at,
        )
        for scan in new
    )
    units: Counter[int] = Counter()
    for scan in new:
        if scan.product_id is not None:
            units[scan.product_id] += scan.quantity
    add(parcel, units)
    return len(new)


def settle_code(*, transaction_id: int, code: str, product_id: int | None) -> int:
    """Say what an unknown code is, or with None that it is left out; how many scans.

    Raises:
        TransitionNotAllowed: the parcel is packed, shipped or unpacked.
    """
    parcel = being_picked(transaction_id)
    unknown = parcel.scans.filter(code=code, product__isnull=True, is_left_out=False)
    units = unknown.aggregate(units=Sum("quantity"))["units"] or 0
    number = unknown.update(product_id=product_id, is_left_out=product_id is None)
    if product_id is not None and number:
        add(parcel, {product_id: units})
    return number


def set_picks(
    *, transaction_id: int, lines: Sequence[Picked], revision: int | None = None
) -> TransferTransaction:
    """Say how many units of these products are in the parcel; other products stay as they are.

    Raises:
        MoreThanOrdered: a person typed more than the order still asks for.
        StaleRevision: the parcel is not what the person saw.
        TransitionNotAllowed: it is packed, shipped or unpacked.
        ActionError: a quantity out of range.
    """
    parcel = being_picked(transaction_id)
    refuse_stale(parcel, revision)
    wanted = {line.product_id: line.quantity for line in lines}
    for quantity in wanted.values():
        if not 0 <= quantity <= MAX_QUANTITY:
            raise ActionError(
                _("%(quantity)s is no quantity to pick. Give 0 to %(most)s.")
                % {"quantity": quantity, "most": MAX_QUANTITY}
            )
    refuse_excess(parcel, wanted)
    rows = TransferTransactionLine.objects.filter(transaction=parcel, product__in=wanted)
    before = dict(rows.values_list("product_id", "quantity"))
    add(parcel, {pk: units - before.get(pk, 0) for pk, units in wanted.items()})
    return parcel


def refuse_excess(parcel: TransferTransaction, units: Mapping[int, int]) -> None:
    """
    Raises:
        MoreThanOrdered: beyond what is neither shipped nor in another parcel that is ready.
    """
    lines, packed = shipping.lines_of(parcel.order), queries.being_packed(parcel.order)
    excess = []
    for pk, asked in units.items():
        left = lines[pk].remaining - packed.get(pk, 0) if pk in lines else 0
        if asked > max(left, 0):
            excess.append((pk, max(left, 0), asked))
    if excess:
        raise too_many(excess, names_of([pk for pk, _left, _asked in excess]), parcel.order)


ADD = """
INSERT INTO transfers_transfertransactionline AS line (transaction_id, product_id, quantity)
SELECT %s, product_id, quantity FROM unnest(%s::int[], %s::int[]) AS one(product_id, quantity)
 WHERE quantity <> 0
ON CONFLICT (transaction_id, product_id)
   DO UPDATE SET quantity = line.quantity + excluded.quantity
"""
TOTAL = """
WITH summed AS (
  SELECT coalesce(sum(quantity), 0) AS units
    FROM transfers_transfertransactionline WHERE transaction_id = %(pk)s)
UPDATE transfers_transfertransaction SET quantity_total = summed.units, revision = revision + 1
  FROM summed WHERE transfers_transfertransaction.id = %(pk)s
RETURNING quantity_total, revision
"""


def add(parcel: TransferTransaction, units: Mapping[int, int]) -> None:
    """Differences by product, into the lines and the total of a locked parcel."""
    with connection.cursor() as cursor:
        cursor.execute(ADD, [parcel.pk, list(units), list(units.values())])
        cursor.execute(TOTAL, {"pk": parcel.pk})
        parcel.quantity_total, parcel.revision = cursor.fetchone()
