"""A manager wants something seen again before he decides (PRODUCT §7)."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError

from .. import queries
from ..models import CountLine, CountZone, RecountRequest
from .locking import in_progress


def request_recounts(
    *, pk: int, by: User, zones: Sequence[str] = (), product_ids: Sequence[int] = ()
) -> list[RecountRequest]:
    """Zones, and products in every zone where they were found; phones see it at once.

    A product that was found nowhere is asked for without a zone. What is asked for already is
    not asked for twice.

    Raises:
        ActionError: nothing asked for, or a zone or product that the count does not have.
    """
    count = in_progress(pk)
    named = CountZone.objects.filter(count=count, name__in=zones)
    if missing := sorted(set(zones) - {zone.name for zone in named}):
        raise ActionError(_("%s is no zone of this count.") % ", ".join(missing[:20]))
    wanted = set(product_ids)
    held = CountLine.objects.filter(count=count, product_id__in=wanted)
    if len(wanted) != held.count():
        raise ActionError(_("Some of these products are not of this count."))
    if not named and not wanted:
        raise ActionError(_("Choose a zone or a product that is to be counted again."))
    found = queries.zones_of_products(count, sorted(wanted))
    asked = [RecountRequest(count=count, zone=zone, by=by) for zone in named]
    for product in sorted(wanted):
        nowhere: list[int | None] = [None]
        asked += [
            RecountRequest(count=count, zone_id=zone, product_id=product, by=by)
            for zone in found.get(product) or nowhere
        ]
    RecountRequest.objects.bulk_create(asked, ignore_conflicts=True)
    return list(queries.open_recounts(count))


def withdraw_recount(*, uuid: UUID) -> None:
    """The recount is not wanted any more.

    Raises:
        ActionError: it was done, or withdrawn before.
    """
    open_one = RecountRequest.objects.filter(
        uuid=uuid, done_at__isnull=True, withdrawn_at__isnull=True
    )
    if not open_one.update(withdrawn_at=timezone.now()):
        raise ActionError(_("This recount was done or withdrawn already."))
