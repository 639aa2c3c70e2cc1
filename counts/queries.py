"""Reads of a count that are no list of one table: zones, progress, who found what where."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from . import permissions
from .models import Count, RecountRequest

# Sessions that count: completed, and no newer one of the same zone took their place.
SESSIONS = """
  SELECT s.id, s.zone_id, s.product_id, s.number, s.opened_at, s.completed_at, s.first_at, s.last_at
    FROM counts_zonesession AS s
   WHERE s.count_id = %(count)s AND s.status = 'COMPLETED'
     AND NOT EXISTS (
       SELECT FROM counts_zonesession AS newer
        WHERE newer.zone_id = s.zone_id AND newer.status = 'COMPLETED'
          AND newer.number > s.number
          AND (newer.product_id IS NULL OR newer.product_id = s.product_id))
"""
# A newer session of one product takes that product's place only.
ACCEPTED = """
  SELECT o.product_id, o.quantity, o.observed_at, s.zone_id
    FROM session AS s JOIN counts_observation AS o ON o.session_id = s.id
   WHERE NOT o.is_late AND o.product_id IS NOT NULL AND {only_observed}
     AND NOT EXISTS (
       SELECT FROM session AS newer
        WHERE newer.zone_id = s.zone_id AND newer.number > s.number
          AND newer.product_id = o.product_id)
"""
IN_ZONES = f"""
WITH session AS MATERIALIZED ({SESSIONS}), accepted AS ({ACCEPTED})
SELECT product_id, zone_id, sum(quantity)::int, min(observed_at), max(observed_at)
  FROM accepted GROUP BY product_id, zone_id ORDER BY product_id, zone_id
"""
# The same with the names of the zones, for files.
FOUND = f"""
WITH session AS MATERIALIZED ({SESSIONS}), accepted AS ({ACCEPTED.format(only_observed="true")})
SELECT accepted.product_id, zone.name, zone.name_key, zone.id, sum(quantity)::int AS units
  FROM accepted JOIN counts_countzone AS zone ON zone.id = accepted.zone_id
 GROUP BY accepted.product_id, zone.id
"""
ZONES = f"""
WITH session AS MATERIALIZED ({SESSIONS}
), accepted AS ({ACCEPTED.format(only_observed="true")}
), counted AS (
  SELECT zone_id, sum(quantity)::int AS units, count(DISTINCT product_id) AS products
    FROM accepted GROUP BY zone_id
), first AS (
  SELECT s.zone_id, sum(o.quantity)::int AS units
    FROM counts_zonesession AS s JOIN counts_observation AS o ON o.session_id = s.id
   WHERE s.count_id = %(count)s AND s.status = 'COMPLETED' AND NOT o.is_late
     AND o.product_id IS NOT NULL AND s.product_id IS NULL
     AND s.number = (SELECT min(number) FROM counts_zonesession AS f
                      WHERE f.zone_id = s.zone_id AND f.status = 'COMPLETED'
                        AND f.product_id IS NULL)
   GROUP BY s.zone_id
), latest AS (
  SELECT DISTINCT ON (zone_id) zone_id, status, associate_id, opened_at, heartbeat_at,
         completed_at
    FROM counts_zonesession WHERE count_id = %(count)s AND status <> 'DROPPED'
   ORDER BY zone_id, number DESC
)
SELECT zone.id, zone.name, zone.is_planned, zone.precounted,
       CASE WHEN latest.zone_id IS NULL THEN 'NEVER' WHEN latest.status = 'OPEN' THEN 'COUNTING'
            ELSE 'COMPLETED' END,
       coalesce(latest.associate_id, ''), latest.opened_at, latest.heartbeat_at,
       latest.completed_at, counted.units, coalesce(counted.products, 0), first.units,
       EXISTS (SELECT FROM counts_recountrequest AS r
                WHERE r.zone_id = zone.id AND r.done_at IS NULL AND r.withdrawn_at IS NULL)
  FROM counts_countzone AS zone
  LEFT JOIN latest ON latest.zone_id = zone.id
  LEFT JOIN counted ON counted.zone_id = zone.id
  LEFT JOIN first ON first.zone_id = zone.id
 WHERE zone.count_id = %(count)s ORDER BY zone.name_key, zone.id
"""
# What the first pass through a zone saw, and what counts now.
RECOUNTED = f"""
WITH session AS MATERIALIZED ({SESSIONS}
), accepted AS ({ACCEPTED.format(only_observed="true")}
), again AS (
  SELECT zone_id, min(number) FILTER (WHERE product_id IS NULL) AS number
    FROM counts_zonesession WHERE count_id = %(count)s AND status = 'COMPLETED'
   GROUP BY zone_id HAVING count(*) > 1
), former AS (
  SELECT again.zone_id, o.product_id, sum(o.quantity)::int AS units
    FROM again JOIN counts_zonesession AS s USING (zone_id, number)
    JOIN counts_observation AS o ON o.session_id = s.id
   WHERE NOT o.is_late AND o.product_id IS NOT NULL GROUP BY again.zone_id, o.product_id
), latest AS (
  SELECT zone_id, product_id, sum(quantity)::int AS units
    FROM accepted WHERE zone_id IN (SELECT zone_id FROM again) GROUP BY zone_id, product_id
), changed AS (
  SELECT zone_id, product_id, coalesce(former.units, 0) AS before,
         coalesce(latest.units, 0) AS now
    FROM former FULL JOIN latest USING (zone_id, product_id)
)
SELECT zone.name, sum(before)::int, sum(now)::int, count(*) FILTER (WHERE before <> now),
       sum((now - before) * price.value)
  FROM changed JOIN counts_countzone AS zone ON zone.id = changed.zone_id
  LEFT JOIN catalog_price AS price
    ON price.pricebook_id = %(pricebook)s AND price.product_id = changed.product_id
 GROUP BY zone.id ORDER BY zone.name_key, zone.id
"""
PROGRESS = """
SELECT (SELECT count(*) FROM counts_countzone WHERE count_id = %(count)s AND is_planned),
       (SELECT count(*) FROM counts_countzone WHERE count_id = %(count)s AND NOT is_planned),
       (SELECT count(DISTINCT zone_id) FROM counts_zonesession
         WHERE count_id = %(count)s AND status = 'COMPLETED' AND product_id IS NULL),
       (SELECT count(*) FROM counts_zonesession WHERE count_id = %(count)s AND status = 'OPEN'),
       (SELECT count(DISTINCT associate_id) FROM counts_zonesession
         WHERE count_id = %(count)s AND status = 'OPEN' AND heartbeat_at > %(lately)s),
       (SELECT coalesce(sum(quantity), 0) FROM counts_observation
         WHERE count_id = %(count)s AND received_at > %(hour)s AND NOT is_late
           AND product_id IS NOT NULL),
       (SELECT count(*) FROM counts_observation
         WHERE count_id = %(count)s AND product_id IS NULL),
       (SELECT count(*) FROM counts_observation WHERE count_id = %(count)s AND is_late)
"""
# Every phone asks for this every few seconds, so nothing in it grows with what was scanned.
STANDING = """
SELECT zone.id, zone.name, zone.is_planned,
       CASE WHEN latest.number IS NULL THEN 'NEVER' WHEN latest.status = 'OPEN' THEN 'COUNTING'
            ELSE 'COMPLETED' END,
       coalesce(latest.associate_id, ''), latest.heartbeat_at, latest.completed_at,
       EXISTS (SELECT FROM counts_recountrequest AS r
                WHERE r.zone_id = zone.id AND r.done_at IS NULL AND r.withdrawn_at IS NULL)
  FROM counts_countzone AS zone LEFT JOIN LATERAL (
    SELECT number, status, associate_id, heartbeat_at, completed_at
      FROM counts_zonesession WHERE zone_id = zone.id AND status <> 'DROPPED'
     ORDER BY number DESC LIMIT 1) AS latest ON true
 WHERE zone.count_id = %(count)s ORDER BY zone.name_key, zone.id
"""
LATELY = timedelta(minutes=5)


def sees_book(user: Any, count: Count) -> bool:
    """Whether he may know what is expected: of a blind count only who completes it (PRODUCT §7)."""
    return not count.is_blind or user.has_perm(permissions.COMPLETE_CYCLE_COUNTS)


class InZone(NamedTuple):
    """`units` of a product that the accepted sessions of a zone saw; primary keys."""

    product_id: int
    zone_id: int
    units: int
    first_at: datetime
    last_at: datetime


class ZoneRow(NamedTuple):
    """A zone with what was accepted in it; `status` is NEVER, COUNTING or COMPLETED.

    `units` is None until a session was completed, `first_units` what the first one saw.
    """

    zone_id: int
    name: str
    is_planned: bool
    precounted: int | None
    status: str
    associate_id: str
    opened_at: datetime | None
    heartbeat_at: datetime | None
    completed_at: datetime | None
    units: int | None
    products: int
    first_units: int | None
    is_recount_asked: bool

    @property
    def difference(self) -> int | None:
        """What was counted beyond the number that was known before."""
        if self.units is None or self.precounted is None:
            return None
        return self.units - self.precounted


class Recounted(NamedTuple):
    """A zone that was counted again: units `before` and `now`, and what that is worth.

    `products` is how many of them changed; `value` is of those with a price in the store's
    currency.
    """

    name: str
    before: int
    now: int
    products: int
    value: Decimal | None

    @property
    def effect(self) -> int:
        return self.now - self.before


class Standing(NamedTuple):
    """Who is in a zone, or was; `status` is NEVER, COUNTING or COMPLETED."""

    zone_id: int
    name: str
    is_planned: bool
    status: str
    associate_id: str
    heartbeat_at: datetime | None
    completed_at: datetime | None
    is_recount_asked: bool


class Figures(NamedTuple):
    """How far the counting is; `units_last_hour` is the pace."""

    planned_zones: int
    unplanned_zones: int
    completed_zones: int
    open_zones: int
    people: int
    units_last_hour: int
    unknown_codes: int
    late_observations: int


def in_zones(count: Count, products: Sequence[int] | None = None) -> list[InZone]:
    """Where the products were found; all of the count's without `products` (primary keys)."""
    only = "true" if products is None else "o.product_id = ANY(%(products)s)"
    values = {"count": count.pk, "products": list(products or ())}
    return [InZone(*row) for row in rows(IN_ZONES.format(only_observed=only), values)]


def zones_of_products(count: Count, products: Sequence[int]) -> dict[int, list[int]]:
    """Product → the zones that hold it, as primary keys."""
    found: dict[int, list[int]] = {}
    for one in in_zones(count, products):
        found.setdefault(one.product_id, []).append(one.zone_id)
    return found


def zones(count: Count) -> list[ZoneRow]:
    """Every zone, planned or met, in the order of its name."""
    return [ZoneRow(*row) for row in rows(ZONES, {"count": count.pk})]


def recounted(count: Count) -> list[Recounted]:
    """The zones that were counted more than once, in the order of their names."""
    values = {"count": count.pk, "pricebook": count.location.pricebook_id}
    return [Recounted(*row) for row in rows(RECOUNTED, values)]


def standing(count: Count) -> list[Standing]:
    """Every zone, planned or met, in the order of its name, without what was counted in it."""
    return [Standing(*row) for row in rows(STANDING, {"count": count.pk})]


def figures(count: Count) -> Figures:
    now = timezone.now()
    values = {"count": count.pk, "lately": now - LATELY, "hour": now - timedelta(hours=1)}
    return Figures(*rows(PROGRESS, values)[0])


def open_recounts(count: Count) -> QuerySet[RecountRequest]:
    """What is to be counted again, oldest first."""
    asked = RecountRequest.objects.filter(
        count=count, done_at__isnull=True, withdrawn_at__isnull=True
    )
    return asked.select_related("zone", "product").order_by("pk")


def rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
