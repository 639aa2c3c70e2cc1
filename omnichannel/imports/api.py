"""`/v0/d/import`: files from an integration (CONTRACT §4.3)."""

import uuid
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from ninja import Field, Query, Status

from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.moments import Moment
from omnichannel.api.paging import MOST, Page, Paging, page
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Text
from omnichannel.documents import ActionError
from omnichannel.web.permissions import VIEW_TOOLS

from . import actions
from .kinds import kinds_of
from .models import Import, ImportProblem

router = Router(tags=["Imports"])
BASE = "/v0/d/import"
READ = {"permission": VIEW_TOOLS, "scope": scopes.IMPORT_READ}
WRITE = {"permission": VIEW_TOOLS, "scope": scopes.IMPORT_WRITE}
Entity = Literal["products", "categories", "availabilities", "prices", "dwre_orders"]
ErrorEntity = Literal["products", "categories", "availabilities", "prices"]
STATES = {state.value.lower(): state for state in Import.State}
SORTS = ("received_at", "completed_at", "name", "state")
MOST_TOLD = 1_000


class ImportIn(Body):
    provider: Text(256)  # type: ignore[valid-type]
    source_uri: Text(2048)  # type: ignore[valid-type]
    entities: list[Entity] = Field(min_length=1, max_length=16)
    name: Text(256, 0) = ""  # type: ignore[valid-type]
    full: bool = False
    shop: Text(256, 0) = ""  # type: ignore[valid-type]
    locale: Text(32, 0) = ""  # type: ignore[valid-type]
    availabilities_store_ids: list[Text(256)] = Field(  # type: ignore[valid-type]
        default_factory=list, max_length=10_000
    )
    revision: int | None = Field(None, ge=-(2**63), le=2**63 - 1)


class Created(Body):
    id: uuid.UUID


class StartIn(Body):
    transformed_uri: Text(2048)  # type: ignore[valid-type]


class ReasonIn(Body):
    reason: Text(10_000)  # type: ignore[valid-type]


class ImportItem(Body):
    import_id: uuid.UUID
    entities: list[str]
    received_at: Moment
    completed_at: Moment | None
    name: str
    state: str
    full: bool


class ImportBody(ImportItem):
    source: str
    provider: str
    source_uri: str
    transformed_uri: str
    revision: int
    reason: str
    shop: str
    locale: str
    availabilities_store_ids: list[str]


class ProblemBody(Body):
    entity_type: str
    entity_id: str
    reason: str
    created_at: Moment


class ChunkBody(Body):
    chunk_id: uuid.UUID
    created_at: Moment
    completed_at: Moment | None
    size: int
    failed: bool
    failure_message: str
    entity: str


class ProblemIn(Body):
    error_id: uuid.UUID
    entity_type: ErrorEntity
    entity_id: Text(255)  # type: ignore[valid-type]
    reason: Text(10_000)  # type: ignore[valid-type]


class Acknowledged(Body):
    acknowledged: bool


class All(Paging):
    """A client that asks whether there are errors, asks without numbers: it is told of all."""

    count: int = Field(MOST, ge=1, le=MOST)


class Asked(Paging):
    """`filter[state]=finished,failed`, `sort=received_at|desc`."""

    state: str = Field("", alias="filter[state]", max_length=200)
    sort: str = Field("", max_length=40)

    def of(self, rows: QuerySet[Import]) -> QuerySet[Import]:
        """
        Raises:
            ApiError: a state or an order that there is not.
        """
        words = [word.strip().lower() for word in self.state.split(",") if word.strip()]
        if strange := [word for word in words if word not in STATES]:
            raise bad_request(f"filter[state] knows {', '.join(STATES)}; not {strange[0][:40]!r}.")
        if words:
            rows = rows.filter(state__in=[STATES[word] for word in words])
        name, _bar, way = (self.sort or "received_at|desc").partition("|")
        if name not in SORTS or way not in {"", "asc", "desc"}:
            raise bad_request(f"sort knows {', '.join(SORTS)}, each with |asc or |desc.")
        sign = "-" if way == "desc" else ""
        return rows.order_by(f"{sign}{name}", f"{sign}id")


def bad_request(message: str) -> ApiError:
    return ApiError(400, "invalid_data", message)


def item(import_: Import) -> dict[str, Any]:
    return {
        "import_id": import_.uuid,
        "entities": import_.entities,
        "received_at": import_.received_at,
        "completed_at": import_.completed_at,
        "name": import_.name,
        "state": import_.state.lower(),
        "full": import_.full,
    }


def shown(import_: Import) -> dict[str, Any]:
    return {
        **item(import_),
        "source": import_.provider,
        "provider": import_.provider,
        "source_uri": import_.source_uri,
        "transformed_uri": import_.transformed_uri,
        "revision": import_.revision or milliseconds(import_.received_at),
        "reason": import_.reason,
        "shop": import_.shop,
        "locale": import_.locale,
        "availabilities_store_ids": import_.store_ids,
    }


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


def mine(request: ApiRequest, import_id: str) -> Import:
    """To be changed by this user.

    Raises:
        ApiError: 404, 403
    """
    found = one(request, import_id)
    refuse_others(request, found.entities)
    return found


def one(request: ApiRequest, import_id: str) -> Import:
    try:
        return Import.objects.visible_to(request.user).get(uuid=uuid.UUID(import_id))
    except (ValueError, Import.DoesNotExist) as unknown:
        raise not_found(f"There is no import {import_id[:64]!r}.") from unknown


def refuse_others(request: ApiRequest, entities: list[str]) -> None:
    """The permission of the act: whoever may not change prices sends none.

    Raises:
        ApiError: 403; 422 for what is not imported here.
    """
    try:
        kinds = kinds_of(entities)
    except ActionError as unknown:
        raise ApiError(422, "invalid_data", str(unknown)) from unknown
    for kind in kinds:
        if not kind.may_be_brought_by(request.user):
            needed = " and ".join(kind.permissions)
            raise ApiError(403, "forbidden", f"To import {kind.name} needs {needed}.")


@router.post(BASE, response={201: Created}, **WRITE, openapi_extra={"refusals": [429]})
def create_import(request: ApiRequest, body: ImportIn) -> Status[dict[str, Any]]:
    """Announce an import; its file follows with `start`."""
    refuse_others(request, list(body.entities))
    told = body.model_dump()
    told["store_ids"] = told.pop("availabilities_store_ids")
    try:
        import_ = actions.receive(owner=request.user, **told)
    except actions.TooManyOpen as full:
        wait = {"Retry-After": str(full.seconds)}
        raise ApiError(429, "too_many_requests", str(full), headers=wait) from full
    except ActionError as refused:
        raise ApiError(422, "invalid_data", str(refused)) from refused
    return Status(201, {"id": import_.uuid})


@router.get(BASE, response=Page[ImportItem], **READ)
def list_imports(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Imports of the last 30 days, the newest first."""
    return page(request, asked.of(Import.objects.visible_to(request.user)), asked, item)


@router.get(BASE + "/{import_id}", response=ImportBody, **READ)
def get_import(request: ApiRequest, import_id: str) -> dict[str, Any]:
    """One import: how far it is, and how it ended."""
    return shown(one(request, import_id))


@router.post(BASE + "/{import_id}/start", response=ImportBody, **WRITE)
def start_import(request: ApiRequest, import_id: str, body: StartIn) -> dict[str, Any]:
    """Begin with the ZIP at this https address."""
    found = mine(request, import_id)
    try:
        started = actions.start(pk=found.pk, transformed_uri=body.transformed_uri, by=request.user)
    except ActionError as refused:
        raise bad_request(str(refused)) from refused
    return shown(started)


@router.post(BASE + "/{import_id}/set_fail", response=ImportBody, **WRITE)
def fail_import(request: ApiRequest, import_id: str, body: ReasonIn) -> dict[str, Any]:
    """End an import that is open; what its chunks wrote stays."""
    found = mine(request, import_id)
    try:
        return shown(actions.set_fail(pk=found.pk, reason=body.reason))
    except ActionError as refused:
        raise bad_request(str(refused)) from refused


@router.get(BASE + "/{import_id}/errors", response=Page[ProblemBody], **READ)
def list_import_errors(request: ApiRequest, import_id: str, asked: Query[All]) -> dict[str, Any]:
    """What was wrong with rows, in order of the file."""
    problems = one(request, import_id).wrong()
    return page(
        request,
        problems,
        asked,
        lambda problem: {
            "entity_type": problem.entity_type,
            "entity_id": problem.entity_id,
            "reason": problem.reason,
            "created_at": problem.created_at,
        },
    )


@router.post(BASE + "/{import_id}/errors", response=Acknowledged, **WRITE)
def save_import_errors(
    request: ApiRequest, import_id: str, body: list[ProblemIn]
) -> dict[str, bool]:
    """Errors that the integration itself found; an `error_id` counts once."""
    found = mine(request, import_id)
    if len(body) > MOST_TOLD:
        raise bad_request(f"At most {MOST_TOLD} errors at once.")
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                of=found,
                row=0,
                error_id=told.error_id,
                entity_type=told.entity_type,
                entity_id=told.entity_id,
                cause=told.reason,
            )
            for told in body
        ],
        ignore_conflicts=True,
    )
    return {"acknowledged": True}


@router.get(BASE + "/{import_id}/chunks", response=Page[ChunkBody], **READ)
def list_import_chunks(request: ApiRequest, import_id: str, asked: Query[All]) -> dict[str, Any]:
    """Rows that were written together, or not at all."""
    return page(
        request,
        one(request, import_id).chunks.order_by("id"),
        asked,
        lambda chunk: {
            "chunk_id": chunk.uuid,
            "created_at": chunk.created_at,
            "completed_at": chunk.completed_at,
            "size": chunk.size,
            "failed": chunk.failed,
            "failure_message": chunk.failure_message,
            "entity": chunk.entity,
        },
    )
