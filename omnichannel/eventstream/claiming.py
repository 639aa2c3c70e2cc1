"""Taking due deliveries under a lease, in a short transaction (RELIABILITY rules 14, 16, 17).

Order of locks: integration, then delivery; settling keeps it too.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection, transaction

from . import clock, integrations
from .models import Integration
from .parcels import Claimed, Parcel
from .schedule import TRIES

# Longer than a parcel waits in a lane and is sent; a worker that died holds it no longer.
LEASE_SECONDS = 60
# What may be left of a lease when a try begins: the longest try, and room to tell of it.
LAST_START = LEASE_SECONDS - 25
FILE_BYTES = 50_000_000
FILE_SECONDS = 300
MOST_IN_FILE = 20_000
# How often a bucket's backlog is weighed: it costs a read of the backlog.
WEIGH_SECONDS = 3.0

# A stream that another drain claims from in this moment is left to it.
OPEN = """
SELECT i.id, i.failures > 0, i.target, i.last_file_at, i.created_at
  FROM eventstream_integration i
 WHERE i.status = 'RUNNING' AND i.deleted_at IS NULL
   AND (i.resume_at IS NULL OR i.resume_at <= %(now)s) AND NOT i.id = ANY(%(full)s)
 ORDER BY i.id FOR NO KEY UPDATE SKIP LOCKED
"""
TAKE = """
WITH picked AS MATERIALIZED (
  SELECT d.id FROM unnest(%(ids)s::int[], %(rooms)s::int[]) AS open(id, room)
   CROSS JOIN LATERAL (
     SELECT w.id FROM eventstream_delivery w
      WHERE w.integration_id = open.id AND w.state = 'PENDING'
        AND (w.lease_until IS NULL OR w.lease_until < %(now)s)
      ORDER BY w.id LIMIT open.room FOR UPDATE SKIP LOCKED) d)
UPDATE eventstream_delivery d
   SET lease = d.lease + 1, attempts = d.attempts + 1, lease_until = %(until)s
  FROM picked, eventstream_event e
 WHERE d.id = picked.id AND e.id = d.event_id
RETURNING d.id, d.lease, d.attempts, d.integration_id, e.id, e.uuid, e.body
"""
# Of a stream that failed, the event at its head and no other; while it is under way, none.
TAKE_HEAD = """
UPDATE eventstream_delivery d
   SET lease = d.lease + 1, attempts = d.attempts + 1, lease_until = %(until)s
  FROM unnest(%(ids)s::int[]) AS open(id)
 CROSS JOIN LATERAL (
   SELECT w.id, w.lease_until, w.event_id FROM eventstream_delivery w
    WHERE w.integration_id = open.id AND w.state = 'PENDING'
    ORDER BY w.id LIMIT 1) head
  JOIN eventstream_event e ON e.id = head.event_id
 WHERE d.id = head.id AND (head.lease_until IS NULL OR head.lease_until < %(now)s)
RETURNING d.id, d.lease, d.attempts, d.integration_id, e.id, e.uuid, e.body
"""
WEIGH = """
SELECT coalesce(sum(octet_length(e.body) + 1), 0), count(*)
  FROM (SELECT event_id FROM eventstream_delivery
         WHERE integration_id = %s AND state = 'PENDING'
           AND (lease_until IS NULL OR lease_until < %s) ORDER BY id LIMIT %s) w
  JOIN eventstream_event e ON e.id = w.event_id
"""
ANY_DUE = """
SELECT EXISTS (
  SELECT FROM eventstream_integration i
   WHERE i.status = 'RUNNING' AND i.deleted_at IS NULL
     AND (i.resume_at IS NULL OR i.resume_at <= %(now)s)
     AND (i.target = 'WEBHOOK' OR coalesce(i.last_file_at, i.created_at) <= %(file_due)s)
     AND EXISTS (SELECT FROM eventstream_delivery d
                  WHERE d.integration_id = i.id AND d.state = 'PENDING'
                    AND (d.lease_until IS NULL OR d.lease_until < %(now)s)))
"""
BUCKETS = """
SELECT id FROM eventstream_integration
 WHERE status = 'RUNNING' AND deleted_at IS NULL AND target = 'S3'
   AND (resume_at IS NULL OR resume_at <= %s)
"""
weighed_at: dict[int, float] = {}


class Open(NamedTuple):
    """A stream from which may be claimed now."""

    id: int
    is_probing: bool
    target: str
    last_file_at: datetime | None
    created_at: datetime


def claim(rooms: Mapping[int, int], usual: int) -> list[Parcel]:
    """Parcels that are ours to send for the next LEASE_SECONDS, at most `rooms` per integration.

    `usual` is the room of an integration that is not named. A delivery whose tries are used up
    without an answer, because its worker died in each, stops its integration instead.
    """
    with transaction.atomic():
        now = clock.now()
        until = integrations.later(now, LEASE_SECONDS)
        full = [pk for pk, room in rooms.items() if room <= 0]
        with connection.cursor() as cursor:
            cursor.execute(OPEN, {"now": now, "full": full})
            streams = [Open(*row) for row in cursor.fetchall()]
        hooks = [stream for stream in streams if stream.target == Integration.Target.WEBHOOK]
        well = [stream.id for stream in hooks if not stream.is_probing]
        ill = [stream.id for stream in hooks if stream.is_probing]
        values: dict[str, Any] = {"now": now, "until": until}
        taken: list[Claimed] = []
        if well:
            room_of = [rooms.get(pk, usual) for pk in well]
            taken += take(TAKE, {**values, "ids": well, "rooms": room_of})
        if ill:
            taken += take(TAKE_HEAD, {**values, "ids": ill})
        parcels = [
            Parcel(one.integration_id, (one,), one.integration_id in ill, last_start())
            for one in taken
        ]
        for stream in streams:
            if stream.target == Integration.Target.S3 and is_file_due(stream, now):
                room = {"ids": [stream.id], "rooms": [MOST_IN_FILE]}
                if members := up_to(take(TAKE, {**values, **room}), FILE_BYTES):
                    parcels.append(Parcel(stream.id, members, stream.is_probing, last_start()))
        parcels.sort(key=attrgetter("integration_id"))
        return [parcel for parcel in parcels if not is_worn_out(parcel)]


def last_start() -> float:
    return time.monotonic() + LAST_START


def take(statement: str, values: Mapping[str, Any]) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return sorted(Claimed(*row) for row in cursor.fetchall())


def is_file_due(stream: Open, now: datetime) -> bool:
    """Every five minutes, or as soon as a file is full (CONTRACT §3.1)."""
    last = stream.last_file_at or stream.created_at
    if stream.is_probing or (now - last).total_seconds() >= FILE_SECONDS:
        return True
    return is_file_full(stream.id, now)


def is_file_full(integration_id: int, now: datetime) -> bool:
    moment = time.monotonic()
    if moment - weighed_at.get(integration_id, float("-inf")) < WEIGH_SECONDS:
        return False
    with connection.cursor() as cursor:
        cursor.execute(WEIGH, [integration_id, now, MOST_IN_FILE])
        size, number = cursor.fetchone()
    is_full = size >= FILE_BYTES or number >= MOST_IN_FILE
    if not is_full:
        weighed_at[integration_id] = moment
    return is_full


def up_to(claimed: list[Claimed], most: int) -> list[Claimed]:
    """The first of them that fit a file; the others are given back."""
    kept: list[Claimed] = []
    size = 0
    for one in claimed:
        size += len(one.body.encode()) + 1
        if kept and size > most:
            break
        kept.append(one)
    release(claimed[len(kept) :])
    return kept


RELEASE = """
UPDATE eventstream_delivery d SET lease_until = NULL, attempts = d.attempts - 1
  FROM unnest(%s::bigint[], %s::int[]) AS mine(id, lease)
 WHERE d.id = mine.id AND d.lease = mine.lease AND d.state = 'PENDING'
"""


def release(claimed: list[Claimed]) -> None:
    """Give back what was never tried."""
    if claimed:
        with connection.cursor() as cursor:
            cursor.execute(RELEASE, [[one.id for one in claimed], [one.lease for one in claimed]])


def is_worn_out(parcel: Parcel) -> bool:
    """Tried to the end without an answer: something in it kills workers, so it stops the stream."""
    if all(one.attempts <= TRIES for one in parcel.deliveries):
        return False
    release(list(parcel.deliveries))
    integrations.halt(
        parcel.integration_id,
        f"Event {parcel.deliveries[0].event_uuid} was tried {TRIES} times and no try came to an end",
    )
    return True


def is_any_due() -> bool:
    now = clock.now()
    with connection.cursor() as cursor:
        file_due = integrations.later(now, -FILE_SECONDS)
        cursor.execute(ANY_DUE, {"now": now, "file_due": file_due})
        if cursor.fetchone()[0]:
            return True
        cursor.execute(BUCKETS, [now])
        buckets = [pk for (pk,) in cursor.fetchall()]
    return any(is_file_full(pk, now) for pk in buckets)
