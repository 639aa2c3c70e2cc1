"""Count tasks: made, read, activated, cancelled (CONTRACT §4, §9)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Status

from omnichannel.api.paging import Page, Paging, page
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.locations.api.scope import acted_for

from .. import actions, permissions
from .bodies import Asked, Done, Made, NewTask, Task, ZoneList, ZonePlan
from .scope import (
    READ,
    SEEING,
    TYPES,
    WRITE,
    as_task,
    count_of,
    done,
    newest_due_last,
    refused,
    shelf_of,
    visible,
)
from .telling import zone_list

router = Router(tags=["Counts"])
TASKS = "/v0/i/inventory/count_tasks"


@router.post(
    "/v0/i/inventory/stores/{store_id}/count_tasks",
    permission=permissions.CREATE_CYCLE_COUNTS,
    scope=WRITE,
    response={201: Made},
)
def create_count_task(
    request: ApiRequest, store_id: str, body: NewTask, response: HttpResponse
) -> Status[dict[str, Any]]:
    """A pending count of one store; a full count waits for its activation."""
    place, shelf = acted_for(request, store_id), shelf_of(body.stock_location)
    try:
        created = actions.create_counts(
            type=TYPES[body.count_type],
            location_ids=[place.pk],
            stock_location_id=shelf.pk,
            due_date=body.due_date,
            by=request.user,
            key=request.operation_key,
            product_ids=list(dict.fromkeys(body.product_ids or ())),
            name=body.name or "",
            external_id=body.external_id,
            is_blind=body.blind,
        )
    except actions.CountsRefused as error:
        raise refused(error) from error
    count = created.batch.counts.get()
    response["Location"] = f"{TASKS}/{count.uuid}"
    return Status(201, {"success": True, "id": count.uuid})


@router.get(TASKS, permission=SEEING, scope=READ, response=Page[Task])
def list_count_tasks(
    request: ApiRequest, asked: Query[Asked], paging: Query[Paging]
) -> dict[str, Any]:
    """Counts of the user's stores, the latest due date first."""
    rows = visible(request)
    if asked.status:
        rows = rows.filter(status=asked.status.upper())
    if asked.count_type:
        rows = rows.filter(type=TYPES[asked.count_type])
    if asked.store_id is not None:
        rows = rows.filter(location=acted_for(request, asked.store_id))
    if asked.due_from:
        rows = rows.filter(due_date__gte=asked.due_from)
    if asked.due_until:
        rows = rows.filter(due_date__lte=asked.due_until)
    return page(request, newest_due_last(rows), paging, as_task)


@router.get(TASKS + "/{count_id}", permission=SEEING, scope=READ, response=Task)
def get_count_task(request: ApiRequest, count_id: UUID) -> dict[str, Any]:
    """What listeners ask for after `items_counted`."""
    return as_task(count_of(request, count_id))


@router.post(
    TASKS + "/{count_id}/activate",
    permission=permissions.ACTIVATE_FULL_COUNTS,
    scope=WRITE,
    response={202: Done},
)
def activate_count_task(request: ApiRequest, count_id: UUID) -> Status[dict[str, Any]]:
    """Ask for the snapshot of a full count; its status tells when it was taken."""
    count = count_of(request, count_id)
    actions.activate_count(pk=count.pk, by=request.user)
    return Status(202, done(count))


@router.post(
    TASKS + "/{count_id}/zones",
    permission=(permissions.CREATE_CYCLE_COUNTS, permissions.ACTIVATE_FULL_COUNTS),
    scope=WRITE,
    response=ZoneList,
)
def plan_count_zones(request: ApiRequest, count_id: UUID, body: ZonePlan) -> dict[str, Any]:
    """Zones `label first` to `label last`; those that exist stay as they are."""
    count = count_of(request, count_id)
    actions.plan_zones(pk=count.pk, first=body.first, last=body.last, label=body.label)
    return zone_list(count)


@router.get(TASKS + "/{count_id}/zones", permission=SEEING, scope=READ, response=ZoneList)
def list_count_zones(request: ApiRequest, count_id: UUID) -> dict[str, Any]:
    """Zones with what was counted in them, in the order of their names."""
    return zone_list(count_of(request, count_id))


@router.post(
    TASKS + "/{count_id}/cancel",
    permission=permissions.CANCEL_CYCLE_COUNTS,
    scope=WRITE,
    response=Done,
)
def cancel_count_task(request: ApiRequest, count_id: UUID) -> dict[str, Any]:
    """Pending or in progress only; final, and without effect on stock."""
    count = count_of(request, count_id)
    actions.cancel_counts(pks=[count.pk], by=request.user)
    return done(count)
