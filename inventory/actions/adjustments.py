"""Adjusting stock: what a person found, lost, broke, swapped or mistyped (PRODUCT §5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.eventstream import outbox
from omnichannel.locations.models import StockLocation

from .. import events, full_counts, ledger
from ..models import AdjustmentReason, InventoryTransaction, InventoryTransactionLine

MOST_LINES = 2_000


class Typed(NamedTuple):
    """One line as a person gives it: primary key of the product, 1 unit or more."""

    product_id: int
    quantity: int


class Adjusted(NamedTuple):
    """The document; `is_replay` when the same act was already done under its key."""

    document: InventoryTransaction
    is_replay: bool


def adjust_stock(
    *,
    location_id: int,
    reason_id: int,
    lines: Sequence[Typed],
    by: User,
    key: str,
    note: str = "",
    reference: str = "",
    started_at: datetime | None = None,
    happened_at: datetime | None = None,
    associate_id: str = "",
    refuse_below_zero: bool = True,
) -> Adjusted:
    """Move the lines between the stock locations that the reason names, and tell the stream.

    Runs inside the caller's transaction; `key` names the act, so that doing it twice moves once.

    Args:
        refuse_below_zero: False for what another act found out, such as goods that arrive broken.

    Raises:
        ActionError: no such reason, no lines, a quantity below 1.
        CountedNow: the reason says how many there are, and a full count is about to.
        StockTooLow: a stock location would go below zero and the setting does not allow it.
    """
    reason = usable_reason(reason_id)
    check_lines(lines)
    if reason.states_truth:
        sides = (reason.origin_id, reason.destination_id)
        full_counts.refuse_while_counted(location_id, sides)
    moves = [
        ledger.Line(line.product_id, line.quantity, reason.origin_id, reason.destination_id)
        for line in lines
    ]
    header = ledger.Header(
        operation_key=key,
        type=InventoryTransaction.Type.ADJUSTMENT,
        location_id=location_id,
        associate_id=associate_id or by.associate,
        by_id=by.pk,
        from_stock_location_id=reason.origin_id,
        to_stock_location_id=reason.destination_id,
        reason_id=reason.pk,
        reference=reference,
        note=note,
        started_at=started_at,
        happened_at=happened_at,
    )
    return write(header, moves, refuse_below_zero=refuse_below_zero)


def swap_products(
    *,
    location_id: int,
    reason_id: int,
    left: int,
    arrived: int,
    quantity: int,
    by: User,
    key: str,
    note: str = "",
) -> Adjusted:
    """Two products were taken for each other: one document takes `left` out and puts `arrived` in.

    Both move in the stock location of the reason (its origin, else its destination), so that
    the store's total stays as it was.

    Raises:
        ActionError: the same product twice, a quantity below 1, no such reason.
        StockTooLow: there is less of `left` than the quantity.
    """
    if left == arrived:
        raise ActionError(_("A swap needs two different products."))
    reason = usable_reason(reason_id)
    check_lines([Typed(left, quantity)])
    shelf = reason.origin_id or reason.destination_id
    header = ledger.Header(
        operation_key=key,
        type=InventoryTransaction.Type.ADJUSTMENT,
        location_id=location_id,
        associate_id=by.associate,
        by_id=by.pk,
        from_stock_location_id=shelf,
        to_stock_location_id=shelf,
        reason_id=reason.pk,
        note=note,
    )
    return write(
        header,
        [ledger.Line(left, quantity, shelf, None), ledger.Line(arrived, quantity, None, shelf)],
    )


def correct_transaction(*, pk: int, by: User, note: str = "") -> Adjusted:
    """A new document that undoes an adjustment line by line and names it; nothing is edited.

    Of two people who correct the same document one wins, and the other is told.

    Raises:
        ActionError: no adjustment, a correction itself, or corrected by somebody else already.
        StockTooLow: what the adjustment brought is no longer there.
    """
    first = InventoryTransaction.objects.get(pk=pk)
    if first.type != InventoryTransaction.Type.ADJUSTMENT or first.corrects_id:
        raise ActionError(
            _("%s is not an adjustment that can be corrected. Make a new adjustment instead.")
            % first
        )
    if first.reason and first.reason.states_truth:
        sides = (first.from_stock_location_id, first.to_stock_location_id)
        full_counts.refuse_while_counted(first.location_id, sides)
    lines = InventoryTransactionLine.objects.filter(transaction=first).order_by("position")
    header = ledger.Header(
        operation_key=f"correct:{first.uuid}",
        type=first.type,
        location_id=first.location_id,
        associate_id=by.associate,
        by_id=by.pk,
        from_stock_location_id=first.to_stock_location_id,
        to_stock_location_id=first.from_stock_location_id,
        reason_id=first.reason_id,
        reference=first.reference,
        note=note,
        corrects_id=first.pk,
    )
    done = write(
        header,
        [
            ledger.Line(
                line.product_id,
                line.quantity,
                line.to_stock_location_id,
                line.from_stock_location_id,
            )
            for line in lines
        ],
    )
    if done.is_replay and done.document.by_id != by.pk:
        raise ActionError(
            _("%(first)s was corrected already, by %(by)s.")
            % {"first": first, "by": done.document.associate_id}
        )
    return done


def usable_reason(pk: int) -> AdjustmentReason:
    reason = AdjustmentReason.objects.filter(pk=pk).first()
    if reason is None or not reason.is_active:
        raise ActionError(_("This adjustment reason is not in use any more. Choose another one."))
    return reason


def check_lines(lines: Sequence[Typed]) -> None:
    if not lines:
        raise ActionError(_("An adjustment needs at least one product. Add one."))
    if len(lines) > MOST_LINES:
        raise ActionError(
            _("An adjustment has at most %(most)s lines, this one %(count)s. Split it.")
            % {"most": MOST_LINES, "count": len(lines)}
        )
    for position, line in enumerate(lines, start=1):
        if line.quantity < 1:
            raise ActionError(
                _("Line %(position)s: %(quantity)s is no quantity to adjust by. Give 1 or more.")
                % {"position": position, "quantity": line.quantity}
            )


def write(
    header: ledger.Header, lines: list[ledger.Line], *, refuse_below_zero: bool = True
) -> Adjusted:
    """Post, and publish unless it was done before."""
    refused = refuse_below_zero and not settings.ALLOW_NEGATIVE_ADJUSTMENTS
    posting = ledger.post(header, lines, refuse_below_zero=refused)
    document = InventoryTransaction.objects.select_related("location", "reason").get(
        pk=posting.transaction_id
    )
    if not posting.is_replay:
        publish(document, lines)
    return Adjusted(document, posting.is_replay)


def publish(document: InventoryTransaction, lines: Sequence[ledger.Line]) -> None:
    reason = document.reason
    payloads = events.adjustment_created(
        document,
        reason.type if reason else "",
        reason.subtype if reason else "",
        items_of(lines),
    )
    for payload in payloads:
        outbox.publish(events.ADJUSTMENT_CREATED, payload, entity_id=str(document.uuid))


def items_of(lines: Sequence[ledger.Line]) -> list[events.Item]:
    """Lines as events tell them; two queries, however many lines."""
    products = Product.objects.filter(pk__in={line.product_id for line in lines})
    known = {product.pk: product for product in products.prefetch_related("identifiers")}
    shelves = dict(StockLocation.objects.values_list("pk", "name"))
    return [
        events.Item(
            known[line.product_id].product_id,
            line.quantity,
            identifiers_of(known[line.product_id]),
            shelves.get(line.from_stock_location_id or 0),
            shelves.get(line.to_stock_location_id or 0),
        )
        for line in lines
    ]


def identifiers_of(product: Product) -> dict[str, str]:
    """By kind; the first of several of one kind."""
    found = {"sku": product.sku} if product.sku else {}
    for identifier in product.identifiers.all():
        found.setdefault(identifier.type.lower(), identifier.value)
    return found
