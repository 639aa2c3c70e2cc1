"""Reversing a completed count: a document that posts the opposite and names it (PRODUCT §7)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from inventory import events as inventory_events
from inventory import full_counts, ledger
from inventory.actions.adjustments import items_of
from inventory.models import InventoryTransaction, InventoryTransactionLine
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError, TransitionNotAllowed
from omnichannel.eventstream import outbox

from .. import events
from ..models import Count
from .locking import locked

OPPOSITE = """
SELECT product_id, abs(delta), CASE WHEN delta > 0 THEN %(shelf)s::smallint END,
       CASE WHEN delta < 0 THEN %(shelf)s::smallint END
  FROM counts_countresult WHERE count_id = %(count)s AND delta <> 0
"""


def reverse_count(*, pk: int, by: User, note: str = "") -> InventoryTransaction:
    """Post the opposite of what a count posted; the count stays Completed.

    Doing it again is the same act; of two people one wins, and the other is told.

    Raises:
        TransitionNotAllowed: it is not completed.
        ActionError: it posted nothing, or somebody else reversed it.
        CountedNow: a full count is running there.
    """
    count = locked(pk)
    if count.status != Count.Status.COMPLETED or count.transaction is None:
        raise TransitionNotAllowed(
            _("%(count)s is %(status)s; only a completed count can be reversed.")
            % {"count": count, "status": count.get_status_display()}
        )
    if not count.location.is_inventory_master:
        raise ActionError(
            _("Stock of %s is kept by the ERP; this count posted nothing.") % count.location
        )
    if not count.results.exclude(delta=0).filter(delta__isnull=False).exists():
        raise ActionError(_("%s found no variance, so there is nothing to reverse.") % count)
    full_counts.refuse_while_counted(count.location_id, [count.stock_location_id])
    posting = ledger.post_rows(
        header_of(count, f"reverse-count:{count.uuid}", by, note),
        OPPOSITE,
        {"count": count.pk, "shelf": count.stock_location_id},
        tells_movements=False,
    )
    document = InventoryTransaction.objects.select_related("location").get(
        pk=posting.transaction_id
    )
    if posting.is_replay:
        if document.by_id != by.pk:
            raise ActionError(
                _("%(count)s was reversed already, by %(by)s.")
                % {"count": count, "by": document.associate_id}
            )
        return document
    tell(document, lines_of(document), *events.REVERSAL)
    return document


def header_of(count: Count, key: str, by: User, note: str) -> ledger.Header:
    return ledger.Header(
        operation_key=key,
        type=InventoryTransaction.Type.COUNT_ADJUSTMENT,
        location_id=count.location_id,
        associate_id=by.associate,
        by_id=by.pk,
        reference=count.external_id or "",
        note=note,
        corrects_id=count.transaction_id,
    )


def lines_of(document: InventoryTransaction) -> list[ledger.Line]:
    rows = InventoryTransactionLine.objects.filter(transaction=document).order_by("position")
    fields = ("product_id", "quantity", "from_stock_location_id", "to_stock_location_id")
    return [ledger.Line(*row) for row in rows.values_list(*fields)]


def tell(
    document: InventoryTransaction, lines: Sequence[ledger.Line], type: str, reason: str
) -> None:
    payloads = inventory_events.adjustment_created(document, type, reason, items_of(lines))
    for payload in payloads:
        outbox.publish(inventory_events.ADJUSTMENT_CREATED, payload, entity_id=str(document.uuid))
