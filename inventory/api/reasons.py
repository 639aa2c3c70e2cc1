"""Adjustment reasons: read, made and renamed (CONTRACT §4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from ninja import Query, Schema

from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Text
from omnichannel.documents import ActionError

from .. import actions, permissions
from ..models import AdjustmentReason

router = Router(tags=["Adjustment reasons"])
READ: dict[str, Any] = {
    "permission": (
        permissions.VIEW_INVENTORY_MANAGEMENT,
        permissions.ADJUST_INVENTORY,
        permissions.MODIFY_REASON_CODES,
    ),
    "scope": scopes.REASONS_READ,
}
WRITE: dict[str, Any] = {
    "permission": permissions.MODIFY_REASON_CODES,
    "scope": scopes.REASONS_WRITE,
}


class Reason(Schema):
    """`origin` and `destination` are stock locations; null is outside of what is tracked."""

    id: UUID
    type: str
    subtype: str
    origin: str | None
    destination: str | None
    is_activated: bool


class Reasons(Schema):
    reasons: list[Reason]


class Asked(Schema):
    should_include_inactive: bool = False


class NewReason(Body):
    type: Text(64)  # type: ignore[valid-type]
    subtype: Text(128)  # type: ignore[valid-type]
    origin_stock_location: Text(64) | None = None  # type: ignore[valid-type]
    destination_stock_location: Text(64) | None = None  # type: ignore[valid-type]


class ReasonChanges(Body):
    """What is missing or null stays."""

    is_activated: bool | None = None
    type: Text(64) | None = None  # type: ignore[valid-type]
    subtype: Text(128) | None = None  # type: ignore[valid-type]


def told(reason: AdjustmentReason) -> dict[str, Any]:
    return {"id": reason.uuid, **actions.as_told(reason)}


@contextmanager
def invalid() -> Iterator[None]:
    """What is refused is a wrong field here: the contract knows only 422."""
    try:
        yield
    except ActionError as error:
        raise ApiError(422, "invalid_data", str(error)) from error


@router.get("/inventory/adjustment-reasons", **READ, response=Reasons)
def list_reasons(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The reasons that may be used now, or all that ever were."""
    rows = AdjustmentReason.objects.select_related("origin", "destination")
    if not asked.should_include_inactive:
        rows = rows.filter(is_active=True)
    return {"reasons": [told(row) for row in rows.order_by("type", "subtype", "pk")]}


@router.post("/v0/i/inventory/adjustment_reasons", **WRITE, response=Reason)
def create_reason(request: ApiRequest, body: NewReason) -> dict[str, Any]:
    """One more reason; the stock locations it names are there already."""
    with invalid():
        reason = actions.create_reason(
            request,
            type=body.type,
            subtype=body.subtype,
            origin=body.origin_stock_location,
            destination=body.destination_stock_location,
        )
    return told(reason)


@router.patch("/v0/i/inventory/adjustment_reasons/{reason_id}", **WRITE, response=Reason)
def patch_reason(request: ApiRequest, reason_id: UUID, body: ReasonChanges) -> dict[str, Any]:
    """Rename it, or offer it no more; what was posted under it keeps its words."""
    reason = AdjustmentReason.objects.filter(uuid=reason_id).first()
    if reason is None:
        raise not_found(f"There is no adjustment reason {reason_id}.")
    fields = body.model_dump(exclude_none=True)
    if "is_activated" in fields:
        fields["is_active"] = fields.pop("is_activated")
    with invalid():
        return told(actions.change_reason(request, reason.pk, fields))
