"""Events stay 30 days; what was not delivered by then has expired (CONTRACT §3.1)."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from . import integrations
from .models import Attempt, Delivery, Event, Integration, LogEntry

KEPT = timedelta(days=30)
# What expired can be seen as long as this; then the event goes with all that is known of it.
SEEN_AFTER = timedelta(days=7)
BATCH = 5_000

EXPIRE = """
UPDATE eventstream_delivery SET state = 'EXPIRED', finished_at = clock_timestamp(), lease_until = NULL
 WHERE id IN (SELECT d.id FROM eventstream_delivery d JOIN eventstream_event e ON e.id = d.event_id
               WHERE d.integration_id = %s AND d.state = 'PENDING' AND e.published_at < %s
               ORDER BY d.id LIMIT %s)
"""


def forget_the_past() -> None:
    now = timezone.now()
    for integration in Integration.objects.order_by("pk"):
        if expired := in_batches(EXPIRE, integration.pk, now - KEPT):
            integrations.log(
                integration.pk, LogEntry.Action.STOPPED, f"{expired} events expired after 30 days"
            )
    while forget_events(now - KEPT - SEEN_AFTER):
        continue
    LogEntry.objects.filter(created_at__lt=now - KEPT).delete()
    for gone in Integration.objects.filter(deleted_at__isnull=False):
        forget_integration(gone)


def in_batches(statement: str, *values: Any) -> int:
    """Short transactions, so that nobody waits for a month of rows."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [*values, BATCH])
            if not cursor.rowcount:
                return total
            total += cursor.rowcount


def forget_events(before: object) -> bool:
    ids = list(
        Event.objects.filter(published_at__lt=before)
        .order_by("published_at", "id")
        .values_list("pk", flat=True)[:BATCH]
    )
    with transaction.atomic():
        deliveries = list(Delivery.objects.filter(event__in=ids).values_list("pk", flat=True))
        Attempt.objects.filter(delivery__in=deliveries)._raw_delete("default")
        Delivery.objects.filter(pk__in=deliveries)._raw_delete("default")
        Event.objects.filter(pk__in=ids)._raw_delete("default")
    return bool(ids)


def forget_integration(gone: Integration) -> None:
    """Its deliveries, then itself; an act that began before the deletion has ended by now."""
    for table in ("eventstream_attempt", "eventstream_delivery"):
        in_batches(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE integration_id = %s LIMIT %s)",  # noqa: S608
            gone.pk,
        )
    if gone.deleted_at and gone.deleted_at < timezone.now() - timedelta(days=1):
        gone.delete()
