"""Writing down what was seen: once by key, dated when it was seen, whenever it arrives."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError

MOST = 1_000
# A device that says more was off for longer than any count lasts.
OLDEST = 30 * 24 * 60 * 60


class Seen(NamedTuple):
    """One scan or typed number.

    `key` is the device's own text for it, at most 64 characters; `age` the seconds since it was
    made, by the device's steady clock. Without `product_id` (primary key) it is a code that
    nobody knows.
    """

    key: str
    quantity: int
    age: float = 0.0
    product_id: int | None = None
    code: str = ""


class Observed(NamedTuple):
    """How many were new, and how many of these came too late to be counted."""

    written: int
    late: int


# One row, so that all of one zone follow each other and none meets the completing of it.
LOCK = """
SELECT s.id, s.count_id, s.status, s.by_id, s.taken_over_at, s.associate_id, c.started_at,
       CASE WHEN c.type = 'FULL' THEN 0 END AS expected, s.product_id, z.name
  FROM counts_zonesession AS s JOIN counts_count AS c ON c.id = s.count_id
  JOIN counts_countzone AS z ON z.id = s.zone_id
 WHERE s.id = %s FOR NO KEY UPDATE OF s
"""
# `received` is read once, so that no observation lies in the future of its own row.
STATEMENT = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS received
), dated AS (
  SELECT typed.*, received,
         least(received, greatest(received - make_interval(secs => age), %(started)s)) AS observed
    FROM clock, unnest(%(keys)s::text[], %(products)s::int[], %(codes)s::text[],
                       %(quantities)s::int[], %(ages)s::float8[])
           AS typed(key, product_id, code, quantity, age)
), written AS (
  INSERT INTO counts_observation (
    session_id, count_id, key, product_id, code, quantity, observed_at, received_at, is_late,
    associate_id)
  SELECT %(session)s, %(count)s, key, product_id, code, quantity, observed, received,
         %(is_over)s OR coalesce(observed > %(lost)s, false), %(associate)s
    FROM dated
  ON CONFLICT (session_id, key) DO NOTHING
  RETURNING product_id, is_late
), met AS (
  INSERT INTO counts_countline (count_id, product_id, expected, is_listed)
  SELECT DISTINCT %(count)s, product_id, %(expected)s::int, false
    FROM written
   WHERE product_id IS NOT NULL AND NOT is_late AND NOT EXISTS (
     SELECT FROM counts_countline AS line
      WHERE line.count_id = %(count)s AND line.product_id = written.product_id)
   ORDER BY product_id
  ON CONFLICT DO NOTHING
), heard AS (
  UPDATE counts_zonesession SET heartbeat_at = received FROM clock
   WHERE id = %(session)s AND status = 'OPEN' AND by_id = %(by)s
)
SELECT count(*), count(*) FILTER (WHERE is_late) FROM written
"""
DIFFERENT = """
SELECT kept.key FROM counts_observation AS kept
  JOIN unnest(%(keys)s::text[], %(products)s::int[], %(codes)s::text[], %(quantities)s::int[])
    AS typed(key, product_id, code, quantity) ON typed.key = kept.key
 WHERE kept.session_id = %(session)s
   AND (kept.product_id IS DISTINCT FROM typed.product_id OR kept.code <> typed.code
        OR kept.quantity <> typed.quantity)
 LIMIT 1
"""


def observe(*, pk: int, seen: Sequence[Seen], by: User, associate_id: str = "") -> Observed:
    """Keep what was seen in a session; a key that came before is not written again.

    What arrives after its zone was completed, or was scanned after somebody took the zone over,
    is kept, marked late and never counted.

    Raises:
        ActionError: no such session of his, nothing seen, a quantity or age out of range, or a
            key that stands for something else already.
    """
    check(seen)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [pk])
        session = cursor.fetchone()
        if session is None:
            raise ActionError(_("There is no such session. Open the zone first."))
        values = placeholders(session, seen, by, associate_id)
        cursor.execute(STATEMENT, values)
        observed = Observed(*cursor.fetchone())
        if observed.written < len(seen):
            cursor.execute(DIFFERENT, values)
            if different := cursor.fetchone():
                raise ActionError(
                    _("The key %s stands for another observation already.") % different[0]
                )
    return observed


def placeholders(
    session: tuple, seen: Sequence[Seen], by: User, associate_id: str
) -> dict[str, Any]:
    pk, count, status, holder, taken_at, associate, started, expected, product, zone = session
    if holder != by.pk and taken_at is None:
        raise ActionError(
            _("%(associate)s is counting %(zone)s.") % {"associate": associate, "zone": zone}
        )
    if product and any(one.product_id != product for one in seen):
        raise ActionError(_("Only one product is counted again here."))
    return {
        "session": pk,
        "count": count,
        "expected": expected,
        "started": started,
        "is_over": status != "OPEN",
        # What he scanned while the zone was his counts; afterwards it is another's.
        "lost": taken_at if holder != by.pk else None,
        "by": by.pk,
        "associate": associate_id or by.associate,
        "keys": [one.key for one in seen],
        "products": [one.product_id for one in seen],
        "codes": [one.code for one in seen],
        "quantities": [one.quantity for one in seen],
        "ages": [float(one.age) for one in seen],
    }


def check(seen: Sequence[Seen]) -> None:
    if not 0 < len(seen) <= MOST:
        raise ActionError(_("Send 1 to %s observations at once.") % MOST)
    if len({one.key for one in seen}) < len(seen):
        raise ActionError(_("Two observations of one call have the same key."))
    for one in seen:
        if not 0 < len(one.key) <= 64 or len(one.code) > 256:
            raise ActionError(_("A key has 1 to 64 characters, a code at most 256."))
        if one.product_id is None and not one.code:
            raise ActionError(_("An observation is of a product or of a code."))
        if abs(one.quantity) > MAX_QUANTITY:
            raise ActionError(_("%s is no quantity that can be counted.") % one.quantity)
        if not 0 <= one.age <= OLDEST:
            raise ActionError(_("%s seconds is no age of an observation.") % one.age)
