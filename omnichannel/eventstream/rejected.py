"""Events that a receiver answered with 400: to be looked at, sent again, or dropped."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from . import clock, integrations, loops
from .claiming import LEASE_SECONDS
from .egress import Egress
from .models import Attempt, Delivery, Integration
from .parcels import Claimed, Outcome, Parcel
from .receivers import receiver


class NotDelivered(ActionError):
    """The receiver did not take it this time either; it stays in the list.

    `code` is what it answered, 0 where nobody did.
    """

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


class BeingSent(ActionError):
    """Somebody else sends it just now."""


def listed(integration: Integration) -> list[Delivery]:
    """At most 30, the oldest first (CONTRACT §3.1)."""
    rows = Delivery.objects.filter(integration=integration, state=Delivery.State.REJECTED)
    return list(rows.select_related("event").order_by("id"))


def one(integration: Integration, uuid: UUID) -> Delivery:
    """
    Raises:
        Delivery.DoesNotExist
    """
    return Delivery.objects.select_related("event").get(
        integration=integration, uuid=uuid, state=Delivery.State.REJECTED
    )


def discard(*, pk: int) -> None:
    """Out of the list, never to be sent. Who was faster has decided already."""
    Delivery.objects.filter(pk=pk, state=Delivery.State.REJECTED).update(
        state=Delivery.State.CANCELLED
    )


def replay(*, pk: int) -> None:
    """Send it once more, now; out of the list when the receiver takes it.

    Opens its own short transactions, for none may be open while a receiver is waited for.

    Raises:
        NotDelivered, BeingSent
    """
    parcel = taken(pk)
    to = receiver(Integration.objects.get(pk=parcel.integration_id))

    async def send() -> Outcome:
        async with Egress() as egress:
            return await to.send(egress, parcel)

    outcome = loops.run(send())
    if not told(outcome):
        said = f"HTTP {outcome.code}" if outcome.code else outcome.body
        raise NotDelivered(
            _("The receiver did not take the event: %s. It stays in the list.") % said,
            outcome.code or 0,
        )


def taken(pk: int) -> Parcel:
    with transaction.atomic(durable=True):
        now = clock.now()
        row = Delivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=pk)
        if row.state != Delivery.State.REJECTED or (row.lease_until and row.lease_until > now):
            raise BeingSent(_("This event was sent or dropped by somebody else. Reload the list."))
        row.lease, row.lease_until = row.lease + 1, integrations.later(now, LEASE_SECONDS)
        row.save(update_fields=["lease", "lease_until"])
        claimed = Claimed(
            row.pk,
            row.lease,
            1,
            row.integration_id,
            row.event_id,
            row.event.uuid,
            row.event.body,
        )
        return Parcel(row.integration_id, (claimed,), False, 0)


def told(outcome: Outcome) -> bool:
    """Keep what came of it; whether the event is delivered."""
    one_of_list = outcome.parcel.deliveries[0]
    is_taken = 200 <= (outcome.code or 0) < 300
    with transaction.atomic(durable=True):
        now = clock.now()
        mine = Delivery.objects.filter(
            pk=one_of_list.id, lease=one_of_list.lease, state=Delivery.State.REJECTED
        )
        state = Delivery.State.DELIVERED if is_taken else Delivery.State.REJECTED
        if mine.update(state=state, lease_until=None, finished_at=now):
            note(outcome, is_taken, now)
    return is_taken


def note(outcome: Outcome, is_taken: bool, now: datetime) -> None:
    one_of_list = outcome.parcel.deliveries[0]
    Attempt.objects.create(
        delivery_id=one_of_list.id,
        event_id=one_of_list.event_id,
        integration_id=one_of_list.integration_id,
        attempted_at=now,
        status=Attempt.Status.SUCCESS if is_taken else Attempt.Status.FAILURE,
        code=outcome.code or 0,
        body=outcome.body,
        response_time_ms=outcome.milliseconds,
        retries_remaining=0,
    )
    health = "last_success_at" if is_taken else "last_failure_at"
    Integration.objects.filter(pk=one_of_list.integration_id).update(**{health: now})
