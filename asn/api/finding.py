"""Whose things a request means; what is outside its user's scope is not there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db.models import Q

from inventory.models import AdjustmentReason
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest

from .. import actions
from ..models import Asn, Receipt


def asn_of(request: ApiRequest, asn_id: UUID) -> Asn:
    """One that the user may see."""
    found = Asn.objects.visible_to(request.user).filter(uuid=asn_id).first()
    if found is None:
        raise ApiError(404, "resource_not_found", f"There is no ASN {asn_id} for you.")
    return found


def asn_to_act_on(request: ApiRequest, asn_id: UUID) -> Asn:
    """One that the user may receive and close: the destination's affair."""
    found = asn_of(request, asn_id)
    if not Asn.objects.acted_on_by(request.user).filter(pk=found.pk).exists():
        raise ApiError(
            403, "forbidden", f"ASN {asn_id} is received and closed at its destination only."
        )
    return found


def reasons_of(uuids: Sequence[UUID | None]) -> dict[UUID | None, int]:
    wanted = {uuid for uuid in uuids if uuid}
    rows = AdjustmentReason.objects.filter(uuid__in=wanted).values_list("uuid", "pk")
    known: dict[UUID | None, int] = dict(rows)
    if missing := sorted(str(uuid) for uuid in wanted - known.keys()):
        raise ApiError(400, "invalid_data", f"There is no adjustment reason {', '.join(missing)}.")
    return known


def receipt_of(request: ApiRequest, uuid: UUID | None) -> int | None:
    """A receipt by its transaction's id, which `items_received` tells, or by its own."""
    if uuid is None:
        return None
    rows = Receipt.objects.visible_to(request.user)
    found = rows.filter(Q(transaction__uuid=uuid) | Q(uuid=uuid)).first()
    if found is None:
        raise ApiError(400, "invalid_data", f"There is no receipt {uuid} for you.")
    return found.pk


@contextmanager
def refusals(request: ApiRequest) -> Iterator[None]:
    """Refusals of acts under the codes that clients branch on."""
    try:
        yield
    except actions.AsnClosed as refused:
        raise ApiError(409, "asn_closed", str(refused)) from refused
    except actions.StaleRevision as refused:
        raise ApiError(409, "stale_revision", str(refused)) from refused
    except actions.OverReceived as refused:
        raise ApiError(409, "over_received", str(refused)) from refused
    except actions.FateNeedsPermission as refused:
        raise ApiError(403, "forbidden", str(refused)) from refused
    except actions.AsnOffered as refused:
        mine = Asn.objects.visible_to(request.user).filter(pk__in=[one.pk for one in refused.asns])
        raise ApiError(
            409,
            "asn_offered",
            str(refused),
            asns=[
                {"id": str(one.uuid), "shipment_ref": one.number, "po_number": one.po_number}
                for one in mine.order_by("pk")
            ],
        ) from refused
