"""Event-stream configuration and observability over JSON (CONTRACT §3.5)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from omnichannel.accounts.scopes import EVENT_STREAM_READ, EVENT_STREAM_WRITE
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.moments import Moment, written
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, StrictBody, Text
from omnichannel.documents import ActionError, TransitionNotAllowed

from . import integrations, queries, rejected
from .models import Attempt, Delivery, Integration, LogEntry
from .permissions import VIEW_TOOLS

router = Router(tags=["Event stream"])
BASE = "/api/v1/org/integrations"
STREAM = f"{BASE}/eventstream"
ONE = f"{STREAM}/{{integration_id}}"
REJECTED = f"{ONE}/rejected_events"
READ: dict[str, Any] = {"permission": VIEW_TOOLS, "scope": EVENT_STREAM_READ}
WRITE: dict[str, Any] = {"permission": VIEW_TOOLS, "scope": EVENT_STREAM_WRITE}
MOST_LOG_ENTRIES = 50
NAME = r"^[a-z0-9-]+$"
PREFIX = r"^[a-zA-Z0-9\-/_.]*[^/]$"
# What may stand in a header.
PRINTABLE = r"^[ -~]*$"


class CallbackParameters(Body):
    callback_url: Text(2_048)  # type: ignore[valid-type]
    api_key: Annotated[str, StringConstraints(max_length=1_024, pattern=PRINTABLE)] = ""


class S3Parameters(Body):
    aws_access_key_id: Text(256)  # type: ignore[valid-type]
    aws_secret_access_key: Text(256)  # type: ignore[valid-type]
    aws_region: Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9-]+$")]
    bucket: Annotated[str, StringConstraints(max_length=255, pattern=r"^[a-zA-Z0-9.\-_]+$")]
    key_prefix: Annotated[str, StringConstraints(max_length=64, pattern=PREFIX)] | None = None


class FilterConditions(Body):
    """Both add up; an empty one filters nothing."""

    event_filter: list[Text(100)] = Field([], max_length=100)  # type: ignore[valid-type]
    entity_filter: list[Text(100)] = Field([], max_length=100)  # type: ignore[valid-type]


class IntegrationChanges(StrictBody):
    callback_parameters: CallbackParameters | None = None
    s3_parameters: S3Parameters | None = None
    filter_conditions: FilterConditions | None = None


class NewIntegration(Body):
    id: Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=NAME)]
    integration_type: Literal["temporary", "permanent"]
    callback_parameters: CallbackParameters | None = None
    s3_parameters: S3Parameters | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    filter_conditions: FilterConditions | None = None


class CallbackOut(Schema):
    callback_url: str


class S3Out(Schema):
    aws_region: str
    bucket: str
    key_prefix: str | None = None


class FiltersOut(Schema):
    event_filter: list[str] | None = None
    entity_filter: list[str] | None = None


class IntegrationOut(Schema):
    """No key and no secret; `signing_secret` once, in the answer that makes it."""

    id: str
    integration_type: Literal["temporary", "permanent"]
    status: Literal["running", "stopped"]
    callback_parameters: CallbackOut | None = None
    s3_parameters: S3Out | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    filter_conditions: FiltersOut | None = None
    signing_secret: str | None = None


class IntegrationsOut(Schema):
    integrations: list[IntegrationOut]


class LogEntryOut(Schema):
    created_at: datetime
    action: str
    reason: str


class LogOut(Schema):
    entries: list[LogEntryOut]


class RejectedOut(Schema):
    id: UUID
    created_at: datetime


class RejectedEventsOut(Schema):
    rejected_events: list[RejectedOut]


class EventOut(Schema):
    tenant: str
    name: str
    published_at: str
    payload: dict[str, Any]


class Done(Schema):
    """Nothing to tell."""


class SecretOut(Schema):
    signing_secret: str
    previous_secret_until: datetime


class Response(Schema):
    code: int
    body: str


class PublishedEvent(Schema):
    integration_id: str
    integration_type: Literal["temporary", "permanent"]
    target: Literal["webhook", "s3"]
    status: Literal["SUCCESS", "FAILURE"]
    response: Response
    attempted_at: datetime
    retries_remaining: int = Field(ge=0, le=10)
    entity_id: str
    domain_entity_id: str
    domain_entity_type: str
    event_name: str
    url: str | None = None
    filename: str | None = None
    response_time_ms: int


class Asked(Schema):
    """What may be asked of published events."""

    since: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    event_name: str | None = None
    integration_id: str | None = None
    status: str | None = None
    domain_entity_id: str | None = None
    domain_entity_type: str | None = None


def bad(message: str) -> ApiError:
    return ApiError(400, "invalid_data", message)


def found(name: str) -> Integration:
    try:
        return integrations.one(name)
    except Integration.DoesNotExist as error:
        raise not_found(f"There is no integration {name[:60]!r}.") from error


@contextmanager
def refusals() -> Iterator[None]:
    """What the room refuses, in the codes of the contract."""
    try:
        yield
    except integrations.AlreadyThere as error:
        raise ApiError(409, "integration_already_exists", str(error)) from error
    except integrations.Busy as error:
        raise ApiError(503, "unavailable", str(error), headers={"Retry-After": "5"}) from error
    except ActionError as error:
        raise bad(str(error)) from error


def target(given: NewIntegration | IntegrationChanges) -> dict[str, Any]:
    """The fields of exactly one target, or of none."""
    if given.callback_parameters and given.s3_parameters:
        raise bad("Give callback_parameters or s3_parameters, not both.")
    if hook := given.callback_parameters:
        return {"target": Integration.Target.WEBHOOK, **hook.dict()}
    if bucket := given.s3_parameters:
        fields = bucket.dict()
        return {
            "target": Integration.Target.S3,
            **fields,
            "key_prefix": fields["key_prefix"] or "",
        }
    return {}


def filters(given: FilterConditions | None) -> dict[str, Any]:
    return given.dict() if given else {}


def period(given: NewIntegration) -> dict[str, Any]:
    """When a temporary integration begins and ends.

    Raises:
        ApiError: 400; a period that the type does not have, or that is none.
    """
    if given.starts_at and given.starts_at > timezone.now():
        raise bad("starts_at lies in the future.")
    if given.integration_type == "permanent":
        if given.ends_at:
            raise bad("A permanent integration has no ends_at.")
        return {"type": Integration.Type.PERMANENT, "starts_at": given.starts_at}
    if not (given.starts_at and given.ends_at):
        raise bad("A temporary integration has starts_at and ends_at.")
    if given.starts_at >= given.ends_at:
        raise bad("starts_at lies after ends_at.")
    return {
        "type": Integration.Type.TEMPORARY,
        "starts_at": given.starts_at,
        "ends_at": given.ends_at,
    }


def shown(row: Integration, secret: str | None = None) -> dict[str, Any]:
    """The integration as the contract writes it."""
    is_hook = row.target == Integration.Target.WEBHOOK
    told: dict[str, Any] = {
        "id": row.name,
        "integration_type": row.type.lower(),
        "status": row.status.lower(),
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "signing_secret": secret,
    }
    if is_hook:
        told["callback_parameters"] = {"callback_url": row.callback_url}
    else:
        told["s3_parameters"] = {
            "aws_region": row.aws_region,
            "bucket": row.bucket,
            "key_prefix": row.key_prefix or None,
        }
    if row.event_filter or row.entity_filter:
        told["filter_conditions"] = {
            "event_filter": row.event_filter or None,
            "entity_filter": row.entity_filter or None,
        }
    return told


@router.get(STREAM, response=IntegrationsOut, exclude_none=True, **READ)
def list_integrations(request: ApiRequest) -> dict[str, Any]:
    rows = Integration.objects.registered().order_by("name")
    return {"integrations": [shown(row) for row in rows]}


# An answer that is kept under an Idempotency-Key would be a secret in plain text. The id itself
# makes a repetition harmless: it is answered 409.
@router.post(STREAM, response=IntegrationOut, exclude_none=True, atomic=False, **WRITE)
def create_integration(request: ApiRequest, body: NewIntegration) -> dict[str, Any]:
    fields = {**target(body), **filters(body.filter_conditions), **period(body)}
    if "target" not in fields:
        raise bad("Give callback_parameters or s3_parameters.")
    with refusals(), transaction.atomic(durable=True):
        made, secret = integrations.register(body.id, **fields)
    return shown(made, secret)


@router.get(ONE, response=IntegrationOut, exclude_none=True, **READ)
def get_integration(request: ApiRequest, integration_id: str) -> dict[str, Any]:
    return shown(found(integration_id))


@router.patch(ONE, response=IntegrationOut, exclude_none=True, **WRITE)
def change_integration(
    request: ApiRequest, integration_id: str, body: IntegrationChanges
) -> dict[str, Any]:
    row = found(integration_id)
    fields = {**target(body), **filters(body.filter_conditions)}
    if fields.pop("target", row.target) != row.target:
        raise bad("A webhook stays a webhook, and a bucket a bucket. Register another one.")
    with refusals():
        return shown(integrations.change(pk=row.pk, **fields))


@router.delete(ONE, response=Done, **WRITE)
def delete_integration(request: ApiRequest, integration_id: str) -> dict[str, Any]:
    integrations.delete(pk=found(integration_id).pk)
    return {}


@router.post(f"{ONE}/_start", response=IntegrationOut, exclude_none=True, **WRITE)
def start_integration(request: ApiRequest, integration_id: str) -> dict[str, Any]:
    """To start what runs changes nothing."""
    row = found(integration_id)
    if row.status != Integration.Status.RUNNING:
        with suppress(TransitionNotAllowed):
            integrations.start(pk=row.pk)
    return shown(found(integration_id))


@router.post(f"{ONE}/_stop", response=IntegrationOut, exclude_none=True, **WRITE)
def stop_integration(request: ApiRequest, integration_id: str) -> dict[str, Any]:
    """To stop what is stopped changes nothing."""
    row = found(integration_id)
    if row.status != Integration.Status.STOPPED:
        with suppress(TransitionNotAllowed):
            integrations.stop(pk=row.pk)
    return shown(found(integration_id))


# Kept under a key, its answer would be a secret in plain text; the old secret signs on meanwhile.
@router.post(f"{ONE}/_rotate_secret", response=SecretOut, atomic=False, **WRITE)
def rotate_signing_secret(request: ApiRequest, integration_id: str) -> dict[str, Any]:
    """A new signing secret, told once. The ones of before sign beside it for a day."""
    row = found(integration_id)
    with transaction.atomic(durable=True):
        secret = integrations.rotate_secret(pk=row.pk)
    return {
        "signing_secret": secret,
        "previous_secret_until": found(integration_id).previous_secret_until,
    }


@router.get(f"{ONE}/logs", response=LogOut, **READ)
def get_log(request: ApiRequest, integration_id: str) -> dict[str, Any]:
    rows = LogEntry.objects.filter(integration=found(integration_id)).order_by("-id")
    return {"entries": list(rows.values("created_at", "action", "reason")[:MOST_LOG_ENTRIES])}


@router.get(REJECTED, response=RejectedEventsOut, **READ)
def list_rejected_events(request: ApiRequest, integration_id: str) -> dict[str, Any]:
    rows = rejected.listed(found(integration_id))
    return {"rejected_events": [{"id": row.uuid, "created_at": row.finished_at} for row in rows]}


def one_rejected(integration_id: str, event_id: UUID) -> Delivery:
    try:
        return rejected.one(found(integration_id), event_id)
    except Delivery.DoesNotExist as error:
        raise not_found(f"{event_id} is not among the rejected events.") from error


@router.get(f"{REJECTED}/{{event_id}}", response=EventOut, **READ)
def get_rejected_event(request: ApiRequest, integration_id: str, event_id: UUID) -> HttpResponse:
    body = one_rejected(integration_id, event_id).event.body
    return HttpResponse(body, content_type="application/json")


@router.delete(f"{REJECTED}/{{event_id}}", response=Done, **WRITE)
def delete_rejected_event(
    request: ApiRequest, integration_id: str, event_id: UUID
) -> dict[str, Any]:
    rejected.discard(pk=one_rejected(integration_id, event_id).pk)
    return {}


@router.post(
    f"{REJECTED}/{{event_id}}/_retry",
    response=Done,
    atomic=False,
    openapi_extra={"refusals": (409, 502)},
    **WRITE,
)
def retry_rejected_event(
    request: ApiRequest, integration_id: str, event_id: UUID
) -> dict[str, Any]:
    """Sent while the caller waits, at most 15 seconds; out of the list when it is taken."""
    row = one_rejected(integration_id, event_id)
    try:
        rejected.replay(pk=row.pk)
    except rejected.NotDelivered as error:
        raise ApiError(502, "receiver_failed", str(error)) from error
    except rejected.BeingSent as error:
        raise ApiError(409, "conflict", str(error)) from error
    return {}


@router.get(f"{BASE}/published-events", response=list[PublishedEvent], exclude_none=True, **READ)
def list_published_events(request: ApiRequest, asked: Query[Asked]) -> list[dict[str, Any]]:
    """Tries of the last 30 days, the newest first, at most 1,000; narrow them by `from` and `to`."""
    rows = queries.attempts(
        since=asked.since,
        until=asked.to,
        event=asked.event_name,
        integration=asked.integration_id,
        status=asked.status,
        entity_id=asked.domain_entity_id,
        entity=asked.domain_entity_type,
    )
    return [published(row) for row in rows]


def published(row: Attempt) -> dict[str, Any]:
    integration, event = row.integration, row.event
    is_hook = integration.target == Integration.Target.WEBHOOK
    return {
        "integration_id": integration.name,
        "integration_type": integration.type.lower(),
        "target": integration.target.lower(),
        "status": row.status,
        "response": {"code": row.code, "body": row.body},
        "attempted_at": written(row.attempted_at),
        "retries_remaining": row.retries_remaining,
        "entity_id": event.entity_id,
        "domain_entity_id": event.entity_id,
        "domain_entity_type": event.name.partition(".")[0],
        "event_name": event.name,
        "url": integration.callback_url if is_hook else None,
        "filename": row.filename or None,
        "response_time_ms": row.response_time_ms,
    }
