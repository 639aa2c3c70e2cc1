"""What became of units that did not arrive: decided at the close or later, and changed again."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.permissions import ADJUST_INVENTORY
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError

from .. import receiving
from ..models import Asn, Fate, FateDecision
from ..receiving.rows import LineRow, Moves
from . import late
from .deciding import Deciding, Move
from .elsewhere import refuse_claims
from .fate_postings import Key, post_fates
from .refusals import FateNeedsPermission, refuse_stale
from .returning import send_back
from .session import Session, names_of
from .settling import settle


def change_fate(
    *,
    asn_id: int,
    moves: Sequence[Move],
    by: User,
    key: str,
    revision: int | None = None,
    note: str = "",
    associate_id: str = "",
) -> Asn:
    """Decide later what was left to later, or decide again; the first decision stays readable.

    Runs inside the caller's transaction; only on a closed notice. Stock follows at the holder's,
    and `adjustment_created` leaves where it does.

    Raises:
        ActionError: an open notice; more units than have that fate; the same fate again.
        StaleRevision, FateNeedsPermission, ledger.StockTooLow, Asn.DoesNotExist
    """
    asn = receiving.lock(asn_id)
    if FateDecision.objects.filter(asn=asn, operation_key=key).exists():
        return asn
    if not asn.is_closed:
        raise ActionError(
            _("%s is still open. Its remainder is decided about when it closes.") % asn
        )
    refuse_stale(asn, revision)
    if not moves:
        raise ActionError(_("Say of which units the fate is to change."))
    now = timezone.now()
    deciding = Deciding(by, associate_id or by.associate, key, note, now)
    decide(asn, receiving.lines_of(asn), moves, deciding)
    settle(asn, by, deciding.associate, key, now)
    return asn


def decide(asn: Asn, lines: Sequence[LineRow], moves: Sequence[Move], deciding: Deciding) -> None:
    """Everything that follows from these moves, on a notice that is locked."""
    if not moves:
        return
    by_id = {line.id: line for line in lines}
    refuse_moves(asn, by_id, moves)
    refuse_claims(asn, by_id, moves)
    refuse_without_permission(asn, moves, deciding.by)
    changed = Moves()
    for move in moves:
        changed.add(move.line_id, move.before.column, -move.quantity)
        changed.add(move.line_id, move.after.column, move.quantity)
    stop_returns(asn, by_id, moves, deciding)
    receiving.apply(changed)
    documents = post_fates(asn, by_id, moves, deciding)
    back = [move for move in moves if move.after == Fate.RETURN]
    way_back = send_back(asn, [(by_id[m.line_id], m.quantity) for m in back], deciding.now)
    FateDecision.objects.bulk_create(
        FateDecision(
            operation_key=deciding.key,
            asn=asn,
            line_id=move.line_id,
            before=move.before,
            fate=move.after,
            quantity=move.quantity,
            note=deciding.note,
            decided_at=deciding.now,
            by=deciding.by,
            associate_id=deciding.associate,
            transaction_id=documents.get(Key(move.before, move.after)),
            return_asn=way_back if move.after == Fate.RETURN else None,
            receipt_id=move.receipt_id,
        )
        for move in moves
    )


def refuse_moves(asn: Asn, lines: dict[int, LineRow], moves: Sequence[Move]) -> None:
    names = names_of({line.product_id for line in lines.values()})
    left = {(line.id, fate): line.at(fate.column) for line in lines.values() for fate in Fate}
    for move in moves:
        line = lines.get(move.line_id)
        if line is None:
            raise ActionError(_("A line that is not of %s cannot be decided about here.") % asn)
        words = {
            "product": names.get(line.product_id, line.product_id),
            "there": left[line.id, move.before],
            "fate": move.before.label,
            "asked": move.quantity,
        }
        if move.before == move.after:
            raise ActionError(_("%(product)s: that is its fate already.") % words)
        if not 1 <= move.quantity <= left[line.id, move.before]:
            raise ActionError(
                _("%(product)s: %(there)s units are “%(fate)s”, %(asked)s asked.") % words
            )
        left[line.id, move.before] -= move.quantity


def refuse_without_permission(asn: Asn, moves: Sequence[Move], by: User) -> None:
    at = receiving.shelves()
    moving = next((m for m in moves if at.of(asn, m.before) != at.of(asn, m.after)), None)
    if moving and not by.has_perm(ADJUST_INVENTORY):
        raise FateNeedsPermission(
            _("“%(fate)s” moves stock of %(holder)s, which needs the permission Adjust Inventory.")
            % {"fate": moving.after.label, "holder": asn.holder}
        )


def stop_returns(
    asn: Asn, lines: dict[int, LineRow], moves: Sequence[Move], deciding: Deciding
) -> None:
    """Units that shall not go back after all: only while they are under way."""
    units: dict[tuple[int, str], int] = defaultdict(int)
    for move in moves:
        if move.before == Fate.RETURN:
            line = lines[move.line_id]
            units[line.product_id, line.carton_id] += move.quantity
    if not units:
        return
    session = Session(by=deciding.by, key=deciding.key, kind="", associate_id=deciding.associate)
    late.never_went_back(asn, units, session, deciding.now)
    if any(units.values()):
        raise ActionError(
            _("Part of what goes back from %s arrived there already, and stays where it is.") % asn
        )
