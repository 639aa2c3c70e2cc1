"""Force close: what will never arrive is not waited for any longer (PRODUCT §6)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils import timezone

from omnichannel.accounts.models import User
from omnichannel.locations.models import FulfillmentLocation

from .. import receiving
from ..models import Asn, Fate
from ..receiving.rows import LineRow
from .deciding import Deciding, Move
from .fates import decide
from .refusals import refuse_closed, refuse_stale
from .settling import close


class LineFate(NamedTuple):
    """The fate of one line's remainder, and of ELSEWHERE the receipt that has it."""

    fate: Fate
    receipt_id: int | None = None


class Closed(NamedTuple):
    """The notice; `is_replay` when the same act closed it before."""

    asn: Asn
    is_replay: bool


def default_fate(asn: Asn) -> Fate:
    """A store of ours decides later; what a DC or a supplier did not send never left it.

    What stands in somebody's `_in_transit` is never guessed about.
    """
    is_store = asn.origin.kind == FulfillmentLocation.Kind.STORE
    return Fate.DECIDE_LATER if is_store or asn.holder_id else Fate.NEVER_SHIPPED


def force_close_asn(
    *,
    asn_id: int,
    by: User,
    key: str,
    fate: Fate | None = None,
    receipt_id: int | None = None,
    line_fates: Mapping[int, LineFate] | None = None,
    revision: int | None = None,
    note: str = "",
    associate_id: str = "",
) -> Closed:
    """Close a notice from Open or Partially Received, and say what becomes of its remainder.

    Runs inside the caller's transaction. Of two who close at once one wins; the other is told
    who. Emits `asn_closed`, and `adjustment_created` where a fate moves stock.

    Args:
        fate: of every remainder that `line_fates` (by line) does not name; None: the default.
        receipt_id: of ELSEWHERE, the receipt that has the goods.

    Raises:
        AsnClosed: by another act.
        StaleRevision: the notice is not what the person saw.
        FateNeedsPermission: the fate moves stock, and he may not adjust any.
        ActionError: a line that is not of this notice; a receipt that cannot have the goods.
        Asn.DoesNotExist
    """
    asn = receiving.lock(asn_id)
    if asn.is_closed and asn.closing_key == key:
        return Closed(asn, is_replay=True)
    refuse_closed(asn)
    refuse_stale(asn, revision)
    lines = receiving.lines_of(asn)
    usual = LineFate(Fate(fate) if fate else default_fate(asn), receipt_id)
    now = timezone.now()
    deciding = Deciding(by, associate_id or by.associate, key, note, now)
    decide(asn, lines, moves(lines, usual, line_fates or {}), deciding)
    receiving.refresh(asn, now)
    close(asn, by, deciding.associate, key, now, is_forced=True)
    return Closed(asn, is_replay=False)


def moves(lines: Sequence[LineRow], usual: LineFate, by_line: Mapping[int, LineFate]) -> list[Move]:
    """Every remainder and its fate; a line that is named has one even if nothing is left."""
    known = {line.id for line in lines}
    named = [
        Move(pk, Fate.DECIDE_LATER, one.fate, 0, one.receipt_id) for pk, one in by_line.items()
    ]
    found = [move for move in named if move.line_id not in known]
    for line in lines:
        one = by_line.get(line.id, usual)
        if line.in_transit and one.fate != Fate.DECIDE_LATER:
            found.append(
                Move(line.id, Fate.DECIDE_LATER, one.fate, line.in_transit, one.receipt_id)
            )
    return found
