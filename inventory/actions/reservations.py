"""Setting goods aside for a customer, and putting them back (CONTRACT §4.5, PRODUCT §9)."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError, TransitionNotAllowed, become
from omnichannel.locations.models import Configuration, FulfillmentLocation, StockLocation

from .. import ledger
from ..models import (
    Allocation,
    CustomerReservation,
    CustomerReservationItem,
    InventoryTransaction,
)

Status = CustomerReservation.Status
Type = InventoryTransaction.Type
SET_ASIDE = "_customer_reservations"
MOST_ITEMS = 500
# A hundred years: what is asked for longer is a mistake.
MOST_MINUTES = 52_560_000
# No letter and digit that look or sound alike.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SHELVES = "main", SET_ASIDE


class Reserved(NamedTuple):
    """The reservation; `is_replay` when the same act was already done under its key."""

    reservation: CustomerReservation
    is_replay: bool


class Outcome(NamedTuple):
    """What became of an item: CONVERTED with the basket it was sold in, or UNRESERVED."""

    status: str
    cart_id: str = ""


def reserve_items(
    *,
    location_id: int,
    product_ids: Sequence[int],
    customer_profile_id: str,
    by: User,
    key: str,
    associate_id: str = "",
    expires_in_minutes: int | None = None,
    is_pending: bool = False,
    external_id: str = "",
    note: str = "",
) -> Reserved:
    """One unit of each of `product_ids` (primary keys, repeated for more) for a customer.

    Pending, nothing moves before it is accepted. Without minutes the configuration's count, and
    without `external_id` the reservation is given one. `note` is kept with the movement.

    Raises:
        ActionError: no items, too many, no store or one that does not reserve.
        StockTooLow: fewer are there than are asked, or the rest is promised to orders.
    """
    known = CustomerReservation.objects.filter(operation_key=key).first()
    if known:
        return Reserved(known, is_replay=True)
    configuration = Configuration.current()
    check(location_id, len(product_ids), configuration)
    minutes = (
        configuration.customer_reservation_minutes
        if expires_in_minutes is None
        else min(expires_in_minutes, MOST_MINUTES)
    )
    status = Status.PENDING if is_pending else Status.RESERVED
    made = CustomerReservation.objects.create(
        external_id=external_id or short_id(),
        customer_profile_id=customer_profile_id,
        location_id=location_id,
        associate_id=associate_id or by.associate,
        by=by,
        status=status,
        expires_at=timezone.now() + timedelta(minutes=minutes),
        operation_key=key,
    )
    CustomerReservationItem.objects.bulk_create(
        CustomerReservationItem(
            reservation=made, position=position, product_id=product, status=status
        )
        for position, product in enumerate(product_ids, start=1)
    )
    if not is_pending:
        set_aside(made, Counter(product_ids), by, key, note)
    return Reserved(made, is_replay=False)


def check(location_id: int, items: int, configuration: Configuration) -> None:
    if not 1 <= items <= MOST_ITEMS:
        raise ActionError(
            _("A reservation has 1 to %(most)s items, this one %(count)s.")
            % {"most": MOST_ITEMS, "count": items}
        )
    place = FulfillmentLocation.objects.get(pk=location_id)
    if not place.store_id or not configuration.allows(
        "enabled_reservations_stores", place.store_id
    ):
        raise ActionError(_("%s reserves nothing for customers.") % place)


def short_id() -> str:
    return "".join(secrets.choice(SIGNS) for _sign in range(10))


def accept_reservation(*, pk: int, by: User, key: str) -> None:
    """A pending reservation's goods are set aside now.

    Raises:
        TransitionNotAllowed: it is not pending any more.
        StockTooLow: they are not there.
    """
    found = locked(pk)
    become(found, Status.RESERVED, updated_at=timezone.now())
    items = CustomerReservationItem.objects.filter(reservation=found)
    products = Counter(items.values_list("product_id", flat=True))
    items.update(status=Status.RESERVED, updated_at=Now())
    set_aside(found, products, by, key)


def reject_reservation(*, pk: int) -> None:
    """A pending reservation is not going to be.

    Raises:
        TransitionNotAllowed: it is not pending any more.
    """
    found = locked(pk)
    become(found, Status.REJECTED, updated_at=timezone.now())
    CustomerReservationItem.objects.filter(reservation=found).update(
        status=Status.REJECTED, updated_at=Now()
    )


def release_reservation(*, pk: int, by: User, key: str) -> int:
    """Put everything back that is still set aside; how many units.

    Raises:
        TransitionNotAllowed: nothing of it is.
    """
    items = CustomerReservationItem.objects.filter(reservation=pk, status=Status.RESERVED)
    wanted = {item: Outcome(Status.UNRESERVED) for item in items.values_list("pk", flat=True)}
    settle_items(pk=pk, outcomes=wanted, by=by, key=key)
    return len(wanted)


def settle_items(*, pk: int, outcomes: Mapping[int, Outcome], by: User, key: str) -> None:
    """Items by primary key go back to `main`, sold or not wanted any more.

    A sale takes them from there as any other. Past its time a reservation is settled like before.

    Raises:
        ActionError: an item that is not of this reservation.
        TransitionNotAllowed: an item that was settled already, or that was never set aside.
    """
    found = locked(pk)
    items = {item.pk: item for item in found.items.order_by("position")}
    if unknown := set(outcomes) - set(items):
        raise ActionError(_("%s items are not of this reservation.") % len(unknown))
    settled = [items[item] for item in outcomes if items[item].status != Status.RESERVED]
    if settled or not outcomes:
        raise TransitionNotAllowed(
            _("%s: these items are not set aside any more. Reload to see what became of them.")
            % found
        )
    for outcome in set(outcomes.values()):
        alike = [item for item, wanted in outcomes.items() if wanted == outcome]
        CustomerReservationItem.objects.filter(pk__in=alike).update(
            status=outcome.status, cart_id=outcome.cart_id, updated_at=Now()
        )
        for item in alike:
            items[item].status = outcome.status
    post(found, Type.UNRESERVE, Counter(items[item].product_id for item in outcomes), by, key)
    derive(found, [item.status for item in items.values()])


def derive(reservation: CustomerReservation, statuses: Sequence[str]) -> None:
    """The status of the whole from those of its items (CONTRACT §4.5)."""
    now = timezone.now()
    if Status.RESERVED in statuses:
        CustomerReservation.objects.filter(pk=reservation.pk).update(updated_at=now)
        return
    unwanted = all(status == Status.UNRESERVED for status in statuses)
    become(reservation, Status.UNRESERVED if unwanted else Status.CONVERTED, updated_at=now)


def locked(pk: int) -> CustomerReservation:
    return CustomerReservation.objects.select_for_update().get(pk=pk)


def set_aside(
    reservation: CustomerReservation,
    products: Mapping[int, int],
    by: User,
    key: str,
    note: str = "",
) -> None:
    posting = post(reservation, Type.RESERVE, products, by, key, note)
    refuse_what_is_promised(reservation.location_id, posting, products)


def post(
    reservation: CustomerReservation,
    type: str,
    products: Mapping[int, int],
    by: User,
    key: str,
    note: str = "",
) -> ledger.Posting:
    """`main` to the shelf of the customers, or back; seen in the audit trail only."""
    shelves = dict(StockLocation.objects.filter(name__in=SHELVES).values_list("name", "pk"))
    here, there = (shelves[name] for name in (SHELVES if type == Type.RESERVE else SHELVES[::-1]))
    header = ledger.Header(
        operation_key=f"{key}:{type.lower()}",
        type=type,
        location_id=reservation.location_id,
        associate_id=by.associate,
        by_id=by.pk,
        from_stock_location_id=here,
        to_stock_location_id=there,
        reference=reservation.external_id,
        note=note,
    )
    lines = [ledger.Line(product, n, here, there) for product, n in sorted(products.items())]
    return ledger.post(header, lines, refuse_below_zero=type == Type.RESERVE)


def refuse_what_is_promised(
    location_id: int, posting: ledger.Posting, products: Mapping[int, int]
) -> None:
    """What orders were promised is no customer's, although it still stands in `main`.

    The posting holds the rows of stock, and whoever promises to an order takes them first: this
    statement sees every promise that was made before.
    """
    promised = dict(
        Allocation.objects.filter(
            location=location_id,
            product__in=products,
            state__in=Allocation.OPEN,
            kind__in=(Allocation.Kind.HARD, Allocation.Kind.SOFT),
        )
        .order_by()
        .values_list("product_id")
        .annotate(Count("pk"))
    )
    short = [
        (moved.product_id, moved.balance - moved.quantity - promised[moved.product_id])
        for moved in posting.movements
        if moved.quantity < 0 and moved.balance < promised.get(moved.product_id, 0)
    ]
    if not short:
        return
    names = dict(
        Product.objects.filter(pk__in=[product for product, _free in short]).values_list(
            "pk", "product_id"
        )
    )
    # Whoever catches this may not commit half an act.
    transaction.set_rollback(True)
    raise ledger.StockTooLow(
        "; ".join(
            _("%(product)s: %(free)s not promised to orders, %(asked)s asked.")
            % {"product": names[product], "free": max(free, 0), "asked": products[product]}
            for product, free in short
        ),
        [(product, max(free, 0), products[product]) for product, free in short],
    )


def notice_expired() -> int:
    """Stamp reservations whose time has passed since; nothing moves. How many there were."""
    expired = CustomerReservation.objects.expired().filter(noticed_at__isnull=True)
    return expired.update(noticed_at=Now())
