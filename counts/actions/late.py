"""Taking back what a late movement took off the books a second time (PRODUCT §7a)."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from django.utils.translation import gettext as _

from inventory import full_counts, ledger
from inventory.models import InventoryTransaction
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError

from .. import events, reconciliation
from ..models import LateCorrection
from .locking import locked
from .reversing import header_of, tell


def correct_late_movements(
    *, pk: int, by: User, movement_ids: Sequence[int] | None = None, note: str = ""
) -> InventoryTransaction:
    """Post the opposite of late movements of a completed count: all, or the chosen ones.

    Raises:
        ActionError: there are none, or a chosen one is none (any more).
        CountedNow: a full count is running there.
    """
    count = locked(pk)
    found = {late.movement_id: late for late in reconciliation.late_movements(count)}
    wanted = sorted(found if movement_ids is None else set(movement_ids))
    if not wanted or set(wanted) - set(found):
        raise ActionError(_("There is no such late movement, or it was corrected already."))
    full_counts.refuse_while_counted(count.location_id, [count.stock_location_id])
    units: Counter[int] = Counter()
    for movement in wanted:
        units[found[movement].product_id] -= found[movement].quantity
    shelf = count.stock_location_id
    lines = [
        ledger.Line(product, abs(n), shelf if n < 0 else None, None if n < 0 else shelf)
        for product, n in sorted(units.items())
    ]
    digest = sha256(repr(wanted).encode()).hexdigest()[:32]
    header = header_of(count, f"late-movements:{count.uuid}:{digest}", by, note)
    posting = ledger.post(header, lines)
    document = InventoryTransaction.objects.select_related("location").get(
        pk=posting.transaction_id
    )
    LateCorrection.objects.bulk_create(
        LateCorrection(count=count, movement_id=movement, transaction=document)
        for movement in wanted
    )
    tell(document, lines, *events.LATE_MOVEMENT)
    return document
