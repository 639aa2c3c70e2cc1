"""What a count comes to: figures, and where the variance lies, as drawings (UI §4)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from omnichannel.catalog.models import Product
from omnichannel.web.cells import change, money
from omnichannel.web.pages import KitPage

from .. import queries
from ..models import Count
from ..reconciliation import SHOWS, figures_of, lines_as_sql, page_of_lines, values_of
from .crumbs import COUNTS
from .places import SEEING, count_of, currency_of

MOST_BARS = 10
# In units of the drawing.
WIDTH, LEFT, RIGHT, ROW = 540, 156, 96, 26
# A product's variance stands in the zone that holds most of it.
BY_ZONE = """
SELECT main.name, sum(delta)::int AS units
  FROM decided LEFT JOIN (
    SELECT DISTINCT ON (product_id) product_id, name FROM ({found}) AS found
     ORDER BY product_id, units DESC, id) AS main ON main.product_id = decided.product_id
 WHERE {show} GROUP BY main.name ORDER BY abs(sum(delta)) DESC, main.name LIMIT {limit}
"""


class Bar(NamedTuple):
    """One bar to the left or the right of zero; `y` is its top, `baseline` that of its words."""

    label: str
    shown: SafeString
    is_negative: bool
    x: float
    y: int
    width: float
    baseline: int
    text_x: float


class Plot(NamedTuple):
    name: str
    title: Any
    bars: list[Bar]
    zero: float
    width: int
    height: int


class CountFigures(KitPage):
    """Read apart from the page, for it takes every line; as a page of its own without scripts."""

    crumbs = COUNTS
    permission_required = SEEING

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = count_of(request.user, kwargs["uuid"])
        known = (Count.Status.IN_PROGRESS, Count.Status.COMPLETED)
        if count.status not in known or not queries.sees_book(request.user, count):
            raise Http404
        context = {
            "title": _("Figures of %s") % count,
            "crumbs": self.trail(),
            "count": count,
            "figures": figures_of(count),
            "currency": currency_of(count),
            "plots": [plot for plot in (by_zone(count), by_value(count)) if plot.bars],
        }
        is_part = "HX-Request" in request.headers
        template = "counts/figures_part.html" if is_part else "counts/figures_page.html"
        response = render(request, template, context)
        response["Cache-Control"] = "private, no-store"
        return response


def by_zone(count: Count) -> Plot:
    rows: list[tuple[str | None, int]] = []
    if count.is_full:
        sql = lines_as_sql(count) + BY_ZONE.format(
            found=queries.FOUND, show=SHOWS["settled"], limit=MOST_BARS
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, values_of(count))
            rows = cursor.fetchall()
    named = [(name or _("In no zone"), Decimal(units), change(units)) for name, units in rows]
    return plot("zones", _("Variance by zone, in units"), named)


def by_value(count: Count) -> Plot:
    found = page_of_lines(count, show="settled", sort="money", limit=MOST_BARS)
    products = Product.objects.in_bulk([line.product_id for line in found.lines])
    currency = currency_of(count)
    named = [
        (
            products[line.product_id].name,
            line.delta * line.price,
            money(line.delta * line.price, currency),
        )
        for line in found.lines
        if line.delta and line.price is not None
    ]
    return plot("value", _("Largest variances in money"), named)


def plot(name: str, title: Any, rows: Sequence[tuple[str, Decimal, str]]) -> Plot:
    """Bars around a zero line, each as long as its value beside the largest."""
    most = max((abs(value) for _label, value, _shown in rows), default=Decimal(1)) or Decimal(1)
    half = (WIDTH - LEFT - RIGHT) / 2
    zero = LEFT + half
    bars = []
    for number, (label, value, shown) in enumerate(rows):
        long = round(half * float(abs(value) / most), 1)
        bars.append(
            Bar(
                label=label[:21] + ("…" if len(label) > 21 else ""),
                shown=mark_safe(shown),  # noqa: S308 — a number
                is_negative=value < 0,
                x=round(zero - long, 1) if value < 0 else zero,
                y=ROW * number + 5,
                width=max(long, 1),
                baseline=ROW * number + 18,
                text_x=zero + half + 6,
            )
        )
    return Plot(name, title, bars, zero, WIDTH, ROW * len(rows) + 4)
