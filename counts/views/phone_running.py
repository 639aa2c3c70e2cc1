"""What a session has seen so far, beside what there is to compare it with (PRODUCT §7)."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count as Number
from django.db.models import Max, Min, QuerySet, Sum

from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import Unknown
from omnichannel.catalog.scanning import products_of_code

from .. import reconciliation
from ..models import CountLine, Observation, ZoneSession

# Of the products that were scanned the newest are shown; all of them count.
SHOWN = 40
MOST_UNKNOWN = 50
MOST_TO_DO = 60


class Scanned(NamedTuple):
    """`units` of a product in this session; `before` is what the zone's first session saw, or None."""

    product: Product
    units: int
    before: int | None
    is_listed: bool
    newest: int


class ToDo(NamedTuple):
    """A product to look for; `beside` is what is expected, or was seen before, or None."""

    product: Product
    beside: int | None


class Running(NamedTuple):
    """`rows` are the newest products, `by_product` all of them; `to_do` at most MOST_TO_DO.

    `units_before` is the whole first result, None where there is none or a blind count hides it.
    """

    rows: list[Scanned]
    by_product: dict[int, Scanned]
    unknown: list[Unknown]
    units: int
    to_do: list[ToDo]
    left: int
    listed: int
    units_before: int | None
    late: int


def running(session: ZoneSession) -> Running:
    """What the page of an open session shows; a blind count shows only what was counted in it."""
    before = {} if session.count.is_blind else first_result(session)
    found = scanned(session, before)
    has_list = not session.count.is_full and not session.product_id
    lines = CountLine.objects.filter(count=session.count_id, is_listed=True)
    if has_list:
        missing = lines.exclude(product_id__in=list(found)).order_by(
            "product__name_key", "product_id"
        )
        wanted = list(missing.values_list("product_id", flat=True)[:MOST_TO_DO])
        left = missing.count()
    else:
        wanted = [pk for pk in before if pk not in found]
        left = len(wanted)
    return Running(
        sorted(found.values(), key=lambda row: -row.newest)[:SHOWN],
        found,
        unknown_codes(session),
        sum(row.units for row in found.values()),
        to_do(session, wanted[:MOST_TO_DO], before),
        left,
        lines.count() if has_list else 0,
        sum(before.values()) if before else None,
        Observation.objects.filter(session=session, is_late=True).count(),
    )


def in_time(session: ZoneSession) -> QuerySet[Observation]:
    return Observation.objects.filter(session=session, is_late=False)


def scanned(session: ZoneSession, before: dict[int, int]) -> dict[int, Scanned]:
    rows = list(
        in_time(session)
        .filter(product__isnull=False)
        .values_list("product_id")
        .annotate(units=Sum("quantity"), newest=Max("pk"))
        .order_by()
    )
    pks = [row[0] for row in rows]
    products = Product.objects.in_bulk(pks)
    met = unlisted(session, pks)
    return {
        pk: Scanned(products[pk], units, before.get(pk), pk not in met, newest)
        for pk, units, newest in rows
    }


def unlisted(session: ZoneSession, products: Iterable[int]) -> set[int]:
    """Products that a cycle count did not ask for; a full count has no list."""
    if session.count.is_full:
        return set()
    met = CountLine.objects.filter(
        count=session.count_id, product_id__in=list(products), is_listed=False
    )
    return set(met.values_list("product_id", flat=True))


def first_session(session: ZoneSession) -> ZoneSession | None:
    """The zone's first session that was completed, unless it is this one."""
    done = ZoneSession.objects.filter(
        zone=session.zone_id, status=ZoneSession.Status.COMPLETED, product__isnull=True
    )
    return done.filter(number__lt=session.number).order_by("number").first()


def first_result(session: ZoneSession) -> dict[int, int]:
    """Units by product as the zone's first session saw them; of one product in its own session."""
    first = first_session(session)
    if first is None:
        return {}
    seen = in_time(first).filter(product__isnull=False)
    if session.product_id:
        seen = seen.filter(product=session.product_id)
    return dict(seen.values_list("product_id").annotate(units=Sum("quantity")).order_by("product"))


def to_do(session: ZoneSession, wanted: list[int], before: dict[int, int]) -> list[ToDo]:
    products = Product.objects.in_bulk(wanted)
    beside: dict[int, int] = before
    if not session.count.is_full and not session.count.is_blind:
        lines = reconciliation.lines(session.count, wanted) if wanted else []
        beside = {line.product_id: line.expected for line in lines}
    return [ToDo(products[pk], beside.get(pk)) for pk in wanted]


def unknown_codes(session: ZoneSession) -> list[Unknown]:
    """Codes that nobody told the product of, in the order in which they were met."""
    rows = (
        in_time(session)
        .filter(product__isnull=True)
        .values_list("code")
        .annotate(units=Sum("quantity"), times=Number("pk"), first=Min("pk"))
        .exclude(units=0)
        .order_by("first")[:MOST_UNKNOWN]
    )
    return [Unknown(code, units, products_of_code(code)) for code, units, *_rest in rows]


def result(session: ZoneSession) -> dict[str, Any]:
    """A completed session: what it saw beside what its zone's first one saw, also of a blind count."""
    before = first_result(session)
    found = scanned(session, before)
    gone = Product.objects.in_bulk([pk for pk in before if pk not in found])
    rows = [
        *sorted(found.values(), key=lambda row: (row.product.name_key, row.product.pk)),
        *(Scanned(product, 0, before[pk], True, 0) for pk, product in gone.items()),
    ]
    return {
        "rows": rows[:500],
        "units": sum(row.units for row in rows),
        "products": sum(1 for row in rows if row.units),
        "units_before": sum(before.values()) if before else None,
        "unknown": unknown_codes(session),
        "late": Observation.objects.filter(session=session, is_late=True).count(),
    }
