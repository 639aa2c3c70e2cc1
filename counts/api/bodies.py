"""What calls about counts are asked with and answered."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from inventory.models import MAX_QUANTITY
from omnichannel.api.moments import Moment
from omnichannel.api.schemas import Body, Text

Units = Annotated[int, Field(strict=True, ge=-MAX_QUANTITY, le=MAX_QUANTITY)]
# Seconds since it was on the device.
Age = Annotated[float, Field(ge=0, le=30 * 24 * 3600, allow_inf_nan=False)]
Id = Text(256)
Ids = Annotated[list[Id], Field(min_length=1, max_length=20_000)]  # type: ignore[valid-type]
CountType = Literal["cycle_count", "full_count"]
Status = Literal["pending", "in_progress", "completed", "cancelled"]
Answer = Literal["proposal", "already_counted", "not_yet_counted", "zero", "leave"]


class NewTask(Body):
    """`due_date` is a day of the store; without `stock_location` it is `main`."""

    external_id: Text(256)  # type: ignore[valid-type]
    due_date: date
    count_type: CountType
    product_ids: Ids | None = None
    stock_location: Text(64) | None = None  # type: ignore[valid-type]
    name: Text(256, 0) | None = None  # type: ignore[valid-type]
    blind: bool = False


class Made(Schema):
    success: bool
    id: UUID


class Task(Schema):
    """A count task; its id is also the id of its `items_counted` events."""

    id: UUID
    status: Status
    external_id: str | None
    name: str
    count_type: CountType
    store_id: str | None
    fulfillment_location_id: str
    stock_location: str
    due_date: date
    blind: bool
    activating: bool
    completing: bool
    created_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    cancelled_at: Moment | None


class Done(Schema):
    success: bool
    status: Status


class Asked(Schema):
    status: Status | None = None
    store_id: str | None = Field(None, max_length=256)
    count_type: CountType | None = None
    due_from: date | None = None
    due_until: date | None = None


class Opening(Body):
    """`zone` as its code has it; `product_id` counts only this product again."""

    zone: Text(256, 0) = ""  # type: ignore[valid-type]
    product_id: Text(256) | None = None  # type: ignore[valid-type]
    age: Age = 0
    typed: bool = False
    take_over: bool = False
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class Session(Schema):
    id: UUID
    zone: str
    number: int
    status: Literal["open", "completed", "dropped"]
    associate_id: str
    resumed: bool = False
    taken_from: str = ""


class SeenIn(Body):
    """A product, or a code as it was scanned; `key` is the device's own text for it."""

    key: Text(64)  # type: ignore[valid-type]
    product_id: Text(256) | None = None  # type: ignore[valid-type]
    code: Text(256) | None = None  # type: ignore[valid-type]
    quantity: Units = 1
    age: Age = 0


class SeenList(Body):
    observations: Annotated[list[SeenIn], Field(min_length=1, max_length=1_000)]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class Written(Schema):
    """`unknown` are codes that are kept although no product, or more than one, bears them."""

    success: bool
    written: int
    late: int
    unknown: list[str]


class Ended(Body):
    age: Age = 0


class Recounts(Body):
    zones: Annotated[list[Text(64)], Field(max_length=5_000)] = []  # type: ignore[valid-type]
    product_ids: Annotated[list[Id], Field(max_length=20_000)] = []  # type: ignore[valid-type]


class Recount(Schema):
    id: UUID
    zone: str | None
    product_id: str | None
    requested_at: Moment


class RecountList(Schema):
    recounts: list[Recount]


class ZonePlan(Body):
    first: Annotated[int, Field(strict=True, ge=0, lt=10**9)]
    last: Annotated[int, Field(strict=True, ge=0, lt=10**9)]
    label: Text(40) = "Zone"  # type: ignore[valid-type]


class Zone(Schema):
    zone: str
    planned: bool
    status: Literal["never", "counting", "completed"]
    associate_id: str
    counted_quantity: int | None
    recount_requested: bool


class ZoneList(Schema):
    zones: list[Zone]


class Line(Schema):
    """In a blind count who may not complete it sees neither the book nor what follows from it."""

    product_id: str
    counted: int | None
    expected: int | None
    moved: int | None
    variance: int | None
    low: int | None
    high: int | None
    mark: str | None
    question: str | None
    answer: str | None


class Answers(Body):
    answers: Annotated[dict[Id, Answer], Field(min_length=1, max_length=2_000)]  # type: ignore[valid-type]


class Answered(Schema):
    success: bool
    answered: int


class Note(Body):
    note: Text(2_000, 0) | None = None  # type: ignore[valid-type]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class Posted(Schema):
    """`id` is the new transaction."""

    success: bool
    id: UUID


class Late(Schema):
    product_id: str
    quantity: int
    happened_at: Moment
    posted_at: Moment


class LateList(Schema):
    late_movements: list[Late]
