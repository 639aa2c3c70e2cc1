"""Reads that are no list of one table."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from . import clock
from .models import MOST_REJECTED, Attempt, Delivery, Event, Integration
from .retention import KEPT

MOST_ATTEMPTS = 1_000
MOST_WAITING = 10_000
# A stream that waits for its retry owes nothing before that is due.
OLDEST_DUE = """
SELECT i.id, i.name, head.due_at
  FROM eventstream_integration i
 CROSS JOIN LATERAL (
   SELECT greatest(d.created_at, i.resume_at) AS due_at FROM eventstream_delivery d
    WHERE d.integration_id = i.id AND d.state = 'PENDING' ORDER BY d.id LIMIT 1) head
 WHERE i.deleted_at IS NULL AND i.status = 'RUNNING'
"""


class Health(NamedTuple):
    """How an integration stands; `oldest_at` is when its oldest waiting event happened."""

    waiting: int
    is_more: bool
    oldest_at: datetime | None
    rejected: int
    free: int


def health(integration: Integration) -> Health:
    rows = Delivery.objects.filter(integration=integration, state=Delivery.State.PENDING)
    waiting = rows.order_by()[: MOST_WAITING + 1].count()
    oldest = rows.order_by("id").values_list("event__published_at", flat=True).first()
    rejected = Delivery.objects.filter(
        integration=integration, state=Delivery.State.REJECTED
    ).count()
    return Health(
        min(waiting, MOST_WAITING),
        waiting > MOST_WAITING,
        oldest,
        rejected,
        max(0, MOST_REJECTED - rejected),
    )


def seconds_due() -> dict[str, float]:
    """By running integration, how long its oldest event has been due; 0 where nothing is."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_DUE)
        late = {name: (now - due_at).total_seconds() for _pk, name, due_at in cursor.fetchall()}
    running = Integration.objects.registered().filter(status=Integration.Status.RUNNING)
    return {name: max(0.0, late.get(name, 0.0)) for name in running.values_list("name", flat=True)}


def attempts(
    *,
    since: datetime | None,
    until: datetime | None,
    event: str | None,
    integration: str | None,
    status: str | None,
    entity_id: str | None,
    entity: str | None,
) -> QuerySet[Attempt]:
    """Tries of registered integrations, the newest first, at most MOST_ATTEMPTS."""
    earliest = timezone.now() - KEPT - timedelta(days=1)
    asked: dict[str, Any] = {
        "attempted_at__gte": max(since, earliest) if since else earliest,
        "attempted_at__lte": until,
        "event__name": event,
        "integration__name": integration,
        "status": status,
        "event__entity_id": entity_id,
        "event__name__startswith": f"{entity}." if entity else None,
    }
    rows = Attempt.objects.filter(
        integration__deleted_at=None, **{path: value for path, value in asked.items() if value}
    )
    return rows.select_related("event", "integration").order_by("-attempted_at", "-id")[
        :MOST_ATTEMPTS
    ]


def events_about(entity_ids: Sequence[str]) -> QuerySet[Event]:
    """Kept events of these documents, the newest first."""
    return Event.objects.filter(entity_id__in=entity_ids).order_by("-id")


HOURS = 24
PER_HOUR_TIMEOUT = "800ms"
PER_HOUR = """
SELECT date_trunc('hour', attempted_at, 'UTC'),
       count(*) FILTER (WHERE status = 'SUCCESS'), count(*) FILTER (WHERE status = 'FAILURE')
  FROM eventstream_attempt
 WHERE integration_id = %s AND attempted_at >= %s
 GROUP BY 1
"""


class Hour(NamedTuple):
    """One hour of attempts; the last one has not ended."""

    begin: datetime
    taken: int
    failed: int


def attempts_by_hour(integration: Integration) -> list[Hour] | None:
    """The last HOURS hours, the oldest first; None where there are too many attempts to count."""
    this_hour = clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begins = [this_hour - timedelta(hours=back) for back in reversed(range(HOURS))]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{PER_HOUR_TIMEOUT}'")
            cursor.execute(PER_HOUR, [integration.pk, begins[0]])
            found = {begin: (taken, failed) for begin, taken, failed in cursor.fetchall()}
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        return None
    return [Hour(begin, *found.get(begin, (0, 0))) for begin in begins]
