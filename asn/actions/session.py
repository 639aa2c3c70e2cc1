"""Who received, when, and under which key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY, AdjustmentReason
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import StockLocation

from .. import queries
from ..models import Receipt
from ..queries import Names

MOST_LINES = 2_000


class Arrived(NamedTuple):
    """One line as counted: primary key of the product, 1 unit or more.

    `damaged` of them go on to the stock location that the reason names. Without `carton_id`
    whichever carton lacks the product is filled.
    """

    product_id: int
    quantity: int
    carton_id: str | None = None
    damaged: int = 0
    reason_id: int | None = None


class Received(NamedTuple):
    """The receipt; `is_replay` when the same act was already done under its key."""

    receipt: Receipt
    is_replay: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """`key` names the act; times are aware, and None means now.

    `begun` is the row of a session that was begun before, on the phone.
    """

    by: User
    key: str
    kind: str
    started_at: datetime | None = None
    happened_at: datetime | None = None
    associate_id: str = ""
    shipment_ref: str = ""
    order_ref: str = ""
    note: str = ""
    carton_id: str = ""
    begun: Receipt | None = None

    @property
    def associate(self) -> str:
        return self.associate_id or self.by.associate


def take_key(key: str) -> None:
    """Two acts under one key follow each other, so that the second finds what the first did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"receipt:{key}"])


def replayed(key: str, items: Sequence[Arrived] | None) -> Received | None:
    """What this key already did.

    Raises:
        ActionError: it did something else.
    """
    first = Receipt.objects.filter(operation_key=key, status=Receipt.Status.COMPLETED).first()
    if first is None:
        return None
    if items is not None and summed(items) != told_of(first):
        raise ActionError(
            _("The operation key %(key)s already stands for %(receipt)s. Use a new key.")
            % {"key": key, "receipt": first}
        )
    return Received(first, is_replay=True)


def summed(items: Sequence[Arrived]) -> dict[int, int]:
    found: dict[int, int] = {}
    for item in items:
        found[item.product_id] = found.get(item.product_id, 0) + item.quantity
    return found


def told_of(receipt: Receipt) -> dict[int, int]:
    found: dict[int, int] = {}
    for product_id, quantity in receipt.lines.values_list("product_id", "quantity"):
        found[product_id] = found.get(product_id, 0) + quantity
    return found


def check_items(items: Sequence[Arrived]) -> Names:
    """What the products of these items are called, by their keys.

    Raises:
        ActionError: no items, a quantity out of range, more damaged than there are.
    """
    if not items:
        raise ActionError(_("A receipt needs at least one product. Scan one."))
    if len(items) > MOST_LINES:
        raise ActionError(
            _("A receipt has at most %(most)s lines, this one %(count)s. Split it.")
            % {"most": MOST_LINES, "count": len(items)}
        )
    totals = summed(items)
    names = queries.named(list(totals))
    for item in items:
        if text := wrong(item, totals, names):
            raise ActionError(text)
    if any(item.damaged for item in items):
        check_reasons(items)
    return names


def wrong(item: Arrived, totals: Mapping[int, int], names: Names) -> str:
    """What is the matter with an item; empty where nothing is."""
    if item.product_id not in names:
        return _("%(product)s is not in the catalogue.") % {"product": item.product_id}
    words = {
        "product": names[item.product_id][0],
        "quantity": item.quantity,
        "damaged": item.damaged,
        "most": MAX_QUANTITY,
    }
    if item.quantity < 1 or totals[item.product_id] > MAX_QUANTITY:
        return _("%(product)s: %(quantity)s is no quantity to receive. Give 1 to %(most)s.") % words
    if not 0 <= item.damaged <= item.quantity:
        return _("%(product)s: %(damaged)s damaged of %(quantity)s received cannot be.") % words
    return ""


def check_reasons(items: Sequence[Arrived]) -> None:
    """Damaged goods leave `main`, where they were received, for somewhere else in the store."""
    wanted = {item.reason_id for item in items if item.damaged}
    usable = AdjustmentReason.objects.filter(
        pk__in=[pk for pk in wanted if pk],
        is_active=True,
        origin__name=StockLocation.MAIN,
        destination__isnull=False,
    )
    if len(wanted) != usable.count():
        raise ActionError(
            _("Damaged items need a reason that takes them from the main stock location elsewhere.")
        )


def names_of(products: set[int]) -> Mapping[int, str]:
    return dict(Product.objects.filter(pk__in=products).values_list("pk", "product_id"))
