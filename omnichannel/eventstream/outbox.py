"""Where every fact leaves: written in the transaction of the act that makes it so (DESIGN §5)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.utils import timezone

from .models import Integration
from .names import EVENT_NAMES, entity_of
from .nudging import nudge_on_commit

Item = TypeVar("Item")
CHUNK = 500
# "EVTS": publishers share it, who registers an integration holds it alone; so every event that
# is committed was written by somebody who saw every integration registered before (I12).
REGISTRY_LOCK = 0x45565453

PUBLISH = """
WITH told AS (
  INSERT INTO eventstream_event (uuid, name, entity_id, published_at, body)
  VALUES (%(uuid)s, %(name)s, %(entity_id)s, %(now)s, %(body)s) RETURNING id)
INSERT INTO eventstream_delivery
       (uuid, event_id, integration_id, state, attempts, lease, created_at)
SELECT gen_random_uuid(), told.id, i.id, 'PENDING', 0, 0, %(now)s
  FROM told, eventstream_integration i
 WHERE i.deleted_at IS NULL AND {matches}
   AND (i.type = 'PERMANENT' OR %(now)s BETWEEN i.starts_at AND i.ends_at)
"""
# An empty filter lets everything pass, and two filters add up (CONTRACT §3.5, §9).
MATCHES = """(cardinality(i.event_filter) + cardinality(i.entity_filter) = 0
   OR {name} = ANY(i.event_filter) OR {entity} = ANY(i.entity_filter))"""
STATEMENT = PUBLISH.format(matches=MATCHES.format(name="%(name)s", entity="%(entity)s"))


class OutsideTransaction(RuntimeError):
    """An event of an act that may still be undone, or that was already committed without it."""


class Chunk(NamedTuple):
    number: int
    total: int
    items: Sequence[Any]


def publish(name: str, payload: Mapping[str, Any], *, entity_id: str) -> None:
    """Write the event and one delivery per matching registered integration, running or stopped.

    The body is frozen here: what changes later changes no event. Datetimes of the payload are
    written in UTC with milliseconds, UUIDs as text.

    Args:
        name: one of CONTRACT §3.2.
        payload: as CONTRACT §3.3.
        entity_id: of the document that the event is about, for who looks for it later.

    Raises:
        OutsideTransaction: no transaction of an act is open.
        ValueError: no such event, or a payload that JSON cannot say.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{name} was published outside the transaction of its act.")
    if name not in EVENT_NAMES:
        raise ValueError(f"{name!r} is no event of the contract.")
    now = timezone.now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    values: dict[str, Any] = {
        "uuid": uuid4(),
        "name": name,
        "entity": entity_of(name),
        "entity_id": str(entity_id),
        "now": now,
        "body": envelope(name, payload, now),
    }
    with connection.cursor() as cursor:
        # By itself: a statement sees what was committed before it began, so the lock comes first.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [REGISTRY_LOCK])
        cursor.execute(STATEMENT, values)
        if cursor.rowcount:
            nudge_on_commit()


def envelope(name: str, payload: Mapping[str, Any], published_at: datetime) -> str:
    """The body of a delivery, as CONTRACT §3.1 lays it out."""
    return json.dumps(
        {
            "tenant": settings.TENANT,
            "name": name,
            "published_at": stamp(published_at),
            "payload": payload,
        },
        default=plain,
        allow_nan=False,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def plain(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, UUID):
        return str(value)
    raise ValueError(f"A payload holds {type(value).__name__}, which JSON cannot say.")


def stamp(moment: datetime) -> str:
    """2026-01-05T12:00:00.000Z; a moment without a zone is refused."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone.")
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Chunk]:
    """`items` in pieces of at most `size`, numbered from 1; no items are one empty piece."""
    total = max(1, -(-len(items) // size))
    for number in range(1, total + 1):
        yield Chunk(number, total, items[(number - 1) * size : number * size])


def lock_registry() -> None:
    """Alone until the transaction ends: every publisher before is committed, the next one waits.

    Raises:
        OperationalError: an act that publishes runs longer than the wait.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTRY_LOCK])
        cursor.execute("SET LOCAL lock_timeout = 0")


BACKFILL = f"""
INSERT INTO eventstream_delivery
       (uuid, event_id, integration_id, state, attempts, lease, created_at)
SELECT gen_random_uuid(), e.id, i.id, 'PENDING', 0, 0, clock_timestamp()
  FROM eventstream_integration i
  JOIN eventstream_event e ON e.published_at BETWEEN i.starts_at AND i.ends_at
 WHERE i.id = %s AND {MATCHES.format(name="e.name", entity="split_part(e.name, '.', 1)")}
 ORDER BY e.id
"""


def backfill(integration: Integration) -> int:
    """The kept events of a temporary integration's period, as deliveries; how many."""
    with connection.cursor() as cursor:
        cursor.execute(BACKFILL, [integration.pk])
        return cursor.rowcount
