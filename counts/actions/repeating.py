"""Cycle counts that come again by themselves (PRODUCT §7)."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from .. import rotation
from ..models import Count, CountPlan
from .creating import create_counts

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def plan_count(
    *,
    location_id: int,
    stock_location_id: int,
    choice: str,
    every_days: int,
    by: User,
    most_products: int = 50,
    name: str = "",
    is_blind: bool = False,
) -> CountPlan:
    """A cycle count every `every_days` days, the first one today by the store's calendar.

    Raises:
        ActionError: no store, a stock location of the system, a rhythm or size out of range, or
            the same one is there already.
    """
    place = FulfillmentLocation.objects.select_for_update(no_key=True).get(pk=location_id)
    shelf = StockLocation.objects.get(pk=stock_location_id)
    if place.kind != FulfillmentLocation.Kind.STORE or shelf.name.startswith("_"):
        raise ActionError(_("Only stores are counted, and no stock location of the system."))
    if choice not in CountPlan.Choice.values:
        raise ActionError(_("Choose which products are counted."))
    if not 1 <= every_days <= CountPlan.LONGEST_REST:
        raise ActionError(_("Give 1 to %s days.") % CountPlan.LONGEST_REST)
    if not 1 <= most_products <= CountPlan.MOST_PRODUCTS:
        raise ActionError(_("Give 1 to %s products.") % CountPlan.MOST_PRODUCTS)
    if len(name) > 200 or UNPRINTABLE.search(name):
        raise ActionError(_("A name has at most 200 characters, all of them printable."))
    same = CountPlan.objects.filter(
        location=place, stock_location=shelf, choice=choice, is_active=True
    )
    if same.exists():
        raise ActionError(_("These products of this store are counted again and again already."))
    label = CountPlan.Choice(choice).label
    return CountPlan.objects.create(
        name=name.strip() or _("Recurring count: %s") % label,
        location=place,
        stock_location=shelf,
        choice=choice,
        every_days=every_days,
        most_products=most_products,
        is_blind=is_blind,
        next_on=today_in(place),
        by=by,
    )


def stop_plan(*, pk: int) -> CountPlan:
    """No more counts of it; those that were made stay. Asked again, it is the same act."""
    plan = CountPlan.objects.select_for_update(no_key=True).get(pk=pk)
    plan.is_active = False
    plan.save(update_fields=["is_active"])
    return plan


def today_in(place: FulfillmentLocation) -> date:
    return timezone.now().astimezone(ZoneInfo(place.time_zone or "UTC")).date()


def due_plans() -> list[int]:
    """Plans (primary keys) that may be due somewhere on earth; each is asked by its own store."""
    latest = (timezone.now() + timedelta(hours=14)).date()
    due = CountPlan.objects.filter(is_active=True, next_on__lte=latest)
    return list(due.order_by("next_on", "pk").values_list("pk", flat=True))


def repeat_count(*, pk: int) -> Count | None:
    """Make the count of a plan that is due; None if it is not, or there is nothing to count.

    While its last count is open no other is made: the next one comes in the rhythm. Products of
    another open cycle count of the place are left to that one. Of two at once, one makes it.
    """
    rows = CountPlan.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    plan = rows.select_related("location", "last_count", "by").filter(pk=pk).first()
    if plan is None or not plan.is_active:
        return None
    today = today_in(plan.location)
    if plan.next_on > today:
        return None
    rest = timedelta(days=plan.every_days)
    wanted, plan.next_on = plan.next_on, plan.next_on + rest
    if plan.next_on <= today:
        plan.next_on = today + rest
    made = None
    if plan.last_count is None or plan.last_count.status not in Count.OPEN:
        made = make(plan, wanted, today)
    plan.last_count = made or plan.last_count
    plan.save(update_fields=["next_on", "last_count"])
    return made


def make(plan: CountPlan, wanted: date, today: date) -> Count | None:
    zone = ZoneInfo(plan.location.time_zone or "UTC")
    since = datetime.combine(today, time.min, zone) - rotation.PERIOD
    chosen = rotation.products(plan, since)
    if not chosen:
        return None
    names = dict(Product.objects.filter(pk__in=chosen).values_list("pk", "product_id"))
    with transaction.atomic():
        created = create_counts(
            type=Count.Type.CYCLE,
            location_ids=[plan.location_id],
            stock_location_id=plan.stock_location_id,
            due_date=today,
            by=plan.by,
            key=f"plan:{plan.uuid}:{wanted.isoformat()}",
            product_ids=[names[product] for product in chosen],
            name=plan.name,
            is_blind=plan.is_blind,
        )
    return created.batch.counts.get()
