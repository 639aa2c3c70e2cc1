"""Completing a count: the variances are posted once, as differences (PRODUCT §7, DESIGN §6)."""

from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory import full_counts, ledger
from inventory.models import InventoryTransaction, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError, become
from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Progress

from .. import queries, reconciliation
from ..models import Count, CountResult, ZoneSession
from .activating import begin
from .locking import in_progress, locked
from .telling import tell_items_counted

TASK = "counts.complete"
# So many lines are posted while one waits; more by a worker.
AT_ONCE = 500
TRIES = 5
# Every stock row in the order of its key, so that nothing moves between reading and posting.
LOCK_STOCK = """
SELECT count(*) FROM (
  SELECT FROM inventory_stockonhand AS held
   WHERE held.location_id = %(location)s AND held.stock_location_id = %(shelf)s AND ({whole}
         OR EXISTS (SELECT FROM counts_countline AS line
                     WHERE line.count_id = %(count)s AND line.product_id = held.product_id))
   ORDER BY held.product_id FOR NO KEY UPDATE) AS locked
"""
VARIANCES = """
SELECT product_id, abs(delta), CASE WHEN delta < 0 THEN %(shelf)s::smallint END,
       CASE WHEN delta >= 0 THEN %(shelf)s::smallint END
  FROM counts_countresult WHERE count_id = %(count)s AND delta IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Completion:
    """The count as it is now; `job` posts it, or None where it is posted already."""

    count: Count
    job: Job | None


class MovedMeanwhile(Exception):
    """A product got its first stock row between reading and posting; everything is undone."""


def complete_count(
    *, pk: int, by: User, note: str = "", associate_id: str = "", may_exceed: bool = True
) -> Completion:
    """Post the variances of a reviewed count: small ones now, others by a worker.

    Args:
        note: the reason for variances beyond the count's tolerance.
        may_exceed: he may complete a count with such variances.

    Raises:
        TransitionNotAllowed: it is not in progress.
        ActionError: zones are being counted, recounts are wanted, lines have no answer, a reason
            is missing, or somebody else has to complete it; the cause is named.
    """
    count = in_progress(pk)
    refuse_unfinished(count)
    refuse_same_person(count, by)
    reconciliation.settle(count)
    found = reconciliation.summary(count)
    refuse_unanswered(found.unanswered)
    if found.beyond_tolerance and not (note.strip() and may_exceed):
        raise beyond(found.beyond_tolerance, may_exceed)
    values = {
        "completion_requested_at": timezone.now(),
        "completion_requested_by": by,
        "completion_note": note.strip(),
    }
    if count.is_full or associate_id:
        values["associate_id"] = associate_id or by.associate
    Count.objects.filter(pk=pk).update(**values)
    if found.lines <= AT_ONCE:
        return Completion(finish_again(pk), None)
    count.refresh_from_db()
    return Completion(count, begin(TASK, count, by, _("Completing %s") % count))


def refuse_unfinished(count: Count) -> None:
    open_ones = ZoneSession.objects.filter(count=count, status=ZoneSession.Status.OPEN)
    if told := [f"{s.zone.name or s.associate_id}" for s in open_ones.select_related("zone")[:20]]:
        raise ActionError(
            _("These are being counted still: %s. Complete or drop them first.") % ", ".join(told)
        )
    if wanted := queries.open_recounts(count).count():
        raise ActionError(
            ngettext(
                "%s recount is wanted. Have it done or withdraw it first.",
                "%s recounts are wanted. Have them done or withdraw them first.",
                wanted,
            )
            % wanted
        )
    if not count.sessions.filter(status=ZoneSession.Status.COMPLETED).exists():
        raise ActionError(_("Nothing was counted yet. Count first, or cancel it."))
    if not count.is_full:
        full_counts.refuse_while_counted(count.location_id, [count.stock_location_id])


def refuse_same_person(count: Count, by: User) -> None:
    if settings.COUNT_SECOND_PERSON and count.sessions.filter(by=by).exists():
        raise ActionError(_("You counted here, so somebody else has to complete the count."))


def refuse_unanswered(number: int) -> None:
    if number:
        raise ActionError(
            ngettext(
                "%s line waits for an answer. Review it first.",
                "%s lines wait for an answer. Review them first.",
                number,
            )
            % number
        )


def beyond(number: int, may_exceed: bool) -> ActionError:
    if not may_exceed:
        told = ngettext(
            "%s line differs by more than the tolerance. A manager has to complete the count.",
            "%s lines differ by more than the tolerance. A manager has to complete the count.",
            number,
        )
    else:
        told = ngettext(
            "%s line differs by more than the tolerance. Give a reason for it.",
            "%s lines differ by more than the tolerance. Give a reason for it.",
            number,
        )
    return ActionError(told % number)


def finish_count(pk: int, progress: Progress) -> Count:
    """The job's part: everything in one transaction, so that it is done once or not at all.

    Raises:
        ActionError: it was cancelled meanwhile, or what moved since asks a new question; then it
            is back in review.
    """
    try:
        with progress.transaction():
            return finish_again(pk)
    except ActionError:
        with progress.transaction():
            back_to_review(pk)
        raise


def finish_again(pk: int) -> Count:
    """`finish()` until nothing moved in between; each try undone as a whole."""
    for _number in range(TRIES):
        with suppress(MovedMeanwhile), transaction.atomic():
            return finish(pk)
    raise RuntimeError(f"count {pk}: new products kept arriving in {TRIES} tries")


def back_to_review(pk: int) -> None:
    open_one = Count.objects.filter(pk=pk, status=Count.Status.IN_PROGRESS)
    open_one.update(completion_requested_at=None, completion_requested_by=None)


def finish(pk: int) -> Count:
    """Lock, read, post, tell, become; inside the caller's transaction.

    Raises:
        ActionError: as `finish_count`.
        MovedMeanwhile: the transaction has to be undone and done again.
    """
    count = locked(pk)
    if count.status == Count.Status.COMPLETED:
        return count
    if count.status != Count.Status.IN_PROGRESS or not count.completion_requested_at:
        raise ActionError(
            _("%(count)s is %(status)s, so it is not completed.")
            % {"count": count, "status": count.get_status_display()}
        )
    frozen_at, arrived = hold_stock(count)
    reconciliation.freeze(count)
    results = CountResult.objects.filter(count=count)
    refuse_unanswered(results.exclude(question="").filter(choice="").count())
    posting = post(count)
    refuse_moved(count, arrived)
    document = InventoryTransaction.objects.get(pk=posting.transaction_id)
    become(
        count,
        Count.Status.COMPLETED,
        completed_at=document.completed_at,
        frozen_at=frozen_at,
        transaction=document,
        currency=count.location.pricebook.currency if count.location.pricebook else "",
    )
    full_counts.release(count=count.uuid)
    tell_items_counted(count)
    return count


def hold_stock(count: Count) -> tuple:
    """Until the commit nothing of it moves; the moment from then on, and products without a row."""
    sql = LOCK_STOCK.format(whole="true" if count.is_full else "false")
    values = {
        "count": count.pk,
        "location": count.location_id,
        "shelf": count.stock_location_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SELECT clock_timestamp()")
        (frozen_at,) = cursor.fetchone()
    reconciliation.settle(count)
    return frozen_at, reconciliation.new_products(count)


def post(count: Count) -> ledger.Posting:
    header = ledger.Header(
        operation_key=f"count:{count.uuid}",
        type=InventoryTransaction.Type.COUNT_ADJUSTMENT,
        location_id=count.location_id,
        associate_id=count.associate_id,
        by_id=count.completion_requested_by_id,
        to_stock_location_id=count.stock_location_id,
        reference=count.external_id or "",
        note=count.completion_note,
        started_at=count.started_at,
    )
    values = {"count": count.pk, "shelf": count.stock_location_id}
    return ledger.post_rows(header, VARIANCES, values, tells_movements=False)


def refuse_moved(count: Count, arrived: list[int]) -> None:
    """A row that did not exist could not be held; what came into it is seen only now."""
    if not arrived or not count.location.is_inventory_master:
        return
    posted = dict(
        CountResult.objects.filter(count=count, product__in=arrived).values_list(
            "product_id", "delta"
        )
    )
    held = StockOnHand.objects.filter(
        location=count.location_id, stock_location=count.stock_location_id, product__in=arrived
    )
    for product, quantity in held.values_list("product_id", "quantity"):
        if quantity != (posted.get(product) or 0):
            raise MovedMeanwhile
