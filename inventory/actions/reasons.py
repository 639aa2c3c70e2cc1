"""Adjustment reasons: what was posted under one keeps the words it was posted with."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omnichannel.accounts import audit
from omnichannel.documents import ActionError
from omnichannel.locations.models import StockLocation

from ..models import AdjustmentReason, InventoryTransaction

FIELDS = ("type", "subtype", "is_active")


def create_reason(
    request: Any, *, type: str, subtype: str, origin: str | None, destination: str | None
) -> AdjustmentReason:
    """A reason that moves stock between the named stock locations; None is outside.

    Raises:
        ActionError: no side, the same on both, one that is not there, or the words are taken.
    """
    if not (origin or destination) or origin == destination:
        raise ActionError(_("A reason needs an origin, a destination, or two different ones."))
    reason = AdjustmentReason(
        type=type, subtype=subtype, origin=shelf(origin), destination=shelf(destination)
    )
    save(reason)
    audit.record(request, audit.CREATED, reason, None, as_told(reason))
    return reason


def change_reason(request: Any, reason_id: int, told: dict[str, Any]) -> AdjustmentReason:
    """Write type, subtype and is_active as far as `told` names them.

    New words of a reason that was used make a new row, which takes over the id that integrations
    know; the old one stays with what was posted under it and is not offered any more.

    Raises:
        ActionError: the words are those of another reason.
    """
    reason = AdjustmentReason.objects.select_for_update().get(pk=reason_id)
    before = as_told(reason)
    wanted = {**{name: getattr(reason, name) for name in FIELDS}, **told}
    is_renamed = (wanted["type"], wanted["subtype"]) != (reason.type, reason.subtype)
    if is_renamed and InventoryTransaction.objects.filter(reason=reason).exists():
        reason = replaced(reason)
    for name, value in wanted.items():
        setattr(reason, name, value)
    save(reason)
    if before != as_told(reason):
        audit.record(request, audit.UPDATED, reason, before, as_told(reason))
    return reason


def replaced(reason: AdjustmentReason) -> AdjustmentReason:
    """Not saved yet: the row that goes on under the id of `reason`."""
    known_as = reason.uuid
    AdjustmentReason.objects.filter(pk=reason.pk).update(uuid=uuid.uuid4(), is_active=False)
    return AdjustmentReason(
        uuid=known_as, origin_id=reason.origin_id, destination_id=reason.destination_id
    )


def save(reason: AdjustmentReason) -> None:
    try:
        with transaction.atomic():
            reason.save()
    except IntegrityError as error:
        raise ActionError(
            _("There is a reason %(type)s: %(subtype)s already. Choose other words.")
            % {"type": reason.type, "subtype": reason.subtype}
        ) from error


def shelf(name: str | None) -> StockLocation | None:
    """What is set aside or on its way moves by its own documents, never by an adjustment."""
    if name is None:
        return None
    found = StockLocation.objects.filter(name=name).exclude(name__startswith="_").first()
    if found is None:
        raise ActionError(_("There is no stock location %s. Create it first.") % name)
    return found


def as_told(reason: AdjustmentReason) -> dict[str, Any]:
    return {
        "type": reason.type,
        "subtype": reason.subtype,
        "origin": reason.origin.name if reason.origin else None,
        "destination": reason.destination.name if reason.destination else None,
        "is_activated": reason.is_active,
    }
