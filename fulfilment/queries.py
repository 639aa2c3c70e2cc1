"""The few reads that are no list of one table."""

from django.db.models import QuerySet
from django.db.models.functions import Now

from inventory.models import Allocation

Kind = Allocation.Kind
MOST = 1_000


def insights(location_id: int, product_id: int) -> dict[str, QuerySet[Allocation]]:
    """What stands between stock and ATP, by kind, the oldest first; at most MOST of each."""
    rows = Allocation.objects.open().filter(location=location_id, product=product_id).order_by("id")
    return {
        "allocations": rows.filter(kind=Kind.HARD)[:MOST],
        "reservations": rows.filter(kind=Kind.SOFT, expires_at__gt=Now())[:MOST],
        "future_allocations": rows.filter(kind=Kind.FUTURE)[:MOST],
    }
