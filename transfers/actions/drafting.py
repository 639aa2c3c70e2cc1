"""A store begins a transfer: where to, what it scans, and then an order with its parcel (PRODUCT §6)."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.accounts.models import User
from omnichannel.catalog.scanning import refuse_unknown
from omnichannel.documents import ActionError, TransitionNotAllowed

from ..models import DraftScan, TransferDraft, TransferOrder, TransferTransaction
from .contents import names_of
from .creating import Ordered, create_transfer_order, ends
from .keys import take_key
from .picking import MOST_SCANS, Picked, Scan, begin_transaction, set_picks


class Begun(NamedTuple):
    """The parcel with what was scanned, and its order."""

    transaction: TransferTransaction
    order: TransferOrder


def begin_draft(*, origin_id: int, destination_id: int, by: User, key: str) -> TransferDraft:
    """Say where to. Nothing is set aside before it is an order.

    Runs inside the caller's transaction.

    Raises:
        ActionError: both ends the same, or one of them not there.
    """
    take_key(key)
    if first := TransferDraft.objects.filter(operation_key=key).first():
        return first
    origin, destination = ends(origin_id, destination_id)
    return TransferDraft.objects.create(
        operation_key=key,
        origin=origin,
        destination=destination,
        created_at=timezone.now(),
        by=by,
        associate_id=by.associate,
    )


def open_draft(draft_id: int) -> TransferDraft:
    """The draft under its lock.

    Raises:
        TransitionNotAllowed: it is an order by now, or was left.
        TransferDraft.DoesNotExist
    """
    # Without its order: of a row that was waited for, what is joined to it is as it was before.
    draft = TransferDraft.objects.select_for_update(no_key=True).get(pk=draft_id)
    if draft.order:
        raise TransitionNotAllowed(
            _("It is %s already. Scan what else shall go into its parcel.") % draft.order
        )
    if draft.left_at:
        raise TransitionNotAllowed(_("This transfer was left. Begin another one."))
    return draft


def record_draft_scans(*, draft_id: int, scans: Sequence[Scan]) -> int:
    """Keep the scans that are new; how many. Sent twice or late, each is kept once.

    Raises:
        TransitionNotAllowed: it is an order by now, or was left.
        ActionError: a quantity out of range, too many scans.
    """
    draft = open_draft(draft_id)
    for scan in scans:
        if not 1 <= abs(scan.quantity) <= MAX_QUANTITY:
            raise ActionError(
                _("%(code)s: %(quantity)s is no quantity to pick.")
                % {"code": scan.code, "quantity": scan.quantity}
            )
    before = draft.scans.count()
    if before + len(scans) > MOST_SCANS:
        raise ActionError(
            _("A transfer takes at most %s scans. Ship it and begin another one.") % MOST_SCANS
        )
    DraftScan.objects.bulk_create(
        [
            DraftScan(
                draft=draft,
                key=scan.key,
                code=scan.code,
                product_id=scan.product_id,
                quantity=scan.quantity,
                scanned_at=scan.scanned_at,
            )
            for scan in scans
        ],
        ignore_conflicts=True,
    )
    return draft.scans.count() - before


def settle_draft_code(*, draft_id: int, code: str, product_id: int | None) -> int:
    """Say what an unknown code is, or with None that it is left out; how many scans.

    Raises:
        TransitionNotAllowed: it is an order by now, or was left.
    """
    unknown = open_draft(draft_id).scans.filter(code=code, product__isnull=True)
    return unknown.update(product_id=product_id, is_left_out=product_id is None)


def leave_draft(*, draft_id: int) -> TransferDraft:
    """Give it up; its scans stay readable.

    Raises:
        TransitionNotAllowed: it is an order by now, or was left before.
    """
    draft = open_draft(draft_id)
    draft.left_at = timezone.now()
    draft.save(update_fields=["left_at"])
    return draft


def order_draft(*, draft_id: int, by: User) -> Begun:
    """Make an order of what was scanned, with a parcel that holds it; done twice, it is one order.

    Runs inside the caller's transaction. Emits what `create_transfer_order` emits.

    Raises:
        StockTooLow: the store's stock does not suffice; by product.
        ActionError: nothing was scanned, codes that nobody settled, a product below zero.
        TransitionNotAllowed: it was left.
    """
    draft = TransferDraft.objects.select_for_update(no_key=True).get(pk=draft_id)
    name = f"draft:{draft.uuid}"
    if draft.order:
        parcel = draft.order.transactions.get(operation_key=name)
        return Begun(parcel, draft.order)
    draft = open_draft(draft_id)
    units = scanned(draft)
    order = create_transfer_order(
        origin_id=draft.origin_id,
        destination_id=draft.destination_id,
        lines=[Ordered(pk, quantity) for pk, quantity in units.items()],
        source=TransferOrder.Source.STORE,
        key=name,
        by=by,
    ).order
    parcel = begin_transaction(order_id=order.pk, by=by, key=name)
    parcel = set_picks(
        transaction_id=parcel.pk,
        lines=[Picked(pk, quantity) for pk, quantity in units.items()],
    )
    draft.order = order
    draft.save(update_fields=["order"])
    return Begun(parcel, order)


def scanned(draft: TransferDraft) -> dict[int, int]:
    """Units by product, 1 or more each."""
    scans = draft.scans.filter(is_left_out=False)
    refuse_unknown(scans)
    sums = scans.values_list("product_id").annotate(units=Sum("quantity")).order_by("product_id")
    units = {pk: quantity for pk, quantity in sums if quantity}
    if not units:
        raise ActionError(_("Nothing was scanned for this transfer yet."))
    if below := [pk for pk, quantity in units.items() if quantity < 0]:
        names = names_of(below)
        raise ActionError(
            _("More was taken out than was put in: %s. Scan again.")
            % ", ".join(names[pk] for pk in below)
        )
    return units
