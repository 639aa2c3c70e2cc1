"""Who holds a job: claimed under a number, renewed with progress, let go with the result.

The number is the fence: whatever a holder writes carries `lease = his number`, so that one who was
slow and was followed by another changes nothing any more (DESIGN §5, RELIABILITY rules 14 and 16).
The clock is the database's.
"""

from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

# A job that tells no progress for so long is taken over, unless its transaction is still open.
LEASE_SECONDS = 60
MOST_ATTEMPTS = 10
LONGEST_PAUSE = 300
MINE = "id = %(id)s AND lease = %(lease)s AND state = 'RUNNING'"

# `FOR UPDATE` passes over a row whose holder is inside `Progress.transaction()`.
CLAIM = """
UPDATE jobs_job SET state = 'RUNNING', lease = lease + 1, attempts = attempts + 1,
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s),
       started_at = coalesce(started_at, clock_timestamp())
 WHERE id = (SELECT id FROM jobs_job
              WHERE (state = 'QUEUED' AND due_at <= clock_timestamp())
                 OR (state = 'RUNNING' AND lease_until < clock_timestamp())
              ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, lease, attempts, is_cancel_asked
"""
RENEW = f"""
UPDATE jobs_job SET lease_until = clock_timestamp() + make_interval(secs => %(seconds)s),
       done = %(done)s, total = %(total)s
 WHERE {MINE} RETURNING is_cancel_asked
"""
HOLD = f"SELECT is_cancel_asked FROM jobs_job WHERE {MINE} FOR KEY SHARE"
FINISH = f"""
UPDATE jobs_job SET state = %(state)s, result = %(result)s, error = %(error)s, lease_until = NULL,
       done = CASE WHEN %(state)s = 'DONE' THEN coalesce(total, done) ELSE done END,
       finished_at = clock_timestamp()
 WHERE {MINE}
"""
RELEASE = f"""
UPDATE jobs_job SET state = 'QUEUED', error = %(error)s, lease_until = NULL,
       due_at = clock_timestamp() + make_interval(secs => %(pause)s)
 WHERE {MINE}
"""


class Lease(NamedTuple):
    """A claim of one job: its primary key, the number of the claim and how many there were."""

    id: int
    lease: int
    attempts: int


class LeaseLost(Exception):
    """Somebody else has the job now: nothing of ours counts any more."""


class Cancelled(Exception):
    """The owner asked for the end of the job."""


def claim(seconds: float = LEASE_SECONDS) -> Lease | None:
    """The job that is due for the longest time, for `seconds`; None when nothing is due.

    A job that was asked to end ends here, and one that has killed its worker MOST_ATTEMPTS times
    fails with that cause; neither is returned.
    """
    while True:
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, {"seconds": seconds})
            found = cursor.fetchone()
        if found is None:
            return None
        *numbers, is_cancel_asked = found
        held = Lease(*numbers)
        if is_cancel_asked:
            finish(held, "CANCELLED")
        elif held.attempts > MOST_ATTEMPTS:
            told = _("It was started %d times and never came to its end.") % MOST_ATTEMPTS
            finish(held, "FAILED", error=told)
        else:
            return held


def finish(held: Lease, state: str, *, result: dict | None = None, error: str = "") -> bool:
    """Write the end of the job; False when the lease was lost, and then nothing is written."""
    told = {"state": state, "result": Jsonb(result or {}), "error": error}
    return change(FINISH, held, **told) == 1


def release(held: Lease, *, error: str, pause: float) -> bool:
    """Put the job back, due in `pause` seconds; False when the lease was lost."""
    return change(RELEASE, held, error=error, pause=pause) == 1


def pause_after(attempts: int) -> float:
    """Seconds to wait after so many failed attempts: 2, 4, 8 … at most LONGEST_PAUSE."""
    return min(2**attempts, LONGEST_PAUSE)


def change(sql: str, held: Lease, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"id": held.id, "lease": held.lease, **values})
        return cursor.rowcount
