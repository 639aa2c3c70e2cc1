"""Groups of locations that are exported together (CONTRACT §4.4)."""

from collections.abc import Sequence
from typing import Any

from omnichannel.accounts import audit

from ..models import AvailabilityGroup, AvailabilityGroupMember


def write_group(request: Any, name: str, location_ids: Sequence[int]) -> AvailabilityGroup:
    """Make the group, or give it these locations in place of its own.

    Args:
        request: who asks, for the record of changes.
        location_ids: primary keys, each once, in the order in which they are told.
    """
    group, is_new = AvailabilityGroup.objects.get_or_create(name=name)
    AvailabilityGroup.objects.select_for_update().get(pk=group.pk)
    before = codes_of(group)
    group.members.all().delete()
    AvailabilityGroupMember.objects.bulk_create(
        AvailabilityGroupMember(group=group, position=position, location_id=location)
        for position, location in enumerate(location_ids, start=1)
    )
    audit.record(
        request,
        audit.CREATED if is_new else audit.UPDATED,
        group,
        None if is_new else {"fulfillment_nodes": before},
        {"fulfillment_nodes": codes_of(group)},
    )
    return group


def delete_group(request: Any, name: str) -> None:
    """Delete it; one that is not there is gone already."""
    group = AvailabilityGroup.objects.filter(name=name).first()
    if group:
        audit.record(request, audit.DELETED, group, {"fulfillment_nodes": codes_of(group)}, None)
        group.delete()


def codes_of(group: AvailabilityGroup) -> list[str]:
    """Location ids of the contract, in order."""
    return list(group.members.order_by("position").values_list("location__code", flat=True))
