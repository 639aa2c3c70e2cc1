"""What is told about items of orders, and what is answered."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from omnichannel.api.moments import Moment
from omnichannel.api.schemas import Body, Text

from ..actions.orders import MOST_ITEMS

# A year: what an order keeps longer is no reservation.
Seconds = Annotated[int, Field(strict=True, ge=1, le=31_536_000)]
Few = Field(min_length=1, max_length=MOST_ITEMS)
Name = Text(256)
Reason = Literal[
    "no_inventory",
    "cancellation_request",
    "cannot_fulfill",
    "refused",
    "damaged_items",
    "rescinded",
]


class ReservedItem(Body):
    id: UUID
    product_id: Name  # type: ignore[valid-type]
    fulfillment_node_id: Name  # type: ignore[valid-type]


class ReserveIn(Body):
    items: Annotated[list[ReservedItem], Few]
    expires_in_seconds: Seconds | None = None


class ReservationTold(Body):
    success: bool
    order_id: UUID
    expires_at: Moment


class Released(Body):
    success: bool
    released: int


class AssignedItem(Body):
    id: UUID
    product_id: Name  # type: ignore[valid-type]
    carrier_service: Name | None = None  # type: ignore[valid-type]
    is_preorder: bool = False


class AssignIn(Body):
    id: UUID | None = None
    order_id: UUID
    fulfillment_location_id: Name  # type: ignore[valid-type]
    service_level: Name | None = None  # type: ignore[valid-type]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]
    items: Annotated[list[AssignedItem], Few]


class ItemStanding(Body):
    id: UUID
    product_id: str
    is_preorder: bool
    status: str


class RequestTold(Body):
    success: bool
    id: UUID
    order_id: UUID
    fulfillment_location_id: str
    service_level: str | None
    created_at: Moment
    items: list[ItemStanding]


class NamedItem(Body):
    id: UUID


class CompletedItem(NamedItem):
    tracking_code: Name | None = None  # type: ignore[valid-type]
    carrier: Name | None = None  # type: ignore[valid-type]
    carrier_service: Name | None = None  # type: ignore[valid-type]
    shipped_at: Moment | None = None


class FailedItem(NamedItem):
    rejection_reason: Reason
    fulfillment_rejection_reason: Text(2_000, 0) | None = None  # type: ignore[valid-type]


class PackIn(Body):
    items: Annotated[list[NamedItem], Few]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class CompleteIn(Body):
    items: Annotated[list[CompletedItem], Few]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class FailIn(Body):
    items: Annotated[list[FailedItem], Few]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class FactTold(Body):
    """`logical_timestamp` rises with every fact that is told."""

    success: bool
    request_id: UUID
    logical_timestamp: int
    items: list[UUID]
