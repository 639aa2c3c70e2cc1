"""Writing down what became of parcels: fenced by their leases, in one transaction per batch."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from . import clock, integrations
from .claiming import release
from .models import MOST_REJECTED, Delivery, Integration
from .parcels import Claimed, Outcome
from .schedule import TRIES, Verdict, retries_remaining, verdict, wait

# Whoever lost the lease changes nothing and is in no log: another one tells the same.
SETTLE = """
WITH told AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(leases)s::int[], %(states)s::text[], %(codes)s::int[],
    %(bodies)s::text[], %(times)s::int[], %(moments)s::float8[], %(left)s::int[], %(files)s::text[])
    AS t(id, lease, state, code, body, milliseconds, moment, remaining, filename)),
kept AS (
  UPDATE eventstream_delivery d
     SET state = told.state, lease_until = NULL,
         finished_at = CASE WHEN told.state = 'PENDING' THEN NULL ELSE %(now)s END
    FROM told WHERE d.id = told.id AND d.lease = told.lease AND d.state = 'PENDING'
  RETURNING d.id, d.event_id, d.integration_id, told.*)
INSERT INTO eventstream_attempt (delivery_id, event_id, integration_id, attempted_at, status, code,
       body, response_time_ms, retries_remaining, filename)
SELECT kept.id, event_id, integration_id, to_timestamp(moment),
       CASE WHEN code BETWEEN 200 AND 299 THEN 'SUCCESS' ELSE 'FAILURE' END,
       code, body, milliseconds, remaining, filename
  FROM kept
RETURNING delivery_id
""".replace(
    "d.integration_id, told.*",
    "d.integration_id, code, body, milliseconds, moment, remaining, filename",
)


def settle(outcomes: Sequence[Outcome]) -> None:
    """Every outcome into its delivery, its attempts and its stream."""
    if not outcomes:
        return
    ordered = sorted(outcomes, key=lambda outcome: outcome.parcel.integration_id)
    with transaction.atomic():
        now = clock.now()
        streams = locked({outcome.parcel.integration_id for outcome in ordered})
        release([one for o in ordered if o.code is None for one in o.parcel.deliveries])
        for pk, group in groupby(ordered, key=lambda outcome: outcome.parcel.integration_id):
            sent = [outcome for outcome in group if outcome.code is not None]
            if sent:
                settle_stream(streams[pk], sent, now)


def locked(ids: Iterable[int]) -> dict[int, Integration]:
    rows = Integration.objects.select_for_update(no_key=True).order_by("pk")
    return {row.pk: row for row in rows.filter(pk__in=list(ids))}


def settle_stream(stream: Integration, outcomes: list[Outcome], now: datetime) -> None:
    """The outcomes of one integration, whose row is locked."""
    meanings = [meaning(stream, outcome) for outcome in outcomes]
    states = dict.fromkeys((Verdict.RETRY, Verdict.STOP), Delivery.State.PENDING)
    states[Verdict.DELIVERED] = Delivery.State.DELIVERED
    states[Verdict.REJECTED] = Delivery.State.REJECTED
    room = MOST_REJECTED
    if Verdict.REJECTED in meanings:
        # The next one after a full list stops the stream (CONTRACT, decisions).
        room -= Delivery.objects.filter(integration=stream, state=Delivery.State.REJECTED).count()
    for index, found in enumerate(meanings):
        if found is Verdict.REJECTED:
            meanings[index] = Verdict.REJECTED if room > 0 else Verdict.STOP
            room -= 1
    kept = record([(o, states[m]) for o, m in zip(outcomes, meanings, strict=True)], now)
    told = [
        (outcome, found)
        for outcome, found in zip(outcomes, meanings, strict=True)
        if outcome.parcel.deliveries[0].id in kept
    ]
    if told:
        move(stream, told, now)


def meaning(stream: Integration, outcome: Outcome) -> Verdict:
    found = verdict(outcome.code or 0)
    is_file = stream.target == Integration.Target.S3
    # A bucket refuses no single event.
    return Verdict.RETRY if is_file and found is Verdict.REJECTED else found


def record(outcomes: Iterable[tuple[Outcome, str]], now: datetime) -> set[int]:
    """Deliveries and attempts, in one statement; ids of those whose lease was still ours."""
    rows = [row for outcome, state in outcomes for row in rows_of(outcome, state)]
    names = ("ids", "leases", "states", "codes", "bodies", "times", "moments", "left", "files")
    values: dict[str, Any] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, {**values, "now": now})
        return {pk for (pk,) in cursor.fetchall()}


def rows_of(outcome: Outcome, state: str) -> Iterable[tuple]:
    is_over = state != Delivery.State.PENDING
    for one in outcome.parcel.deliveries:
        yield (
            one.id,
            one.lease,
            str(state),
            outcome.code,
            outcome.body,
            outcome.milliseconds,
            outcome.attempted_at,
            0 if is_over and state == Delivery.State.REJECTED else retries_remaining(one.attempts),
            outcome.filename,
        )


def move(stream: Integration, told: list[tuple[Outcome, Verdict]], now: datetime) -> None:
    """What the outcomes mean for the stream as a whole."""
    failed = [(o, v) for o, v in told if v in (Verdict.RETRY, Verdict.STOP)]
    changes: dict[str, Any] = {}
    if len(failed) < len(told):
        changes["last_success_at"] = now
        if stream.target == Integration.Target.S3:
            changes["last_file_at"] = now
    if failed:
        changes["last_failure_at"] = now
    if any(o.parcel.is_probe for o, v in told if v not in (Verdict.RETRY, Verdict.STOP)):
        # Only an answer to what was sent after the failure says that the receiver is well.
        stream.failures = 0
        changes |= {"failures": 0, "resume_at": None}
    for outcome, found in failed:
        if found is Verdict.STOP:
            integrations.halt(stream.pk, why_stopped(outcome))
        elif head(outcome).attempts >= TRIES:
            integrations.halt(
                stream.pk,
                f"Event {head(outcome).event_uuid} failed {TRIES} times; the last answer: {said(outcome)}",
            )
        elif outcome.parcel.is_probe or not stream.failures:
            stream.failures += 1
            delay = wait(head(outcome).attempts, outcome.retry_after)
            changes |= {
                "failures": stream.failures,
                "resume_at": integrations.later(now, delay),
            }
            integrations.log_retry(stream.pk, f"{said(outcome)}; next try in {delay:.0f} s")
        elif outcome.retry_after:
            later = integrations.later(now, wait(1, outcome.retry_after))
            changes["resume_at"] = max(later, changes.get("resume_at") or stream.resume_at or later)
    Integration.objects.filter(pk=stream.pk).update(**changes)


def head(outcome: Outcome) -> Claimed:
    return outcome.parcel.deliveries[0]


def said(outcome: Outcome) -> str:
    return f"HTTP {outcome.code}" if outcome.code else outcome.body or "no answer"


def why_stopped(outcome: Outcome) -> str:
    if outcome.code == 403:
        return "The receiver answered 403"
    return f"The receiver answered 400 and its list of {MOST_REJECTED} rejected events is full"
