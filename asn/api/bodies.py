"""What is sent and answered; names as in CONTRACT §4, and ours beyond it."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from inventory.models import MAX_QUANTITY
from omnichannel.api.moments import Moment
from omnichannel.api.schemas import Body, Text

from ..models import Asn, Fate

STATUSES = {
    Asn.Status.OPEN: "open",
    Asn.Status.PARTIALLY_RECEIVED: "partially_completed",
    Asn.Status.CLOSED: "closed",
}
FATES = {
    "decide_later": Fate.DECIDE_LATER,
    "never_shipped": Fate.NEVER_SHIPPED,
    "lost": Fate.LOST,
    "damaged": Fate.DAMAGED,
    "received_elsewhere": Fate.ELSEWHERE,
    "return_to_source": Fate.RETURN,
}

StatusName = Literal["open", "partially_completed", "closed"]
FateName = Literal[
    "decide_later", "never_shipped", "lost", "damaged", "received_elsewhere", "return_to_source"
]
Id = Text(256)
Reference = Annotated[str, StringConstraints(max_length=256, pattern=r"\S")]
Expected = Annotated[int, Field(strict=True, ge=0, le=MAX_QUANTITY)]
Counted = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]


def an_object(value: Any) -> Any:
    """All its fields may be missing, so anything at all would pass for one without any."""
    if not isinstance(value, dict | Body):
        raise ValueError("references is an object")
    return value


class AsnItem(Body):
    product_id: Id  # type: ignore[valid-type]
    expected_quantity: Expected | None = None
    quantity: Expected | None = Field(None, json_schema_extra={"deprecated": True})
    carton_id: Text(256, 0) | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def has_a_quantity(self) -> "AsnItem":
        if self.expected_quantity is None and self.quantity is None:
            raise ValueError("expected_quantity is missing")
        return self

    @property
    def units(self) -> int:
        return self.expected_quantity if self.expected_quantity is not None else self.quantity or 0


class References(Body):
    shipment_ref: Reference | None = None
    po_number: Text(256, 0) | None = None  # type: ignore[valid-type]


class AsnIn(Body):
    fulfillment_node_id: Id  # type: ignore[valid-type]
    from_location: Id  # type: ignore[valid-type]
    shipment_date: Moment
    references: Annotated[References, BeforeValidator(an_object)]
    items: Annotated[list[AsnItem], Field(min_length=1, max_length=10_000)]
    # Ours.
    order_ids: Annotated[list[Reference], Field(max_length=100)] = []
    expected_arrival: date | None = None


class CreatedAsn(Body):
    success: bool
    id: UUID


class ProductOut(Body):
    product_id: str
    sku: str
    title: str
    variation_size_value: str
    variation_color_value: str
    external_identifiers: dict[str, str]


class LineOut(Body):
    """`quantity` repeats `expected_quantity` for clients of before; the last five are ours."""

    product_id: str
    expected_quantity: int
    quantity: int
    received_quantity: int
    carton_id: str | None
    over_received_quantity: int
    in_transit_quantity: int
    written_off_quantity: int
    returned_quantity: int
    received_elsewhere_quantity: int
    never_shipped_quantity: int


class LineWithProduct(LineOut):
    product: ProductOut


class ReferencesOut(Body):
    shipment_ref: str | None
    po_number: str | None


class AsnSummary(Body):
    id: UUID
    status: StatusName
    revision: int
    created_at: Moment
    updated_at: Moment
    fulfillment_node_id: str
    from_location: str
    to_location_label: str | None
    references: ReferencesOut
    order_ids: list[str]
    shipment_date: Moment
    expected_arrival: date | None
    completion_date: Moment | None
    force_closed_by: str | None
    item_total: int
    received_item_total: int
    received_product_total: int
    in_transit_item_total: int


class AsnInList(AsnSummary):
    line_items: list[LineOut]


class AsnOut(AsnSummary):
    line_items: list[LineWithProduct]


class LineFateIn(Body):
    """One line by product and carton; a line that is not named has the fate of all."""

    product_id: Id  # type: ignore[valid-type]
    carton_id: Text(256, 0) | None = None  # type: ignore[valid-type]
    fate: FateName
    receipt_id: UUID | None = None


class ActionIn(Body):
    type: Literal["CLOSE"]
    # Ours: what becomes of the remainder.
    fate: FateName | None = None
    receipt_id: UUID | None = None
    line_items: Annotated[list[LineFateIn], Field(max_length=10_000)] = []
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    note: Text(2_000, 0) | None = None  # type: ignore[valid-type]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class ReceivedItem(Body):
    """`damaged_quantity` of the units go on, by the adjustment reason, to where it leads."""

    product_id: Id  # type: ignore[valid-type]
    quantity: Counted
    carton_id: Text(256, 0) | None = None  # type: ignore[valid-type]
    damaged_quantity: Expected = 0
    reason_id: UUID | None = None


class Reception(Body):
    """Who received, and when: without times it is now."""

    started_at: Moment | None = None
    happened_at: Moment | None = None
    associate_id: Text(128) | None = None  # type: ignore[valid-type]
    order_ref: Text(256, 0) | None = None  # type: ignore[valid-type]


class ReceiptIn(Reception):
    """Items as counted, or one carton with everything in it."""

    items: Annotated[list[ReceivedItem], Field(min_length=1, max_length=2_000)] | None = None
    carton_id: Text(256) | None = None  # type: ignore[valid-type]
    is_late_arrival: bool = False
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    note: Text(2_000, 0) | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def is_items_or_carton(self) -> "ReceiptIn":
        if (self.items is None) == (self.carton_id is None):
            raise ValueError("give either items or carton_id")
        return self


class BlindReceiptIn(Reception):
    """`reason` is needed to receive goods blind although a notice of them is open."""

    location_id: Id  # type: ignore[valid-type]
    items: Annotated[list[ReceivedItem], Field(min_length=1, max_length=2_000)]
    shipment_ref: Text(256, 0) | None = None  # type: ignore[valid-type]
    reason: Text(2_000, 0) | None = None  # type: ignore[valid-type]


class ReceiptOut(Body):
    """`id` is that of the transaction, under which `items_received` leaves too."""

    success: bool
    id: UUID
    receipt_id: UUID
    asn_id: UUID | None
    asn_status: StatusName | None
    is_late_arrival: bool
