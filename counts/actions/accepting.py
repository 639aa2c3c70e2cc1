"""What a completed session does: its observations count from now on, earlier ones no more."""

from datetime import datetime

from django.db import connection
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError, become

from ..models import Observation, RecountRequest, ZoneSession


def accept(session: ZoneSession, completed: datetime) -> None:
    """The session counts from now on; `completed` is when the associate was done.

    Raises:
        ActionError: more was taken back of a product than was scanned, which is named.
    """
    refuse_negative(session)
    if session.product_id:
        see_nothing(session)
    seen = Observation.objects.filter(session=session, is_late=False).aggregate(
        first=Min("observed_at"), last=Max("observed_at")
    )
    become(
        session,
        ZoneSession.Status.COMPLETED,
        completed_at=max(completed, seen["last"] or completed),
        first_at=seen["first"],
        last_at=seen["last"],
    )
    recounted(session)


def refuse_negative(session: ZoneSession) -> None:
    rows = Observation.objects.filter(session=session, is_late=False, product__isnull=False)
    below = rows.values("product_id").annotate(units=Sum("quantity")).filter(units__lt=0)
    ids = [row["product_id"] for row in below[:20]]
    if ids:
        names = Product.objects.filter(pk__in=ids).values_list("product_id", flat=True)
        raise ActionError(
            _("More was taken back than scanned of: %s. Scan what is there again.")
            % ", ".join(sorted(names))
        )


def see_nothing(session: ZoneSession) -> None:
    """Whoever looks for one product and finds none has seen 0 of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    Observation.objects.bulk_create(
        [
            Observation(
                session=session,
                count_id=session.count_id,
                key="completed",
                product_id=session.product_id,
                quantity=0,
                observed_at=now,
                received_at=now,
                associate_id=session.associate_id,
            )
        ],
        ignore_conflicts=True,
    )


def recounted(session: ZoneSession) -> None:
    """What a manager wanted seen again and was seen now."""
    here = Q(zone=session.zone_id)
    if session.product_id:
        about = Q(product=session.product_id) & (here | Q(zone__isnull=True))
    else:
        about = here
    open_ones = RecountRequest.objects.filter(
        about, count=session.count_id, done_at__isnull=True, withdrawn_at__isnull=True
    )
    open_ones.update(done_at=timezone.now())
