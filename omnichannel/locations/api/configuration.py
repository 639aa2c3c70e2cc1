"""`/v0/i/configuration` and `/inventory/config`: decisions for all stores (CONTRACT §4, §4.6)."""

from typing import Annotated, Any

from ninja import Query, Schema, Status
from pydantic import Field, StringConstraints

from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body
from omnichannel.documents import ActionError

from .. import permissions
from ..configuration import STORES
from ..deciding import decide
from ..models import Configuration, FulfillmentLocation
from .scope import one, seen_by

router = Router(tags=["Configuration"])
READ: dict[str, Any] = {
    "permission": (permissions.VIEW_LOCATIONS, permissions.MANAGE_LOCATIONS),
    "scope": scopes.CONFIGURATION_READ,
}
WRITE: dict[str, Any] = {
    "permission": permissions.MANAGE_LOCATIONS,
    "scope": scopes.CONFIGURATION_WRITE,
}
Stores = Annotated[
    list[Annotated[str, StringConstraints(max_length=256)]], Field(max_length=10_000)
]


class ConfigurationBody(Body):
    allow_asn_overreceiving: bool
    create_cycle_count_after_mispack: bool
    create_cycle_count_after_mispick: bool
    full_count_products_counted_before_trading: bool


class ConfigurationChanges(Body):
    """Whatever is not named stays."""

    allow_asn_overreceiving: bool = True
    create_cycle_count_after_mispack: bool = False
    create_cycle_count_after_mispick: bool = False
    full_count_products_counted_before_trading: bool = False


class Phone(Body):
    allow_adjustments_manual_quantity_editing: bool
    allow_counts_manual_quantity_editing: bool
    allow_full_counts_manual_quantity_editing: bool
    allow_receiving_manual_quantity_editing: bool
    allow_transfers_manual_quantity_editing: bool
    enabled_adjustments_stores: Stores
    enabled_carton_receiving_stores: Stores
    enabled_counts_stores: Stores
    enabled_full_counts_stores: Stores
    enabled_receiving_stores: Stores
    enabled_receiving_without_asn_stores: Stores
    enabled_reservations_stores: Stores
    enabled_store_initiated_transfers_stores: Stores
    enabled_transfers_stores: Stores
    require_confirmation_on_scanning: bool


class PhoneOfStore(Phone):
    """With `store_id` asked: whether it does anything of it, and which."""

    enabled: bool | None = None
    store_config: dict[str, bool] | None = None


class OfStore(Schema):
    store_id: str | None = Field(None, max_length=256)


@router.get("/v0/i/configuration", **READ, response=ConfigurationBody)
def get_configuration(request: ApiRequest) -> Configuration:
    """What was decided, or the defaults."""
    return Configuration.current()


@router.put("/v0/i/configuration", **WRITE, response={204: None})
def put_configuration(request: ApiRequest, body: ConfigurationBody) -> Status[None]:
    """Decide all four."""
    return write(request, body.model_dump())


@router.patch("/v0/i/configuration", **WRITE, response={204: None})
def patch_configuration(request: ApiRequest, body: ConfigurationChanges) -> Status[None]:
    """Decide what is named."""
    return write(request, body.model_dump(exclude_unset=True))


@router.get("/inventory/config", **READ, response=PhoneOfStore, exclude_unset=True)
def get_phone_configuration(request: ApiRequest, asked: Query[OfStore]) -> dict[str, Any]:
    """Which work on the phone is done where, and what may be typed there."""
    return phone(request, asked.store_id)


@router.get("/v0/i/configuration/associate_app", **READ, response=PhoneOfStore, exclude_unset=True)
def get_associate_app(request: ApiRequest, asked: Query[OfStore]) -> dict[str, Any]:
    """The same at its older address."""
    return phone(request, asked.store_id)


@router.put("/inventory/config", **WRITE, response={204: None})
def put_phone_configuration(request: ApiRequest, body: Phone) -> Status[None]:
    """Decide all of it; "*" among store ids is every store."""
    return write_phone(request, body)


@router.put("/v0/i/configuration/associate_app", **WRITE, response={204: None})
def put_associate_app(request: ApiRequest, body: Phone) -> Status[None]:
    """The same at its older address."""
    return write_phone(request, body)


def phone(request: ApiRequest, store_id: str | None) -> dict[str, Any]:
    configuration = Configuration.current()
    if store_id is None:
        return configuration.phone
    store = one(seen_by(request).filter(kind=FulfillmentLocation.Kind.STORE), store_id)
    works = {name: configuration.allows(name, store.store_id or "") for name in STORES}
    told = {name.removeprefix("enabled_").removesuffix("_stores"): on for name, on in works.items()}
    return {**configuration.phone, "enabled": any(told.values()), "store_config": told}


def write_phone(request: ApiRequest, body: Phone) -> Status[None]:
    return write(request, {"phone": body.model_dump()})


def write(request: ApiRequest, told: dict[str, Any]) -> Status[None]:
    try:
        decide(request, told)
    except ActionError as refused:
        raise ApiError(400, "invalid_data", str(refused)) from refused
    return Status(204, None)
