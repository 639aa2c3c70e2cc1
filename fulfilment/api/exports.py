"""Availability in bulk: groups of locations, exports, and their files (CONTRACT §4.4)."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from ninja import Status
from pydantic import Field, StringConstraints

from inventory import permissions as over_stock
from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.moments import Moment
from omnichannel.api.routing import OPEN, ApiRequest, Router
from omnichannel.api.schemas import Body
from omnichannel.locations import permissions as at_locations

from .. import actions
from ..models import AvailabilityExport, AvailabilityExportPiece, AvailabilityGroup
from .finding import pks_of, places_read_by

router = Router(tags=["Availability exports"])
BULK = "/v0/d/availabilities/bulk"
GROUPS = "/v0/d/availabilities/groups"
READ: dict[str, Any] = {
    "permission": (over_stock.VIEW_INVENTORY_MANAGEMENT, over_stock.VIEW_INVENTORY),
    "scope": scopes.STOCK_READ,
}
WRITE: dict[str, Any] = {
    "permission": at_locations.EDIT_FULFILLMENT_AVAILABILITY,
    "scope": scopes.STOCK_WRITE,
}
GroupName = Annotated[str, StringConstraints(pattern=r"^[-_0-9a-zA-Z]+$", max_length=256)]
NodeId = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Nodes = Annotated[list[NodeId], Field(min_length=1, max_length=10_000)]
# What JSON's numbers hold exactly everywhere.
Mark = Annotated[int, Field(strict=True, ge=0, le=2**53)]
State = AvailabilityExport.State


class ExportIn(Body):
    last_updated_at: Mark | None = None


class ExportMade(Body):
    availability_export_id: UUID


class ExportTold(Body):
    state: str
    received_at: Moment
    completed_at: Moment | None = None
    failure_reason: str | None = None
    last_updated_at: int | None = None
    link: str | None = None


class GroupIn(Body):
    group_name: GroupName
    fulfillment_nodes: Nodes


class MembersIn(Body):
    fulfillment_nodes: Nodes


class Group(Body):
    group_name: str
    fulfillment_nodes: list[str]


class GroupList(Body):
    availability_groups: list[Group]


class Done(Body):
    success: bool


@router.post(BULK, **READ, response={201: ExportMade})
def export_all(request: ApiRequest, body: ExportIn) -> Status[dict[str, Any]]:
    """Have a file written of all locations; with `last_updated_at` of what has changed since."""
    refuse_half_a_view(request)
    made = actions.start_export(since=body.last_updated_at, by=request.user)
    return Status(201, {"availability_export_id": made.uuid})


@router.post(f"{BULK}/{{group_name_or_availability_export_id}}", **READ, response={201: ExportMade})
def export_group(
    request: ApiRequest, group_name_or_availability_export_id: str, body: ExportIn
) -> Status[dict[str, Any]]:
    """The same of the locations of a group."""
    group = group_named(request, group_name_or_availability_export_id)
    made = actions.start_export(since=body.last_updated_at, by=request.user, group=group)
    return Status(201, {"availability_export_id": made.uuid})


@router.get(
    f"{BULK}/{{group_name_or_availability_export_id}}",
    **READ,
    response=ExportTold,
    exclude_none=True,
)
def get_export(request: ApiRequest, group_name_or_availability_export_id: str) -> dict[str, Any]:
    """How far it is, and for a week where its file is."""
    export = export_of(request, group_name_or_availability_export_id)
    state, reason = actions.standing_of(export)
    is_there = export.expires_at is not None and export.expires_at > timezone.now()
    path = f"/v0/d/availabilities/files/{export.token}.zip"
    return {
        "state": state.lower(),
        "received_at": export.received_at,
        "completed_at": export.completed_at,
        "failure_reason": reason or None,
        "last_updated_at": export.mark,
        "link": request.build_absolute_uri(path) if is_there else None,
    }


@router.get("/v0/d/availabilities/files/{file}", permission=OPEN, response=bytes)
def get_file(request: ApiRequest, file: str) -> HttpResponseBase:
    """The ZIP itself: its address is the key to it, and it is there for a week."""
    export = AvailabilityExport.objects.filter(
        token=file.removesuffix(".zip"), state=State.FINISHED, expires_at__gt=timezone.now()
    ).first()
    if export is None or not file.endswith(".zip"):
        raise not_found("There is no such file, or it has expired. Ask for a new export.")
    answer = StreamingHttpResponse(pieces(export.pk), content_type="application/zip")
    answer["Content-Length"] = str(export.size)
    answer["Content-Disposition"] = f'attachment; filename="availabilities-{export.uuid}.zip"'
    return answer


def pieces(export: int) -> Iterator[bytes]:
    found = AvailabilityExportPiece.objects.filter(of=export).order_by("number")
    for data in found.values_list("data", flat=True).iterator(chunk_size=4):
        yield bytes(data)


@router.get(GROUPS, **READ, response=GroupList)
def list_groups(request: ApiRequest) -> dict[str, Any]:
    """Every group whose locations the user may read."""
    groups = AvailabilityGroup.objects.prefetch_related("members__location").order_by("name")
    seen = set(places_read_by(request).values_list("pk", flat=True))
    told = [
        group_body(group)
        for group in groups
        if all(member.location_id in seen for member in group.members.all())
    ]
    return {"availability_groups": told}


@router.post(GROUPS, **WRITE, response=Group)
def create_group(request: ApiRequest, body: GroupIn) -> dict[str, Any]:
    """Locations that are exported together."""
    if AvailabilityGroup.objects.filter(name=body.group_name).exists():
        text = f"There is a group {body.group_name} already."
        raise ApiError(409, "fulfillment_node_group_already_exists", text)
    nodes = nodes_of(request, body.fulfillment_nodes)
    return group_body(actions.write_group(request, body.group_name, nodes))


@router.put(f"{GROUPS}/{{group_name}}", **WRITE, response=Group)
def replace_group(request: ApiRequest, group_name: str, body: MembersIn) -> dict[str, Any]:
    """Give the group these locations in place of its own."""
    group = group_named(request, group_name)
    nodes = nodes_of(request, body.fulfillment_nodes)
    return group_body(actions.write_group(request, group.name, nodes))


@router.delete(f"{GROUPS}/{{group_name}}", **WRITE, response=Done)
def delete_group(request: ApiRequest, group_name: str) -> dict[str, bool]:
    """Delete the group; one that is not there is gone already. Exports stay."""
    if AvailabilityGroup.objects.filter(name=group_name).exists():
        group_named(request, group_name)
        actions.delete_group(request, group_name)
    return {"success": True}


def refuse_half_a_view(request: ApiRequest) -> None:
    """A file of all locations is for who reads all of them."""
    user = request.user
    if not (user.is_superuser or user.stock_scope == user.Scope.ALL_STORES):
        text = "This client reads some locations only. Export a group of those."
        raise ApiError(403, "forbidden", text)


def group_named(request: ApiRequest, name: str) -> AvailabilityGroup:
    group = AvailabilityGroup.objects.filter(name=name).first()
    members = [] if group is None else list(group.members.values_list("location_id", flat=True))
    seen = places_read_by(request).filter(pk__in=members).count()
    if group is None or seen != len(members):
        raise not_found(f"There is no group {name}.", "fulfillment_node_group_not_found")
    return group


def export_of(request: ApiRequest, text: str) -> AvailabilityExport:
    try:
        found = AvailabilityExport.objects.filter(uuid=UUID(text)).first()
    except ValueError:
        found = None
    sees_all = request.user.is_superuser or request.user.stock_scope == (
        request.user.Scope.ALL_STORES
    )
    if found is None or not (sees_all or found.owner_id == request.user.pk):
        raise not_found(f"There is no availability export {text[:80]}.")
    return found


def nodes_of(request: ApiRequest, ids: list[str]) -> list[int]:
    """Primary keys, in order; every unknown one is named."""
    found = pks_of(places_read_by(request), ids)
    if unknown := [text for text in dict.fromkeys(ids) if text not in found]:
        messages = [f"There is no location {text}." for text in unknown]
        raise ApiError(400, "invalid_data", " ".join(messages[:20]), messages=messages)
    return list(dict.fromkeys(found[text] for text in ids))


def group_body(group: AvailabilityGroup) -> dict[str, Any]:
    return {"group_name": group.name, "fulfillment_nodes": actions.codes_of(group)}
