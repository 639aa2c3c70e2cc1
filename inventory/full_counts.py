"""Which stock locations are being counted as a whole, and who must wait for that (PRODUCT §7).

The lock is of the store's stock location, not of a row: there is a row only while a count runs.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from .models import ActiveFullCount

LOCK = "SELECT pg_advisory_xact_lock{shared}(hashtextextended(%s, 0))"


class CountedNow(ActionError):
    """A full count of the place runs, and what was asked would contradict it; `count` is its id."""

    def __init__(self, message: str, count: UUID) -> None:
        super().__init__(message)
        self.count = count


def lock(location_id: int, stock_location_id: int, *, shared: bool) -> None:
    """Until the transaction ends: alone to begin or end a full count, shared to rely on none."""
    sql = LOCK.format(shared="_shared" if shared else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"full count of {location_id}/{stock_location_id}"])


def refuse_while_counted(location_id: int, stock_location_ids: Iterable[int | None]) -> None:
    """No full count of these begins before the caller's transaction ends.

    Raises:
        CountedNow: one is running.
    """
    shelves = sorted({shelf for shelf in stock_location_ids if shelf})
    for shelf in shelves:
        lock(location_id, shelf, shared=True)
    running = ActiveFullCount.objects.filter(
        location_id=location_id, stock_location_id__in=shelves
    ).first()
    if running:
        raise CountedNow(
            _(
                "The full count %(count)s is running here and says how many there are."
                " Count it there, or wait for its end."
            )
            % {"count": running.name},
            running.count_uuid,
        )


def hold(location_id: int, stock_location_id: int, *, count: UUID, name: str) -> None:
    """From the caller's commit on, the place is being counted."""
    lock(location_id, stock_location_id, shared=False)
    ActiveFullCount.objects.create(
        location_id=location_id, stock_location_id=stock_location_id, count_uuid=count, name=name
    )


def release(*, count: UUID) -> None:
    """The count has ended, one way or the other."""
    ActiveFullCount.objects.filter(count_uuid=count).delete()
