"""What an order keeps before it is routed: soft reservations, which end by themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import Allocation
from omnichannel.documents import ActionError
from omnichannel.locations.models import Configuration

from .. import availability

MOST_ITEMS = 1_000


def reserve_for_order(
    *,
    order_uuid: UUID,
    items: Sequence[availability.Wanted],
    expires_in_seconds: int | None = None,
) -> datetime:
    """Earmark units for an order; until when. Items that it had reserved before are moved.

    Without seconds the configuration's count (`reservation_timeout_seconds`).

    Raises:
        ActionError: no items, or one that is named twice.
        NotAvailable, PromisedElsewhere
    """
    check_items([item.item_uuid for item in items])
    seconds = (
        Configuration.current().reservation_timeout_seconds
        if expires_in_seconds is None
        else expires_in_seconds
    )
    expires_at = timezone.now() + timedelta(seconds=seconds)
    availability.lock_order(order_uuid)
    availability.promise(order_uuid, items, expires_at=expires_at)
    return expires_at


def release_order(*, order_uuid: UUID, item_uuids: Sequence[UUID] = ()) -> int:
    """Give free what the order reserved, or of it these items; how many units."""
    availability.lock_order(order_uuid)
    found = reserved_by(order_uuid)
    if item_uuids:
        found = found.filter(item_uuid__in=item_uuids)
    rows = list(found)
    availability.lock_levels({(row.location_id, row.product_id) for row in rows})
    rows = list(found.filter(pk__in=[row.pk for row in rows]))
    availability.end(rows, Allocation.State.RELEASED)
    return len(rows)


def reserved_by(order_uuid: UUID) -> QuerySet[Allocation]:
    return Allocation.objects.open().filter(order_uuid=order_uuid, kind=Allocation.Kind.SOFT)


def check_items(item_uuids: Sequence[UUID]) -> None:
    if not 1 <= len(item_uuids) <= MOST_ITEMS:
        raise ActionError(
            _("There are 1 to %(most)s items in one call, here %(count)s.")
            % {"most": MOST_ITEMS, "count": len(item_uuids)}
        )
    if len(set(item_uuids)) != len(item_uuids):
        raise ActionError(_("An item is named twice. Each item is one unit with an id of its own."))
