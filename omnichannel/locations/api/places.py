"""`/v0/locations`: what stock lies in, stores and distribution centres alike (CONTRACT §4.2)."""

from typing import Annotated, Any, Literal

from ninja import Schema, Status
from pydantic import AfterValidator, WithJsonSchema

from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError, not_found
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Text

from .. import actions, permissions
from ..countries import names
from ..models import FulfillmentLocation
from .scope import READ, WRITE, acted_for, seen, seen_by

router = Router(tags=["Locations"])
MOST = 2_000
SWITCH: dict[str, Any] = {
    "permission": (permissions.EDIT_FULFILLMENT_AVAILABILITY, permissions.MANAGE_LOCATIONS),
    "scope": scopes.LOCATIONS_WRITE,
}


def known_country(code: str) -> str:
    if len(code) != 2 or not code.isupper() or code not in names("en"):
        raise ValueError("a country is two capital letters of ISO 3166, like DE")
    return code


CountryCode = Annotated[
    str,
    AfterValidator(known_country),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["DE"]}),
]


class Address(Body):
    address_line_1: Text()  # type: ignore[valid-type]
    address_line_2: Text() | None = None  # type: ignore[valid-type]
    city: Text(128)  # type: ignore[valid-type]
    state: Text() | None = None  # type: ignore[valid-type]
    country_code: CountryCode
    zip_code: Text(64) | None = None  # type: ignore[valid-type]
    phone: Text(64) | None = None  # type: ignore[valid-type]
    first_name: Text() | None = None  # type: ignore[valid-type]
    last_name: Text() | None = None  # type: ignore[valid-type]


class AddressIn(Body):
    address: Address


class LocationBody(Schema):
    id: str
    is_inventory_master: bool
    is_enabled: bool
    store_id: str | None
    type: Literal["dc", "store"]


class ShownAddress(Address):
    country_code: str  # type: ignore[assignment]


class LocationWithAddress(LocationBody):
    """`address` of a distribution centre, where somebody told it."""

    address: ShownAddress | None = None


class Locations(Schema):
    locations: list[LocationBody]


def body(location: FulfillmentLocation) -> dict[str, Any]:
    return {
        "id": location.code,
        "is_inventory_master": location.is_inventory_master,
        "is_enabled": location.is_enabled,
        "store_id": location.store_id,
        "type": location.kind.lower(),
    }


def with_address(location: FulfillmentLocation) -> dict[str, Any]:
    profile = getattr(location, "profile", None)
    is_told = location.kind == FulfillmentLocation.Kind.DC and profile and profile.address
    return body(location) | ({"address": profile.address} if profile and is_told else {})


@router.get("/v0/locations", **READ, response=Locations)
def list_locations(request: ApiRequest) -> dict[str, Any]:
    """The locations that the user may read, by id; at most 2,000."""
    return {"locations": [body(row) for row in seen_by(request).order_by("code")[:MOST]]}


@router.get(
    "/v0/locations/store/{store_id}", **READ, response=LocationWithAddress, exclude_unset=True
)
def get_location_of_store(request: ApiRequest, store_id: str) -> dict[str, Any]:
    """The location that a store is."""
    location = seen_by(request).filter(store_id=store_id).first()
    if location is None:
        raise not_found(f"There is no store {store_id}.", "location_not_found")
    return with_address(location)


@router.get("/v0/locations/{location_id}", **READ, response=LocationWithAddress, exclude_unset=True)
def get_location(request: ApiRequest, location_id: str) -> dict[str, Any]:
    """One location by its id, or by its store id."""
    return with_address(seen(request, location_id))


@router.put("/v0/locations/{location_id}", **WRITE, response={204: None})
def put_location(request: ApiRequest, location_id: str, body: AddressIn) -> Status[None]:
    """Replace the address of a distribution centre; a store's is written at `/v0/d/stores`."""
    location = acted_for(request, location_id)
    if location.kind != FulfillmentLocation.Kind.DC:
        text = f"{location_id} is a store. Write its address at /v0/d/stores/{location.store_id}."
        raise ApiError(405, "location_does_not_support_update", text)
    told = body.address.model_dump(exclude_none=True)
    actions.write_address(request, location.pk, told)
    return Status(204, None)


@router.post("/v0/locations/{location_id}/_enable", **SWITCH, response=LocationBody)
def enable_location(request: ApiRequest, location_id: str) -> dict[str, Any]:
    """Offer its stock again; enabling what is enabled changes nothing."""
    return switched(request, location_id, True)


@router.post("/v0/locations/{location_id}/_disable", **SWITCH, response=LocationBody)
def disable_location(request: ApiRequest, location_id: str) -> dict[str, Any]:
    """Offer nothing of it: available is 0 everywhere, its other numbers stay."""
    return switched(request, location_id, False)


def switched(request: ApiRequest, location_id: str, is_enabled: bool) -> dict[str, Any]:
    location = acted_for(request, location_id)
    return body(actions.set_enabled(request, location.pk, is_enabled))
