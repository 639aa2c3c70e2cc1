"""A session on the phone: begun, scanned, left and resumed, completed once (PRODUCT §6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.accounts.models import User
from omnichannel.catalog.scanning import refuse_unknown
from omnichannel.documents import ActionError, TransitionNotAllowed, become

from .. import receiving
from ..models import Receipt, ReceiptScan
from .arriving import receive_items
from .blind import receive_blind
from .refusals import refuse_closed
from .session import Arrived, Received, Session

MOST_SCANS = 5_000


class Scan(NamedTuple):
    """One scan as the phone sends it; `key` is the phone's, so that it may send it again.

    `product_id` is None where nobody knows the code; a negative quantity takes one back.
    """

    key: UUID
    code: str
    product_id: int | None
    quantity: int
    scanned_at: datetime
    is_damaged: bool = False
    reason_id: int | None = None


def begin_receipt(
    *,
    by: User,
    key: str,
    asn_id: int | None = None,
    location_id: int | None = None,
    shipment_ref: str = "",
    order_ref: str = "",
    note: str = "",
    started_at: datetime | None = None,
    associate_id: str = "",
) -> Receipt:
    """Open a session of scanned items: for a notice, or blind at a location.

    Runs inside the caller's transaction. What was begun before a close may be completed after.

    Raises:
        AsnClosed: nothing more is expected; what arrives now is a late arrival.
        ActionError: neither a notice nor a location.
        Asn.DoesNotExist
    """
    asn = receiving.lock(asn_id) if asn_id else None
    known = Receipt.objects.filter(operation_key=key).first()
    if known:
        return known
    if asn:
        refuse_closed(asn)
        location_id = asn.destination_id
    if location_id is None:
        raise ActionError(_("Say where goods are received."))
    now = timezone.now()
    return Receipt.objects.create(
        operation_key=key,
        asn=asn,
        location_id=location_id,
        kind=Receipt.Kind.ITEMS if asn else Receipt.Kind.BLIND,
        status=Receipt.Status.IN_PROGRESS,
        shipment_ref=shipment_ref,
        order_ref=order_ref,
        note=note,
        started_at=min(started_at or now, now),
        begun_at=now,
        by=by,
        associate_id=associate_id or by.associate,
    )


def open_receipt(receipt_id: int) -> Receipt:
    """The session under its lock.

    Raises:
        TransitionNotAllowed: it was completed or cancelled.
        Receipt.DoesNotExist
    """
    rows = Receipt.objects.select_for_update(no_key=True)
    receipt = rows.get(pk=receipt_id)
    if receipt.status != Receipt.Status.IN_PROGRESS:
        raise TransitionNotAllowed(
            _("This session is %(status)s since %(when)s; nothing more is scanned into it.")
            % {
                "status": receipt.get_status_display(),
                "when": f"{receipt.completed_at or receipt.begun_at:%Y-%m-%d %H:%M}",
            }
        )
    return receipt


def record_scans(*, receipt_id: int, scans: Sequence[Scan]) -> int:
    """Keep the scans that are new; how many. Sent twice or late, each is kept once.

    Raises:
        TransitionNotAllowed: the session was completed or cancelled.
        ActionError: a quantity out of range, too many scans.
    """
    receipt = open_receipt(receipt_id)
    for scan in scans:
        if not 1 <= abs(scan.quantity) <= MAX_QUANTITY:
            raise ActionError(
                _("%(code)s: %(quantity)s is no quantity to receive.")
                % {"code": scan.code, "quantity": scan.quantity}
            )
    before = receipt.scans.count()
    if before + len(scans) > MOST_SCANS:
        raise ActionError(
            _("A session holds at most %s scans. Complete it and begin another one.") % MOST_SCANS
        )
    ReceiptScan.objects.bulk_create(
        [
            ReceiptScan(
                receipt=receipt,
                key=scan.key,
                code=scan.code,
                product_id=scan.product_id,
                quantity=scan.quantity,
                is_damaged=scan.is_damaged,
                reason_id=scan.reason_id,
                scanned_at=scan.scanned_at,
            )
            for scan in scans
        ],
        ignore_conflicts=True,
    )
    return receipt.scans.count() - before


def settle_code(*, receipt_id: int, code: str, product_id: int | None) -> int:
    """Say what an unknown code of a session is, or with None that it is left out; how many scans.

    Raises:
        TransitionNotAllowed: the session was completed or cancelled.
    """
    receipt = open_receipt(receipt_id)
    unknown = receipt.scans.filter(code=code, product__isnull=True)
    return unknown.update(product_id=product_id, is_left_out=product_id is None)


def complete_receipt(*, receipt_id: int, by: User, note: str | None = None) -> Received:
    """Receive what was scanned; completed twice, it is received once.

    Raises:
        ActionError: nothing was scanned, a product below zero, codes that nobody settled.
        AsnOffered, OverReceived, StaleRevision: as `receive_items` and `receive_blind`.
        TransitionNotAllowed: it was cancelled.
        Receipt.DoesNotExist
    """
    receipt = Receipt.objects.get(pk=receipt_id)
    if receipt.asn_id:
        receiving.lock(receipt.asn_id)
    receipt = Receipt.objects.select_for_update(no_key=True).get(pk=receipt_id)
    if receipt.status == Receipt.Status.COMPLETED:
        return Received(receipt, is_replay=True)
    receipt = open_receipt(receipt_id)
    session = Session(
        by=by,
        key=f"session:{receipt.uuid}",
        kind=receipt.kind,
        started_at=receipt.started_at,
        shipment_ref=receipt.shipment_ref,
        order_ref=receipt.order_ref,
        note=receipt.note if note is None else note,
        begun=receipt,
    )
    items = scanned(receipt)
    if receipt.asn_id:
        return receive_items(asn_id=receipt.asn_id, items=items, session=session)
    return receive_blind(location_id=receipt.location_id, items=items, session=session)


def cancel_receipt(*, receipt_id: int) -> Receipt:
    """Leave a session; its scans stay readable, no stock moves.

    Raises:
        TransitionNotAllowed: it was completed or cancelled.
    """
    receipt = open_receipt(receipt_id)
    become(receipt, Receipt.Status.CANCELLED)
    return receipt


def scanned(receipt: Receipt) -> list[Arrived]:
    """Sums by product; the damaged ones by their reason."""
    scans = receipt.scans.filter(is_left_out=False)
    refuse_unknown(scans)
    sums = (
        scans.values("product_id", "reason_id", "is_damaged")
        .annotate(units=Sum("quantity", filter=Q(product__isnull=False)))
        .order_by("product_id", "reason_id")
    )
    found = [
        Arrived(
            row["product_id"],
            row["units"],
            damaged=row["units"] if row["is_damaged"] else 0,
            reason_id=row["reason_id"] if row["is_damaged"] else None,
        )
        for row in sums
        if row["units"]
    ]
    if not found:
        raise ActionError(_("Nothing was scanned in this session yet."))
    return found
