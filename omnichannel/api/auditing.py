"""`/audit-events`: who changed reference data, settings and people (CONTRACT §4.8)."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from ninja import Query, Schema
from pydantic import Field

from omnichannel.accounts import permissions, scopes
from omnichannel.accounts.models import AuditEvent

from .errors import ApiError
from .moments import Moment
from .routing import ApiRequest, Router
from .throttling import Limit

router = Router(tags=["Audit events"])
# One a second, as the contract has it, yet not evenly.
LIMIT = Limit("audit-events", 60, 60)
Operation = Literal["CREATED", "UPDATED", "DELETED"]


class Asked(Schema):
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    resource: str | None = Field(None, max_length=256)
    resource_id: str | None = Field(None, max_length=64)
    operation: Operation | None = None
    actor_id: str | None = Field(None, max_length=64)
    actor_name: str | None = Field(None, max_length=256)
    cursor: str | None = Field(None, min_length=1, max_length=8_192)
    page_size: int = Field(25, ge=1, le=100)


class Actor(Schema):
    user_id: str
    display_name: str
    authorized_party: str | None = None
    token_id: str | None = None


class Context(Schema):
    method: str | None = None
    path: str | None = None
    request_id: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None


class Event(Schema):
    event_id: UUID
    created_at: datetime
    level: Literal["AUDIT"]
    tenant: str
    resource: str
    resource_id: str
    operation: Operation
    actor: Actor
    request: Context
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Events(Schema):
    """`next_cursor` is missing on the last page."""

    items: list[Event]
    next_cursor: str | None = None


def body(event: AuditEvent) -> dict[str, Any]:
    sides = {"before": event.before, "after": event.after}
    return {
        "event_id": event.uuid,
        "created_at": event.created_at,
        "level": "AUDIT",
        "tenant": settings.TENANT,
        "resource": event.resource,
        "resource_id": event.resource_id,
        "operation": event.operation,
        "actor": {"user_id": event.actor_id, "display_name": event.actor_name, **event.actor},
        "request": event.request,
        **{name: value for name, value in sides.items() if value is not None},
    }


def place_of(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise ApiError(400, "invalid_data", "This cursor is none of ours. Begin without one.")
    return int(cursor)


@router.get(
    "/audit-events",
    permission=permissions.MANAGE_USERS_AND_ROLES,
    scope=scopes.AUDIT_READ,
    response=Events,
    limit=LIMIT,
    exclude_unset=True,
)
def list_audit_events(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The newest first; the cursor goes on from the last one shown, whatever was added since."""
    conditions = {
        "created_at__gte": asked.since,
        "created_at__lte": asked.until,
        "resource": asked.resource,
        "resource_id": asked.resource_id,
        "operation": asked.operation,
        "actor_id": asked.actor_id,
        "actor_name": asked.actor_name,
        "pk__lt": place_of(asked.cursor) if asked.cursor else None,
    }
    told = {name: value for name, value in conditions.items() if value is not None}
    rows = list(AuditEvent.objects.filter(**told).order_by("-pk")[: asked.page_size + 1])
    shown = rows[: asked.page_size]
    more = {"next_cursor": str(shown[-1].pk)} if len(rows) > len(shown) else {}
    return {"items": [body(event) for event in shown], **more}
