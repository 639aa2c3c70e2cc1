"""A receipt was wrong: a new document takes back what it brought, and names it (PRODUCT §5)."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory import events as stock_events
from inventory import ledger
from inventory.models import InventoryTransaction
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.eventstream import outbox

from .. import queries, receiving
from ..models import Asn, Fate, Receipt
from ..receiving.allocation import Part, Taken, taken_of
from ..receiving.rows import LineRow, Moves
from . import receipts
from .elsewhere import unclaimed
from .refusals import refuse_stale
from .session import Received, Session, names_of, replayed, take_key
from .settling import settle

# As the stream calls it: no adjustment of a person, and no event of its own in the contract.
TYPE, REASON = "Receiving", "Receipt correction"


class TakenBack(NamedTuple):
    """Units of a product that a receipt should not have brought; `line_id` is the notice's."""

    product_id: int
    quantity: int
    line_id: int | None = None


def correct_receipt(
    *,
    receipt_id: int,
    by: User,
    key: str,
    lines: Sequence[TakenBack] | None = None,
    note: str = "",
    revision: int | None = None,
    associate_id: str = "",
) -> Received:
    """Take units back out of `main` and back into transit, as if they had not been received.

    Runs inside the caller's transaction. A closed notice stays closed, and its units are to be
    decided about. Emits `adjustment_created`, out of `main`.

    Args:
        lines: None means everything that was not taken back before.

    Raises:
        ActionError: a correction itself, more than the receipt brought, units that another
            notice counts as received by it.
        ledger.StockTooLow: the units are not in `main` any more.
        Receipt.DoesNotExist
    """
    first = Receipt.objects.get(pk=receipt_id)
    asn = receiving.lock(first.asn_id) if first.asn_id else None
    Receipt.objects.select_for_update(no_key=True).get(pk=first.pk)
    take_key(key)
    if done := replayed(key, None):
        return done
    if first.status != Receipt.Status.COMPLETED or first.kind == Receipt.Kind.CORRECTION:
        raise ActionError(_("Only a completed receipt is corrected, and each from its own page."))
    if asn:
        refuse_stale(asn, revision)
    wanted = taken_back(first, lines)
    session = Session(
        by=by,
        key=key,
        kind=Receipt.Kind.CORRECTION,
        associate_id=associate_id,
        note=note,
        shipment_ref=first.shipment_ref,
        order_ref=first.order_ref,
    )
    rows = receiving.lines_of(asn) if asn else []
    taken = backwards(rows, wanted)
    receiving.apply(undone(taken))
    posting, typed = post(first, asn, taken, session)
    now = timezone.now()
    tell(posting, typed)
    receipt = receipts.write(
        session,
        asn=asn,
        location_id=first.location_id,
        transaction_id=posting.transaction_id,
        corrects=first,
        now=now,
    )
    negative = [one._replace(quantity=-one.quantity, over=-one.over) for one in taken]
    receipts.write_lines(receipt, negative, {}, {})
    if asn:
        settle(asn, by, session.associate, key, now)
    return Received(receipt, is_replay=False)


def brought(first: Receipt) -> dict[tuple[int, int | None], int]:
    """Units by product and line that the receipt brought and nobody took back."""
    from_all = [first.pk, *first.corrections.values_list("pk", flat=True)]
    rows = first.lines.model.objects.filter(receipt__in=from_all)
    summed = rows.values_list("product_id", "line_id").annotate(units=Sum("quantity"))
    return {(product, line): units for product, line, units in summed if units}


def taken_back(first: Receipt, lines: Sequence[TakenBack] | None) -> list[TakenBack]:
    there = brought(first)
    wanted = list(lines or ())
    if lines is None:
        wanted = [TakenBack(product, units, line) for (product, line), units in there.items()]
    if not wanted:
        raise ActionError(_("Everything of this receipt was taken back already."))
    names = names_of({one.product_id for one in wanted})
    free = unclaimed(first)
    for one in wanted:
        possible = min(there.get((one.product_id, one.line_id), 0), free.get(one.product_id, 0))
        if not 1 <= one.quantity <= possible:
            raise ActionError(
                _(
                    "%(product)s: %(possible)s units of this receipt can be taken back, "
                    "%(asked)s asked."
                )
                % {
                    "product": names.get(one.product_id, one.product_id),
                    "possible": possible,
                    "asked": one.quantity,
                }
            )
        there[one.product_id, one.line_id] -= one.quantity
        free[one.product_id] -= one.quantity
    return wanted


def backwards(rows: Sequence[LineRow], wanted: Sequence[TakenBack]) -> list[Taken]:
    """What was too much goes first, the rest goes back into transit."""
    by_id = {row.id: row for row in rows}
    over = {row.id: row.over_received for row in rows}
    taken = []
    for one in wanted:
        row = by_id.get(one.line_id or 0)
        too_many = min(one.quantity, over[row.id]) if row else one.quantity
        if row:
            over[row.id] -= too_many
        parts = [Part(None, too_many), Part(Fate.DECIDE_LATER, one.quantity - too_many)]
        carton_id = row.carton_id if row else ""
        taken.append(
            taken_of(row, one.product_id, carton_id, [part for part in parts if part.quantity])
        )
    return taken


def undone(taken: Sequence[Taken]) -> Moves:
    moves = Moves()
    for one in taken:
        if one.line is None:
            continue
        moves.add(one.line.id, "received", -one.quantity)
        moves.add(one.line.id, "over_received", -one.over)
        moves.add(one.line.id, Fate.DECIDE_LATER.column, one.quantity - one.over)
    return moves


def post(
    first: Receipt, asn: Asn | None, taken: Sequence[Taken], session: Session
) -> tuple[ledger.Posting, list[ledger.Line]]:
    at = receiving.shelves()
    typed = [
        ledger.Line(one.product_id, part.quantity, at.main, at.of(asn, part.fate) if asn else None)
        for one in taken
        for part in one.parts
    ]
    original = InventoryTransaction.objects.get(receipt=first)
    header = ledger.Header(
        operation_key=f"receive:{session.key}",
        type=InventoryTransaction.Type.RECEIVING,
        location_id=first.location_id,
        from_location_id=first.location_id,
        to_location_id=asn.holder_id if asn else None,
        associate_id=session.associate,
        by_id=session.by.pk,
        reference=original.reference,
        note=session.note,
        corrects_id=original.pk,
    )
    return ledger.post(header, typed, refuse_below_zero=True), typed


def tell(posting: ledger.Posting, typed: Sequence[ledger.Line]) -> None:
    document = InventoryTransaction.objects.select_related("location").get(
        pk=posting.transaction_id
    )
    out = [line._replace(to_stock_location_id=None) for line in typed]
    for payload in stock_events.adjustment_created(document, TYPE, REASON, queries.lines_told(out)):
        outbox.publish(stock_events.ADJUSTMENT_CREATED, payload, entity_id=str(document.uuid))
