"""`/v0/stock_locations`: the names of sub-inventories, and where returns go (CONTRACT §4.1)."""

from typing import Annotated, Any

from ninja import Schema, Status
from pydantic import AfterValidator, Field, StringConstraints

from omnichannel.accounts import audit
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Number, Text

from ..models import ReturnCondition, StockLocation
from .scope import READ, WRITE

router = Router(tags=["Stock locations"])
RETURNS = "return_process_configuration"


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


def ours() -> Any:
    """Without the ones of the system, which begin with an underscore."""
    return StockLocation.objects.exclude(name__startswith="_")


def body(shelf: StockLocation) -> dict[str, Any]:
    return {
        "name": shelf.name,
        "display_name": shelf.display_name,
        "salable": shelf.is_salable,
    }


def condition_body(condition: ReturnCondition) -> dict[str, Any]:
    shelf = body(condition.stock_location)
    del shelf["salable"]
    return {
        "condition_code": condition.condition_code,
        "revision": condition.revision,
        "stock_location": shelf,
    }


def shelf_named(name: str) -> StockLocation:
    found = ours().filter(name=name).first()
    if found is None:
        raise not_found(f"There is no stock location {name}.", "stock_location_not_found")
    return found


@router.get("/v0/stock_locations", **READ, response=Shelves)
def list_stock_locations(request: ApiRequest) -> dict[str, Any]:
    """Every stock location but those of the system; only `main` is salable."""
    return {"stock_locations": [body(shelf) for shelf in ours().order_by("name")]}


@router.post("/v0/stock_locations", **WRITE, response={201: Shelf})
def create_stock_location(request: ApiRequest, body_in: NewStockLocation) -> Status[dict[str, Any]]:
    """One more, in every location; it is not salable."""
    shelf, is_new = StockLocation.objects.get_or_create(
        name=body_in.name, defaults={"display_name": body_in.display_name or body_in.name}
    )
    if not is_new:
        text = f"There is a stock location {body_in.name} already."
        raise ApiError(422, "stock_location_already_exists", text)
    audit.record(request, audit.CREATED, shelf, None, body(shelf))
    return Status(201, body(shelf))


@router.get(f"/v0/stock_locations/{RETURNS}", **READ, response=Conditions)
def list_return_conditions(request: ApiRequest) -> dict[str, Any]:
    """Which condition of a returned item goes to which stock location."""
    rows = ReturnCondition.objects.select_related("stock_location").order_by("condition_code")
    return {RETURNS: [condition_body(row) for row in rows]}


@router.post(f"/v0/stock_locations/{RETURNS}", **WRITE, response={201: Condition})
def write_return_condition(request: ApiRequest, body_in: ConditionIn) -> Status[dict[str, Any]]:
    """Set or change one condition; a revision that is told must exceed the stored one."""
    shelf = shelf_named(body_in.stock_location_name)
    asked = {"condition_code": body_in.condition_code}
    first = body_in.revision or 1
    condition, is_new = ReturnCondition.objects.select_for_update().get_or_create(
        **asked, defaults={"stock_location": shelf, "revision": first}
    )
    if is_new:
        audit.record(request, audit.CREATED, condition, None, condition_body(condition))
        return Status(201, condition_body(condition))
    stored = condition.revision
    revision = stored + 1 if body_in.revision is None else body_in.revision
    if revision <= stored:
        text = f"Revision {revision} is not above the stored one, {stored}. Read it again."
        raise ApiError(409, "conflict", text)
    before = condition_body(condition)
    condition.stock_location, condition.revision = shelf, revision
    condition.save()
    audit.record(request, audit.UPDATED, condition, before, condition_body(condition))
    return Status(201, condition_body(condition))


@router.get("/v0/stock_locations/{path:name}", **READ, response=Shelf)
def get_stock_location(request: ApiRequest, name: str) -> dict[str, Any]:
    """One stock location."""
    return body(shelf_named(name))


@router.patch("/v0/stock_locations/{path:name}", **WRITE, response={204: None})
def patch_stock_location(request: ApiRequest, name: str, body_in: DisplayName) -> Status[None]:
    """Change what people read; the name stays."""
    shelf = shelf_named(name)
    before = {"display_name": shelf.display_name}
    StockLocation.objects.filter(pk=shelf.pk).update(display_name=body_in.display_name)
    audit.record(request, audit.UPDATED, shelf, before, body_in.model_dump())
    return Status(204, None)
