"""The acts on locations. Each runs in the caller's transaction and writes its audit event."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from omnichannel.accounts import audit
from omnichannel.documents import ActionError

from .models import FulfillmentLocation, LocationProfile

# Fields of a store that are columns of its location (CONTRACT §4.2).
COLUMNS = {"label": "name", "timezone": "time_zone"}


def set_enabled(request: Any, location_id: int, is_enabled: bool) -> FulfillmentLocation:
    """Switch a location on or off: off, nothing of it is available, and its stock stays."""
    location = FulfillmentLocation.objects.select_for_update().get(pk=location_id)
    if location.is_enabled != is_enabled:
        FulfillmentLocation.objects.filter(pk=location_id).update(is_enabled=is_enabled)
        location.is_enabled = is_enabled
        audit.record(
            request,
            audit.UPDATED,
            location,
            {"is_enabled": not is_enabled},
            {"is_enabled": is_enabled},
        )
    return location


def write_address(request: Any, location_id: int, address: dict[str, Any]) -> None:
    """Replace the address of a location."""
    location = FulfillmentLocation.objects.select_for_update().get(pk=location_id)
    before = profile_of(location).address
    write_profile(location, address, profile_of(location).told)
    audit.record(request, audit.UPDATED, location, {"address": before}, {"address": address})


def create_store(request: Any, fields: dict[str, Any]) -> FulfillmentLocation:
    """A store of `fields`, named as in CONTRACT §4.2; its stock is not ours until it is switched.

    Raises:
        ActionError: an unknown pricebook.
        IntegrityError: the id is taken.
    """
    told = dict(fields)
    code = told.pop("store_id")
    address = told.pop("physical_address")
    location = FulfillmentLocation(
        code=code, store_id=code, kind=FulfillmentLocation.Kind.STORE, country_code=""
    )
    write_columns(location, told)
    location.save()
    write_profile(location, address, told)
    audit.record(request, audit.CREATED, location, None, fields)
    return location


def change_store(request: Any, location_id: int, fields: dict[str, Any]) -> FulfillmentLocation:
    """Write only what `fields` names; an address is replaced as a whole.

    Raises:
        ActionError: an unknown pricebook.
    """
    location = FulfillmentLocation.objects.select_for_update().get(pk=location_id)
    profile = profile_of(location)
    was = {
        "label": location.name,
        "timezone": location.time_zone,
        "pricebook": location.pricebook.name if location.pricebook else None,
        "physical_address": profile.address,
        **profile.told,
    }
    told = dict(fields)
    address = told.pop("physical_address", profile.address)
    write_columns(location, told)
    location.save()
    write_profile(location, address, {**profile.told, **told})
    before = {name: was.get(name) for name in fields}
    audit.record(request, audit.UPDATED, location, before, fields)
    return location


def write_columns(location: FulfillmentLocation, told: dict[str, Any]) -> None:
    """Move out of `told` what is a column of the location."""
    for name, column in COLUMNS.items():
        if name in told:
            setattr(location, column, told.pop(name))
    if "pricebook" in told:
        location.pricebook = pricebook_of(told.pop("pricebook"))


def pricebook_of(name: str | None) -> Any:
    """A row of the catalogue, whose room stands beside this one and is not imported."""
    if name is None:
        return None
    pricebooks: Any = FulfillmentLocation._meta.get_field("pricebook").related_model
    found = pricebooks.objects.filter(name=name).first()
    if found is None:
        raise ActionError(_("There is no pricebook %s. Import its prices first.") % name)
    return found


def profile_of(location: FulfillmentLocation) -> LocationProfile:
    found = LocationProfile.objects.filter(pk=location.pk).first()
    return found or LocationProfile(location=location)


def write_profile(
    location: FulfillmentLocation, address: dict[str, Any], told: dict[str, Any]
) -> None:
    """Written under the lock of the location's row, which every caller holds or has just made."""
    written = LocationProfile.objects.filter(pk=location.pk).update(
        address=address, told=told, revision=F("revision") + 1, updated_at=Now()
    )
    if not written:
        LocationProfile.objects.create(location=location, address=address, told=told)
    if address:
        location.city = address.get("city") or ""
        location.country_code = address["country_code"]
        location.save(update_fields=["city", "country_code"])


def create_told(code: str, store_id: str | None) -> FulfillmentLocation:
    """A location of which an import of stock says no more than that it is there (CONTRACT §4.3).

    Without a store id it is a distribution centre. Its name, country and time zone are for an
    administrator to fill in. The import is the record of who brought it.
    """
    kind = FulfillmentLocation.Kind
    return FulfillmentLocation.objects.create(
        code=code,
        store_id=store_id,
        kind=kind.STORE if store_id else kind.DC,
        name=code,
        country_code="",
        time_zone="UTC",
    )
