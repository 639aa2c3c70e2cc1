"""`/v0/stock_locations`: the names of sub-inventories, and where returns go (CONTRACT §4.1)."""

from typing import Annotated, Any

from ninja import Schema, Status
from pydantic import AfterValidator, Field, StringConstraints

from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Number, Text

from .. import shelves
from ..models import ReturnCondition, StockLocation
from ..shelves import (
    RETURNS,
    OldRevision,
    Taken,
    condition_told,
    create_shelf,
    ours,
    rename_shelf,
    shelf_told,
)
from .scope import READ, WRITE

router = Router(tags=["Stock locations"])


def not_an_address(name: str) -> str:
    if name == RETURNS or name != name.strip():
        raise ValueError("this name stands for something else in addresses, or has outer spaces")
    return name


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[^_].*$"),
    AfterValidator(not_an_address),
]


class NewStockLocation(Body):
    name: Name
    display_name: Text(128) | None = None  # type: ignore[valid-type]


class DisplayName(Body):
    display_name: Text(128)  # type: ignore[valid-type]


class NamedShelf(Schema):
    name: str
    display_name: str


class Shelf(NamedShelf):
    salable: bool


class Shelves(Schema):
    stock_locations: list[Shelf]


class ConditionIn(Body):
    condition_code: Number
    stock_location_name: Text(64)  # type: ignore[valid-type]
    revision: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] | None = None


class Condition(Schema):
    condition_code: int
    revision: int
    stock_location: NamedShelf


class Conditions(Schema):
    return_process_configuration: list[Condition]


def shelf_named(name: str) -> StockLocation:
    found = ours().filter(name=name).first()
    if found is None:
        raise not_found(f"There is no stock location {name}.", "stock_location_not_found")
    return found


@router.get("/v0/stock_locations", **READ, response=Shelves)
def list_stock_locations(request: ApiRequest) -> dict[str, Any]:
    """Every stock location but those of the system; only `main` is salable."""
    return {"stock_locations": [shelf_told(shelf) for shelf in ours().order_by("name")]}


@router.post("/v0/stock_locations", **WRITE, response={201: Shelf})
def create_stock_location(request: ApiRequest, body: NewStockLocation) -> Status[dict[str, Any]]:
    """One more, in every location; it is not salable."""
    try:
        shelf = create_shelf(request, name=body.name, display_name=body.display_name or "")
    except Taken as taken:
        raise ApiError(422, "stock_location_already_exists", str(taken)) from taken
    return Status(201, shelf_told(shelf))


@router.get(f"/v0/stock_locations/{RETURNS}", **READ, response=Conditions)
def list_return_conditions(request: ApiRequest) -> dict[str, Any]:
    """Which condition of a returned item goes to which stock location."""
    rows = ReturnCondition.objects.select_related("stock_location").order_by("condition_code")
    return {RETURNS: [condition_told(row) for row in rows]}


@router.post(f"/v0/stock_locations/{RETURNS}", **WRITE, response={201: Condition})
def write_return_condition(request: ApiRequest, body: ConditionIn) -> Status[dict[str, Any]]:
    """Set or change one condition; a revision that is told must exceed the stored one."""
    shelf = shelf_named(body.stock_location_name)
    try:
        condition = shelves.write_condition(
            request, code=body.condition_code, shelf=shelf, revision=body.revision
        )
    except OldRevision as old:
        raise ApiError(409, "conflict", str(old)) from old
    return Status(201, condition_told(condition))


@router.get("/v0/stock_locations/{path:name}", **READ, response=Shelf)
def get_stock_location(request: ApiRequest, name: str) -> dict[str, Any]:
    """One stock location."""
    return shelf_told(shelf_named(name))


@router.patch("/v0/stock_locations/{path:name}", **WRITE, response={204: None})
def patch_stock_location(request: ApiRequest, name: str, body: DisplayName) -> Status[None]:
    """Change what people read; the name stays."""
    shelf = shelf_named(name)
    rename_shelf(request, shelf, body.display_name)
    return Status(204, None)
