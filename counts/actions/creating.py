"""Making counts: one for each store, all of them or none (PRODUCT §7)."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation, StockLocation
from omnichannel.sorting import sort_key

from ..models import Count, CountBatch

MOST_PRODUCTS = 20_000
MOST_LINES = 2_000_000
SHOWN = 20


class Problem(NamedTuple):
    """One cause of a refusal; `ids` are all that it is about, as they were typed."""

    code: str
    message: str
    ids: list[str]


class CountsRefused(ActionError):
    """No count was made; `problems` holds every cause, not the first one only."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


class Created(NamedTuple):
    """The batch with its counts; `is_replay` when the same act was already done under its key."""

    batch: CountBatch
    is_replay: bool


def create_counts(
    *,
    type: str,
    location_ids: Sequence[int],
    stock_location_id: int,
    due_date: date,
    by: User,
    key: str,
    product_ids: Sequence[str] = (),
    name: str = "",
    external_id: str | None = None,
    is_blind: bool = False,
) -> Created:
    """One pending count per location, of the products with these ids of the contract.

    Raises:
        CountsRefused: naming every product that is unknown or listed twice, and every store that
            cannot be counted so.
    """
    known = CountBatch.objects.filter(operation_key=key).first()
    if known:
        return Created(known, is_replay=True)
    places = list(FulfillmentLocation.objects.filter(pk__in=set(location_ids)).order_by("code"))
    shelf = StockLocation.objects.get(pk=stock_location_id)
    products = dict(
        Product.objects.filter(product_id__in=set(product_ids)).values_list("product_id", "pk")
    )
    problems = [
        *problems_of_products(type, product_ids, products, len(places)),
        *problems_of_places(type, places, shelf, external_id),
        *problems_of_words(name, external_id),
    ]
    if problems:
        raise CountsRefused(problems)
    batch = CountBatch.objects.create(operation_key=key, by=by)
    title = name.strip() or external_id or generated(type, due_date)
    counts = Count.objects.bulk_create(
        Count(
            batch=batch,
            type=type,
            name=title,
            name_key=sort_key(title),
            external_id=external_id or None,
            location=place,
            stock_location=shelf,
            due_date=due_date,
            is_blind=is_blind,
            by=by,
            **tolerances(),
        )
        for place in places
    )
    list_products([count.pk for count in counts], list(products.values()))
    return Created(batch, is_replay=False)


def generated(type: str, due_date: date) -> str:
    return f"{Count.Type(type).label} {date_format(due_date, 'Y-m-d')}"


def tolerances() -> dict[str, int | Decimal | None]:
    """What the settings say now; a count keeps what it began with."""
    units, percent, value = (
        settings.COUNT_TOLERANCE_UNITS,
        settings.COUNT_TOLERANCE_PERCENT,
        settings.COUNT_TOLERANCE_VALUE,
    )
    return {
        "tolerance_units": int(units) if units else None,
        "tolerance_percent": int(percent) if percent else None,
        "tolerance_value": Decimal(value) if value else None,
    }


def list_products(counts: list[int], products: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO counts_countline (count_id, product_id, is_listed)"
            " SELECT count, product, true FROM unnest(%s::bigint[]) AS count,"
            " unnest(%s::int[]) AS product ORDER BY count, product",
            [counts, products],
        )


def problems_of_products(
    type: str, asked: Sequence[str], known: dict[str, int], stores: int
) -> list[Problem]:
    found = []
    if type == Count.Type.FULL:
        if asked:
            text = _("A full count counts everything; leave the products out.")
            found.append(Problem("products_of_full_count", text, []))
        return found
    if not asked:
        found.append(Problem("no_products", _("A cycle count needs a product. Add one."), []))
    if len(asked) > MOST_PRODUCTS or len(asked) * stores > MOST_LINES:
        text = _("A cycle count has at most %(most)s products, and %(lines)s lines in all stores.")
        text %= {"most": MOST_PRODUCTS, "lines": MOST_LINES}
        found.append(Problem("too_many_products", text, []))
    return found + problems_of_ids(asked, known)


def problems_of_ids(asked: Sequence[str], known: dict[str, int]) -> list[Problem]:
    """Every unknown and every repeated id; an id is exact, with its case and its spaces."""
    found = []
    if missing := [text for text in dict.fromkeys(asked) if text not in known]:
        told = _("These products are unknown: %s.") % shown(missing)
        found.append(Problem("product_not_reachable", told, missing))
    seen: set[str] = set()
    twice = [text for text in asked if text in seen or seen.add(text)]  # type: ignore[func-returns-value]
    if twice := list(dict.fromkeys(twice)):
        told = _("These products are listed more than once: %s.") % shown(twice)
        found.append(Problem("product_repeated", told, twice))
    return found


def problems_of_places(
    type: str, places: list[FulfillmentLocation], shelf: StockLocation, external_id: str | None
) -> list[Problem]:
    found = []
    if not places:
        found.append(Problem("no_store", _("A count needs a store. Choose one."), []))
    if shelf.name.startswith("_"):
        text = _("%s is the system's own and is not counted.") % shelf
        found.append(Problem("stock_location_not_counted", text, [shelf.name]))
    wrong = [place.code for place in places if place.kind != FulfillmentLocation.Kind.STORE]
    if wrong:
        text = _("Only stores are counted, these are not: %s.") % shown(wrong)
        found.append(Problem("not_a_store", text, wrong))
    if type == Count.Type.FULL:
        found += problems_of_full_counts(places)
    if external_id:
        taken = Count.objects.filter(location__in=places, external_id=external_id)
        codes = sorted(taken.values_list("location__code", flat=True))
        if codes:
            text = _("%(id)s stands for another count already in: %(stores)s.")
            told = text % {"id": external_id[:80], "stores": shown(codes)}
            found.append(Problem("count_task_already_exists", told, codes))
    return found


def problems_of_full_counts(places: list[FulfillmentLocation]) -> list[Problem]:
    found = []
    foreign = [place.code for place in places if not place.is_inventory_master]
    if foreign:
        text = _("Stock of these stores is kept by the ERP; a full count cannot set it: %s.")
        found.append(Problem("not_inventory_master", text % shown(foreign), foreign))
    active = Count.objects.active_full().filter(location__in=places)
    codes = sorted(active.values_list("location__code", flat=True))
    if codes:
        text = _("A full count is active in these stores already: %s.")
        found.append(Problem("full_count_active", text % shown(codes), codes))
    return found


def problems_of_words(name: str, external_id: str | None) -> list[Problem]:
    found = []
    for text in (name, external_id or ""):
        if len(text) > 256 or re.search(r"[\x00-\x1f\x7f]", text):
            told = _("A name has at most 256 characters, all of them printable.")
            found.append(Problem("name_not_usable", told, [text[:80]]))
    return found


def shown(ids: list[str]) -> str:
    """The first ones, and how many more."""
    told = ", ".join(text[:80] for text in ids[:SHOWN])
    more = len(ids) - SHOWN
    return told if more <= 0 else _("%(ids)s and %(more)s more") % {"ids": told, "more": more}
