"""What is sent and answered; names as in CONTRACT §4, and ours beyond it."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from inventory.models import MAX_QUANTITY
from omnichannel.api.moments import Moment
from omnichannel.api.schemas import Body, Text

from ..models import TransferOrder, TransferTransaction

STATUSES = {
    TransferOrder.Status.OPEN: "open",
    TransferOrder.Status.IN_PROGRESS: "in_progress",
    TransferOrder.Status.COMPLETED: "completed",
    TransferOrder.Status.CLOSED: "closed",
}
PARCEL_STATUSES = {
    TransferTransaction.Status.PICKED: "picked",
    TransferTransaction.Status.READY: "ready",
    TransferTransaction.Status.SHIPPED: "shipped",
    TransferTransaction.Status.UNPACKED: "unpacked",
}
StatusName = Literal["open", "in_progress", "completed", "closed"]
ParcelStatusName = Literal["picked", "ready", "shipped", "unpacked"]
Id = Text(256)
Reference = Annotated[str, StringConstraints(max_length=256, pattern=r"\S")]
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]
Revision = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
CONFIGURATION = "transfer_shipping_configuration"
FORMER = "transfer_order_configuration"


# ------------------------------------------------------------ orders
class OrderedItem(Body):
    product_id: Id  # type: ignore[valid-type]
    ordered_quantity: Quantity


class OrderIn(Body):
    external_ref: Reference
    from_location_id: Id  # type: ignore[valid-type]
    to_location_id: Id  # type: ignore[valid-type]
    order_date: Moment
    items: Annotated[list[OrderedItem], Field(min_length=1, max_length=10_000)]
    due_date: Moment | None = None
    from_stock_location: Text(64) | None = None  # type: ignore[valid-type]
    # Ours.
    note: Text(2_000, 0) | None = None  # type: ignore[valid-type]


class StoreOrderIn(Body):
    """What a store begins itself: its reference comes from us."""

    to_location_id: Id  # type: ignore[valid-type]
    items: Annotated[list[OrderedItem], Field(min_length=1, max_length=10_000)]
    due_date: Moment | None = None
    from_stock_location: Text(64) | None = None  # type: ignore[valid-type]
    note: Text(2_000, 0) | None = None  # type: ignore[valid-type]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class CreatedOrder(Body):
    success: bool
    id: UUID
    external_ref: str


class LineOut(Body):
    """`variance` is ordered - transferred; what is not of the contract tells where units are."""

    product_id: str
    ordered_quantity: int
    transferred_quantity: int
    variance: int
    remaining_quantity: int
    set_aside_quantity: int


class LineWithArrivals(LineOut):
    received_quantity: int
    in_transit_quantity: int


class OrderSummary(Body):
    id: UUID
    external_ref: str
    status: StatusName
    revision: int
    from_location_id: str
    to_location_id: str
    from_stock_location: str
    order_date: Moment
    due_date: date | None
    created_at: Moment
    updated_at: Moment
    completed_at: Moment | None
    closed_by: str | None
    is_store_initiated: bool
    note: str
    ordered_item_total: int
    transferred_item_total: int
    set_aside_item_total: int


class OrderInList(OrderSummary):
    line_items: list[LineOut]


class OrderOut(OrderSummary):
    line_items: list[LineWithArrivals]


class CloseIn(Body):
    revision: Revision | None = None
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


# ------------------------------------------------------------ transactions
class ParcelItem(Body):
    product_id: Id  # type: ignore[valid-type]
    quantity: Quantity


class UnpackIn(Body):
    revision: Revision | None = None


class PackIn(UnpackIn):
    """With `items` the parcel holds these and nothing else; without, what was picked into it.

    Without any of the carrier's fields, what was told before stays.
    """

    items: Annotated[list[ParcelItem], Field(min_length=1, max_length=10_000)] | None = None
    with_carrier: bool | None = None
    carrier: Text(128, 0) | None = None  # type: ignore[valid-type]
    service_level: Text(128, 0) | None = None  # type: ignore[valid-type]
    tracking_number: Text(256, 0) | None = None  # type: ignore[valid-type]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def carriers_take_it(self) -> "PackIn":
        told = (self.carrier, self.service_level, self.tracking_number)
        if any(told) and not self.with_carrier:
            raise ValueError("carrier, service_level and tracking_number need with_carrier")
        return self


class ParcelLine(Body):
    """`picked_quantity` and `quantity` are what the parcel holds."""

    product_id: str
    ordered_quantity: int
    picked_quantity: int
    quantity: int
    remaining_quantity: int


class OrderOfParcel(Body):
    id: UUID
    external_ref: str
    from_location_id: str
    to_location_id: str
    origin_stock_location: str


class ParcelOut(Body):
    """`shipment_requested`: a carrier takes it."""

    id: UUID
    number: str
    status: ParcelStatusName
    revision: int
    shipment_requested: bool
    carrier: str | None
    service_level: str | None
    tracking_number: str | None
    associate_id: str
    created_at: Moment
    ready_at: Moment | None
    shipped_at: Moment | None
    unpacked_at: Moment | None
    asn_id: UUID | None
    line_items: list[ParcelLine]
    transfer_order: OrderOfParcel


class ParcelResult(Body):
    result: ParcelOut


class CreatedParcel(Body):
    success: bool
    id: UUID


# ------------------------------------------------------------ routes
class RouteIn(Body):
    from_location_id: Id  # type: ignore[valid-type]
    to_location_ids: Annotated[
        list[Text(256)],  # type: ignore[valid-type]
        Field(min_length=1, max_length=10_000),
    ]
    service_level_ids: Annotated[
        list[Text(128)],  # type: ignore[valid-type]
        Field(max_length=1_000),
    ]


class RoutesIn(Body):
    transfer_shipping_configuration: Annotated[list[RouteIn], Field(max_length=10_000)]

    @model_validator(mode="before")
    @classmethod
    def either_name(cls, value: Any) -> Any:
        """The guide's tutorial has another name than the specification (CONTRACT §8)."""
        body = getattr(value, "_obj", value)
        if isinstance(body, dict) and CONFIGURATION not in body and FORMER in body:
            return {CONFIGURATION: body[FORMER]}
        return value


class RouteOut(RouteIn):
    id: UUID


class RoutesOut(Body):
    transfer_shipping_configuration: list[RouteOut]
