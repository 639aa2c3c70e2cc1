"""What stood in the books when a full count began, read in one instant (DESIGN §6)."""

from django.db import connection
from django.utils.translation import gettext as _

from inventory import full_counts
from omnichannel.documents import ActionError, become
from omnichannel.jobs.progress import Progress

from .models import Count

TASK = "counts.take_snapshot"
# One statement sees one instant, however long it takes to write down.
STATEMENT = """
INSERT INTO counts_countline (count_id, product_id, expected, is_listed)
SELECT %(count)s, product_id, quantity, true
  FROM inventory_stockonhand
 WHERE location_id = %(location)s AND stock_location_id = %(shelf)s AND quantity <> 0
 ORDER BY product_id
"""
# What was seen before the snapshot, as by an import, has its line already.
AGAIN = """
ON CONFLICT (count_id, product_id) DO UPDATE SET expected = excluded.expected, is_listed = true
"""
LOCKED = "SELECT clock_timestamp() FROM counts_count WHERE id = %s FOR NO KEY UPDATE"


def take(pk: int, progress: Progress) -> int:
    """Take the snapshot and make the count active with it; how many lines.

    One transaction: "active" and "has a snapshot" are one fact. Killed, it did nothing; run
    again after it was done, it does nothing.

    Raises:
        ActionError: the count was cancelled meanwhile.
    """
    with progress.transaction():
        with connection.cursor() as cursor:
            cursor.execute(LOCKED, [pk])
        count = Count.objects.select_related("location").get(pk=pk)
        if count.status == Count.Status.IN_PROGRESS:
            return count.lines.count()
        if not count.is_activating:
            raise ActionError(
                _("%(count)s is %(status)s, so it is not activated.")
                % {"count": count, "status": count.get_status_display()}
            )
        place = {"location_id": count.location_id, "stock_location_id": count.stock_location_id}
        full_counts.hold(**place, count=count.uuid, name=count.name)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (moment,) = cursor.fetchone()
            again = AGAIN if count.lines.exists() else ""
            cursor.execute(
                STATEMENT + again,
                {
                    "count": count.pk,
                    "location": count.location_id,
                    "shelf": count.stock_location_id,
                },
            )
            lines = cursor.rowcount
        progress.tell(lines, lines)
        become(count, Count.Status.IN_PROGRESS, started_at=moment)
    return lines
