"""Where an outside system is asked what may be promised (CONTRACT §4.4)."""

from typing import Annotated, Any

from django.db import transaction
from ninja import Status
from pydantic import Field, StringConstraints

from omnichannel.accounts import audit, scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body, Text
from omnichannel.documents import ActionError
from omnichannel.eventstream.addresses import checked
from omnichannel.eventstream.sealing import seal
from omnichannel.locations import permissions as at_locations
from omnichannel.locations.models import Configuration

from ..models import AvailabilityHook

router = Router(tags=["Availability"])
PATH = "/v0/config/availability/webhook"
# The contract wants a key of at least this length in the answer, and nobody is told the real one.
HIDDEN = "*" * 20
FIELDS = ("url", "external_identifier", "timeout")


class Hook(Body):
    url: Text(2_048)  # type: ignore[valid-type]
    api_key: Annotated[str, StringConstraints(min_length=20, max_length=1_024, pattern=r"^[!-~]+$")]
    external_identifier: Text(128)  # type: ignore[valid-type]
    timeout: Annotated[int, Field(strict=True, ge=5, le=60)]


@router.get(
    PATH,
    permission=(at_locations.VIEW_LOCATIONS, at_locations.MANAGE_LOCATIONS),
    scope=scopes.CONFIGURATION_READ,
    response={200: Hook, 204: None},
)
def get_availability_webhook(request: ApiRequest) -> Status:
    """Where is asked; 204 while nobody is. The key is not told."""
    hook = AvailabilityHook.objects.first()
    return Status(200, told(hook)) if hook else Status(204, None)


@router.put(
    PATH,
    permission=at_locations.MANAGE_LOCATIONS,
    scope=scopes.CONFIGURATION_WRITE,
    response=Hook,
)
def set_availability_webhook(request: ApiRequest, body: Hook) -> dict[str, Any]:
    """Ask there from now on, for locations whose stock the ERP keeps.

    The key as it was told, 20 stars, keeps the one that is stored, unless the address is another.
    """
    try:
        checked(body.url)
    except ActionError as refused:
        raise ApiError(400, "invalid_data", f"url: {refused}") from refused
    with transaction.atomic():
        Configuration.locked()
        before = AvailabilityHook.objects.first()
        keeps = body.api_key == HIDDEN
        if keeps and (before is None or before.url != body.url):
            raise ApiError(
                400, "invalid_data", "api_key: a new address needs its key; 20 stars keep the old."
            )
        sealed = before.sealed_api_key if before and keeps else seal(body.api_key)
        after = AvailabilityHook(
            url=body.url,
            sealed_api_key=sealed,
            external_identifier=body.external_identifier,
            timeout=body.timeout,
        )
        after.save(force_insert=before is None, force_update=before is not None)
        audit.record(
            request,
            audit.UPDATED if before else audit.CREATED,
            after,
            shown(before) if before else None,
            shown(after),
        )
    return told(after)


@router.delete(
    PATH,
    permission=at_locations.MANAGE_LOCATIONS,
    scope=scopes.CONFIGURATION_WRITE,
    response=dict[str, bool],
)
def delete_availability_webhook(request: ApiRequest) -> dict[str, bool]:
    """Ask nobody; done as well when nobody was asked before."""
    with transaction.atomic():
        Configuration.locked()
        hook = AvailabilityHook.objects.first()
        if hook:
            audit.record(request, audit.DELETED, hook, shown(hook))
            hook.delete()
    return {"success": True}


def shown(hook: AvailabilityHook) -> dict[str, Any]:
    return {name: getattr(hook, name) for name in FIELDS}


def told(hook: AvailabilityHook) -> dict[str, Any]:
    return {**shown(hook), "api_key": HIDDEN}
