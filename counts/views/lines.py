"""The lines of a count on its pages: a part of them, searched, filtered and sorted (PRODUCT §7)."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import products_of_code

from .. import queries
from ..models import Count, CountAnswer, CountLine, CountZone
from ..models.results import Mark
from ..reconciliation import SORTS, Line, LinePage, Place, Question, page_of_lines

A_PAGE = 50
MOST_FOUND = 1_000
LABELS = {
    "": _("All lines"),
    "differing": _("With variance"),
    "asked": _("With a question"),
    "open": _("Waiting for an answer"),
    "ambiguous": _("Ambiguous"),
    "traded": _("Traded while counted"),
    "uncounted": _("Never counted"),
    "unlisted": _("Not on the list"),
}
ORDERS = {
    "": _("By product"),
    "units": _("Largest variance in units"),
    "money": _("Largest variance in money"),
}
MARKS = {mark.value: mark.label for mark in Mark if mark != Mark.CLEAR}
MARK_TONES = {Mark.TRADED: "info", Mark.AMBIGUOUS: "warn"}
QUESTIONS = dict(Question.choices)
CHOICES = dict(CountAnswer.Choice.choices)


class Shown(NamedTuple):
    """A line as the page has it; `variance` is what completing posts, or else what is proposed."""

    line: Line
    product: Product
    zones: list[str]
    variance: int | None
    value: Decimal | None
    has_band: bool
    has_wide_band: bool
    mark: Any
    tone: str
    question: Any
    choice: Any


class Asked:
    """What the address asks of the lines; what makes no sense is the usual page."""

    def __init__(self, request: HttpRequest, count: Count, *, sees_book: bool) -> None:
        words = request.GET
        self.q = words.get("q", "").strip()[:200]
        self.show = words.get("show", "")
        self.sort = words.get("sort", "")
        # Who counts blind learns nothing from what a filter leaves.
        if self.show not in LABELS or not sees_book:
            self.show = ""
        if self.sort not in SORTS or not sees_book:
            self.sort = ""
        self.is_backward = bool(words.get("before"))
        self.at = place_of(words.get("before") or words.get("after", ""))
        self.count = count

    def page(self, limit: int = A_PAGE) -> LinePage:
        products = found_products(self.count, self.q) if self.q else None
        return page_of_lines(
            self.count,
            show=self.show,
            sort=self.sort,
            products=products,
            at=self.at,
            is_backward=self.is_backward and self.at is not None,
            limit=limit,
        )

    def address(self, **more: str) -> str:
        words = {"q": self.q, "show": self.show, "sort": self.sort, **more}
        return f"?{urlencode({name: value for name, value in words.items() if value})}"


def place_of(text: str) -> Place | None:
    value, _dot, product = text.partition("_")
    try:
        found = Place(Decimal(value), int(product))
    except (InvalidOperation, ValueError):
        return None
    fits = found.value.is_finite() and abs(found.value) < 10**18 and 0 < found.product_id < 2**31
    return found if fits else None


def token(place: Place | None) -> str:
    return f"{place.value}_{place.product_id}" if place else ""


def found_products(count: Count, text: str) -> list[int]:
    """Primary keys of the count's products: the code exactly, else any part of name, id or SKU."""
    rows = CountLine.objects.filter(count=count)
    if exact := [product.pk for product in products_of_code(text)]:
        found = list(rows.filter(product__in=exact).values_list("product_id", flat=True))
        if found:
            return found
    part = Q(product__name__ilike=text) | Q(product__product_id__ilike=text)
    named = rows.filter(part | Q(product__sku__ilike=text)).order_by("product_id")
    return list(named.values_list("product_id", flat=True)[:MOST_FOUND])


def shown(count: Count, lines: Sequence[Line]) -> list[Shown]:
    """With their products and the zones that hold them."""
    pks = [line.product_id for line in lines]
    products = Product.objects.in_bulk(pks)
    names = dict(CountZone.objects.filter(count=count).values_list("pk", "name"))
    zones = queries.zones_of_products(count, pks) if count.is_full and pks else {}
    return [
        told(line, products[line.product_id], [names[z] for z in zones.get(line.product_id, ())])
        for line in lines
    ]


def told(line: Line, product: Product, zones: list[str]) -> Shown:
    is_asked = bool(line.question) and not line.choice
    variance = line.proposal if is_asked and line.question == Question.AMBIGUOUS else line.delta
    return Shown(
        line=line,
        product=product,
        zones=zones,
        variance=variance,
        value=variance * line.price if variance is not None and line.price is not None else None,
        has_band=line.low != line.high,
        has_wide_band=(line.wide_low, line.wide_high) != (line.low, line.high),
        mark=MARKS.get(line.mark, ""),
        tone=MARK_TONES.get(line.mark, ""),  # type: ignore[call-overload]
        question=QUESTIONS.get(line.question, ""),
        choice=CHOICES.get(line.choice, ""),
    )


def context_of(request: HttpRequest, count: Count) -> dict[str, Any]:
    """Everything that `counts/lines.html` reads."""
    sees_book = queries.sees_book(request.user, count)
    asked = Asked(request, count, sees_book=sees_book)
    page = asked.page()
    return {
        "sees_book": sees_book,
        "asked": asked,
        "rows": shown(count, page.lines),
        "shows": [(name, LABELS[name], name == asked.show) for name in LABELS],
        "orders": [(name, ORDERS[name], name == asked.sort) for name in ORDERS],
        "previous_url": asked.address(before=token(page.first)) if page.has_previous else "",
        "next_url": asked.address(after=token(page.last)) if page.has_next else "",
    }
