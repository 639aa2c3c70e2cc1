"""`/v0/d/stores`, and its older alias `/v0/i/stores` for reading (CONTRACT §4, §4.2)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from ninja import Query, Schema
from pydantic import AfterValidator, Field, StringConstraints

from omnichannel.accounts.models import User
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Number, Text

from .. import actions
from ..models import FulfillmentLocation
from .places import MOST, CountryCode
from .scope import READ, WRITE, acted_for, seen_by
from .scope import one as one_of

router = Router(tags=["Stores"])
CLOCK = r"^\d{2}:\d{2}$"
Method = Literal[
    "traditional_carrier", "same_day_delivery", "in_store_pick_up", "in_store_handover"
]
Clock = Annotated[str, StringConstraints(pattern=CLOCK)]
StoreId = Annotated[
    str, StringConstraints(min_length=1, max_length=256, pattern=r"^[a-zA-Z0-9_-]*$")
]


def known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("there is no such time zone; write it like Europe/Berlin")
    return name


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(known_zone)]


class StoreAddress(Body):
    address_line_1: Text(256, 0)  # type: ignore[valid-type]
    address_line_2: Text(256, 0) | None = None  # type: ignore[valid-type]
    province: Text(256, 0) | None = None  # type: ignore[valid-type]
    state: Text(256, 0) | None = None  # type: ignore[valid-type]
    zip_code: Text(256, 0) | None = None  # type: ignore[valid-type]
    city: Text(128, 0) | None = None  # type: ignore[valid-type]
    country_code: CountryCode
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class BusinessHours(Body):
    from_time: Clock
    to_time: Clock
    weekday: Number
    earliest_pick_up: Clock | None = None
    latest_pick_up: Clock | None = None


class Priority(Body):
    priority: Number
    shipping_type: Literal[
        "traditional_carrier", "same_day_delivery", "in_store_pick_up", "DHL_PAKET"
    ]
    display_priority_type: Literal["priority", "normal"] | None = None


class StoreChanges(Body):
    """Whatever is not named stays; `store_id` never changes."""

    store_id: StoreId = ""
    label: Text() = ""  # type: ignore[valid-type]
    physical_address: StoreAddress = None  # type: ignore[assignment]
    shipping_address: StoreAddress | None = None
    timezone: TimeZone = ""
    catalog: Text(256, 0) | None = None  # type: ignore[valid-type]
    locale: Text(32, 0) | None = None  # type: ignore[valid-type]
    pricebook: Text(64, 0) | None = None  # type: ignore[valid-type]
    active_status: bool = True
    business_hours: list[BusinessHours] = Field([], max_length=100)
    supported_shipping_methods: list[Method] = Field([], max_length=10)
    division_name: Text(256, 0) | None = None  # type: ignore[valid-type]
    manager_id: Text(36, 0) | None = None  # type: ignore[valid-type]
    image_url: Text(2_048, 0) | None = None  # type: ignore[valid-type]
    phone_number: Text(64, 0) | None = None  # type: ignore[valid-type]
    gift_wrapping: bool = False
    delivery_zip_codes: list[Text(32, 2)] = Field([], max_length=10_000)  # type: ignore[valid-type]
    tax_id: Text(9, 9) | None = None  # type: ignore[valid-type]
    tax_included: bool = False
    display_price_unit_type: Literal["net", "gross"] = "gross"
    queue_prioritization: list[Priority] = Field([], max_length=100)


class NewStore(StoreChanges):
    store_id: StoreId
    label: Text()  # type: ignore[valid-type]
    physical_address: StoreAddress
    timezone: TimeZone


class ShownAddress(StoreAddress):
    country_code: str  # type: ignore[assignment]


class Store(StoreChanges):
    """The fields that were told, and always the ones that clients read.

    `revision` is 0, and there are no times, where nobody has told anything over the API.
    """

    store_id: str
    label: str
    timezone: str
    physical_address: ShownAddress
    revision: int
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Stores(Schema):
    stores: list[Store]


class Asked(Schema):
    max_stores: int = Field(MOST, ge=0, le=MOST)


def body(location: FulfillmentLocation) -> dict[str, Any]:
    profile = getattr(location, "profile", None)
    address = {
        "address_line_1": "",
        "city": location.city,
        "country_code": location.country_code,
        **(profile.address if profile else {}),
    }
    moments = (
        {"created_at": profile.created_at, "updated_at": profile.updated_at} if profile else {}
    )
    return {
        "catalog": None,
        "locale": None,
        "phone_number": None,
        "division_name": None,
        "shipping_address": None,
        "active_status": True,
        "business_hours": [],
        "supported_shipping_methods": [],
        **(profile.told if profile else {}),
        "store_id": location.store_id,
        "label": location.name,
        "physical_address": address,
        "timezone": location.time_zone,
        "pricebook": location.pricebook.name if location.pricebook else None,
        "revision": profile.revision if profile else 0,
        **moments,
    }


def listed(request: ApiRequest, most: int) -> dict[str, Any]:
    rows = seen_by(request).filter(kind=FulfillmentLocation.Kind.STORE).order_by("store_id")
    return {"stores": [body(row) for row in rows[:most]]}


def shown(request: ApiRequest, store_id: str) -> dict[str, Any]:
    return body(one_of(seen_by(request).filter(kind=FulfillmentLocation.Kind.STORE), store_id))


def told(body: StoreChanges) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_unset=True)


@router.get("/v0/d/stores", **READ, response=Stores, exclude_unset=True)
def list_stores(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The stores that the user may read, by id; at most 2,000."""
    return listed(request, asked.max_stores)


@router.get("/v0/i/stores", **READ, response=Stores, exclude_unset=True)
def list_stores_as_before(request: ApiRequest) -> dict[str, Any]:
    """The same at an older address."""
    return listed(request, MOST)


@router.get("/v0/d/stores/{store_id}", **READ, response=Store, exclude_unset=True)
def get_store(request: ApiRequest, store_id: str) -> dict[str, Any]:
    """One store."""
    return shown(request, store_id)


@router.get("/v0/i/stores/{store_id}", **READ, response=Store, exclude_unset=True)
def get_store_as_before(request: ApiRequest, store_id: str) -> dict[str, Any]:
    """The same at an older address."""
    return shown(request, store_id)


@router.post("/v0/d/stores", **WRITE, response=Store, exclude_unset=True)
def create_store(request: ApiRequest, body: NewStore) -> dict[str, Any]:
    """A new store, which is a new location too; its stock is the ERP's until it is switched."""
    if request.user.document_scope != User.Scope.ALL_STORES and not request.user.is_superuser:
        raise ApiError(403, "forbidden", "Only who acts for all stores adds one.")
    taken = FulfillmentLocation.objects.filter(code=body.store_id)
    if taken.exists() or FulfillmentLocation.objects.filter(store_id=body.store_id).exists():
        raise ApiError(409, "store_already_exists", f"There is a location {body.store_id} already.")
    made = actions.create_store(request, told(body))
    return shown(request, made.store_id or "")


@router.patch("/v0/d/stores/{store_id}", **WRITE, response=Store, exclude_unset=True)
def patch_store(request: ApiRequest, store_id: str, body: StoreChanges) -> dict[str, Any]:
    """Change what is named; an address is replaced as a whole."""
    location = acted_for(request, store_id)
    fields = told(body)
    if fields.pop("store_id", location.store_id) != location.store_id or not location.store_id:
        raise ApiError(400, "invalid_data", "A location's id, its store id and its type stay.")
    actions.change_store(request, location.pk, fields)
    return shown(request, location.store_id)
