"""Which count a call means, whether it is there for its user, and how it is told."""

from typing import Any
from uuid import UUID

from django.db.models import F

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import ApiRequest
from omnichannel.catalog.models import Product
from omnichannel.locations.models import StockLocation

from .. import actions, events, permissions
from ..models import Count, ZoneSession
from ..models.documents import CountQuerySet

WRITE, READ = scopes.TRANSACTIONS_WRITE, scopes.TRANSACTIONS_READ
SEEING = (VIEW_INVENTORY_MANAGEMENT, *permissions.MANAGING, permissions.PERFORM_COUNTS)
COUNTING = (permissions.PERFORM_COUNTS, permissions.COMPLETE_CYCLE_COUNTS)
TYPES = {name: type for type, name in events.TYPES.items()}
# Refusals of making counts that are no wrong field, with the contract's status.
STATUSES = {"count_task_already_exists": 409, "full_count_active": 409, "not_inventory_master": 409}


def visible(request: ApiRequest) -> CountQuerySet:
    """What he may see: an associate without the report nothing that phones do not have."""
    counts: CountQuerySet = Count.objects.visible_to(request.user)
    user = request.user
    if not any(user.has_perm(name) for name in SEEING if name != permissions.PERFORM_COUNTS):
        counts = counts.for_phones() | counts.filter(status__in=("COMPLETED", "CANCELLED"))
    return counts.select_related("location", "stock_location")


def count_of(request: ApiRequest, uuid: UUID) -> Count:
    """
    Raises:
        ApiError: 404, also for what lies outside the user's reach.
    """
    count = visible(request).filter(uuid=uuid).first()
    if count is None:
        raise not_found(f"There is no count task {uuid}.", "count_task_not_found")
    return count


def session_of(request: ApiRequest, uuid: UUID) -> ZoneSession:
    """
    Raises:
        ApiError: 404, also for what lies outside the user's reach.
    """
    rows = ZoneSession.objects.filter(uuid=uuid, count__in=visible(request))
    session = rows.select_related("zone").first()
    if session is None:
        raise not_found(f"There is no session {uuid}.")
    return session


def shelf_of(name: str | None) -> StockLocation:
    shelf = StockLocation.objects.filter(name=name or StockLocation.MAIN).first()
    if shelf is None:
        raise not_found(f"There is no stock location {name}.", "stock_location_not_found")
    return shelf


def products_of(ids: list[str]) -> dict[str, int]:
    """Primary keys by the contract's id.

    Raises:
        ApiError: 400 `product_not_reachable`, naming every unknown one.
    """
    found = dict(Product.objects.filter(product_id__in=set(ids)).values_list("product_id", "pk"))
    if missing := [text for text in dict.fromkeys(ids) if text not in found]:
        raise unreachable(missing)
    return found


def unreachable(ids: list[str]) -> ApiError:
    text = f"These products are unknown: {', '.join(ids[:100])}. Nothing was written."
    return ApiError(400, "product_not_reachable", text, product_ids=ids)


def refused(error: actions.CountsRefused) -> ApiError:
    """Every problem in one body; the status and the code are the first one's that has any."""
    problems = sorted(error.problems, key=lambda one: one.code not in STATUSES)
    first = problems[0]
    if any(problem.code == "product_not_reachable" for problem in problems):
        first = next(one for one in problems if one.code == "product_not_reachable")
    named = [problem._asdict() for problem in error.problems]
    extra: dict[str, Any] = {"problems": named}
    if first.code == "product_not_reachable":
        extra["product_ids"] = first.ids
    return ApiError(STATUSES.get(first.code, 400), first.code, str(error), **extra)


def as_task(count: Count) -> dict[str, Any]:
    return {
        "id": count.uuid,
        "status": count.status.lower(),
        "external_id": count.external_id,
        "name": count.name,
        "count_type": events.TYPES[Count.Type(count.type)],
        "store_id": count.location.store_id,
        "fulfillment_location_id": count.location.code,
        "stock_location": count.stock_location.name,
        "due_date": count.due_date,
        "blind": count.is_blind,
        "activating": count.is_activating,
        "completing": bool(count.completion_requested_at) and not count.completed_at,
        "created_at": count.created_at,
        "started_at": count.started_at,
        "completed_at": count.completed_at,
        "cancelled_at": count.cancelled_at,
    }


def done(count: Count) -> dict[str, Any]:
    count.refresh_from_db()
    return {"success": True, "status": count.status.lower()}


def newest_due_last(counts: CountQuerySet) -> CountQuerySet:
    return counts.order_by(F("due_date").desc(), "-pk")
