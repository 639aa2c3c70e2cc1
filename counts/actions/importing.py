"""A count made elsewhere, as a list of products and quantities (CONTRACT §4.1 stock_import)."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory import full_counts
from inventory.models import MAX_QUANTITY
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError, become
from omnichannel.jobs.progress import Progress

from .. import reconciliation, snapshots
from ..imports import MOST_ROWS, CountedLine
from ..models import Count, CountZone, ZoneSession
from .accepting import accept
from .activating import begin, claim
from .completing import finish_again
from .creating import CountsRefused, create_counts, problems_of_ids
from .locking import locked
from .observing import MOST, Seen, observe
from .zones import name_key

TASK = "counts.finish_import"
ZONE = "Import"


def import_counted(
    *,
    type: str,
    location_id: int,
    stock_location_id: int,
    lines: Sequence[CountedLine],
    due_date: date,
    by: User,
    key: str,
    external_id: str | None = None,
) -> Count:
    """Make a count of what the file says, seen now; a worker posts it if nothing is to be asked.

    Raises:
        CountsRefused: unknown or repeated products, a store that cannot be counted so.
        ActionError: no lines or too many, a quantity out of range, another full count is active.
    """
    products = known_products(lines)
    is_full = type == Count.Type.FULL
    created = create_counts(
        type=type,
        location_ids=[location_id],
        stock_location_id=stock_location_id,
        due_date=due_date,
        by=by,
        key=key,
        product_ids=() if is_full else [line.product_id for line in lines],
        external_id=external_id,
    )
    count = locked(created.batch.counts.get().pk)
    if created.is_replay:
        return count
    full_counts.refuse_while_counted(location_id, [stock_location_id])
    if is_full:
        claim(count, by)
    else:
        started = timezone.now()
        become(count, Count.Status.IN_PROGRESS, started_at=started, associate_id=by.associate)
    write_down(count, [(products[line.product_id], line.quantity) for line in lines], by)
    begin(TASK, count, by, _("Import of %s") % count)
    return count


def known_products(lines: Sequence[CountedLine]) -> dict[str, int]:
    """Primary keys by id of the contract.

    Raises:
        CountsRefused: naming every unknown and every repeated product.
        ActionError: no lines, too many, a quantity out of range.
    """
    if not 0 < len(lines) <= MOST_ROWS:
        raise ActionError(_("A file of counted products has 1 to %s rows.") % MOST_ROWS)
    for line in lines:
        if not 0 <= line.quantity <= MAX_QUANTITY:
            raise ActionError(
                _("%(product)s: %(quantity)s is no quantity that can be counted.")
                % {"product": line.product_id[:80], "quantity": line.quantity}
            )
    asked = [line.product_id for line in lines]
    known = dict(Product.objects.filter(product_id__in=set(asked)).values_list("product_id", "pk"))
    if problems := problems_of_ids(asked, known):
        raise CountsRefused(problems)
    return known


def write_down(count: Count, seen: list[tuple[int, int]], by: User) -> None:
    """One zone, one session, everything in it seen at this moment."""
    name = ZONE if count.is_full else ""
    zone = CountZone.objects.create(
        count=count, name=name, name_key=name_key(name), is_planned=False
    )
    now = timezone.now()
    session = ZoneSession.objects.create(
        count=count,
        zone=zone,
        number=1,
        by=by,
        associate_id=by.associate,
        opened_at=now,
        heartbeat_at=now,
    )
    for start in range(0, len(seen), MOST):
        part = seen[start : start + MOST]
        observe(
            pk=session.pk,
            seen=[Seen(f"row-{start + n}", units, 0, pk) for n, (pk, units) in enumerate(part)],
            by=by,
        )
    accept(session, timezone.now())


def finish_import(pk: int, by: User | None, progress: Progress) -> Count:
    """The job's part: snapshot, then completion, unless somebody has to decide something.

    Raises:
        ActionError: the count was cancelled meanwhile.
    """
    count = Count.objects.get(pk=pk)
    if count.is_full and count.status == Count.Status.PENDING:
        snapshots.take(pk, progress)
    with progress.transaction():
        count = locked(pk)
        if count.status != Count.Status.IN_PROGRESS:
            return count
        reconciliation.settle(count)
        if reconciliation.summary(count).unanswered:
            return count
        Count.objects.filter(pk=pk).update(
            completion_requested_at=timezone.now(),
            completion_requested_by=by,
            associate_id=by.associate if by else count.associate_id,
        )
        return finish_again(pk)
