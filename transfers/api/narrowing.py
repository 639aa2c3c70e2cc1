"""What may be asked of the list of transfer orders."""

from datetime import date, timedelta
from typing import Annotated, Literal

from django.db.models import Prefetch, QuerySet
from ninja import Schema
from pydantic import Field

from asn.api.asns import midnight, places

from ..models import TransferOrder, TransferOrderLine
from .bodies import STATUSES, Several, StatusName

BY_STATUS = {name: status for status, name in STATUSES.items()}


class OrderFilters(Schema):
    """`search` finds references that hold the text; dates are whole days in UTC."""

    external_ref: Annotated[str, Field(max_length=256)] | None = None
    search: Annotated[str, Field(max_length=200)] | None = None
    start_order_date: date | None = None
    end_order_date: date | None = None
    status: Several(StatusName) = []  # type: ignore[valid-type]
    from_location_id: Several(str) = []  # type: ignore[valid-type]
    to_location_id: Several(str) = []  # type: ignore[valid-type]
    sort: Literal["created_at", "-created_at", "updated_at", "-updated_at"] | None = None


def narrowed(rows: QuerySet[TransferOrder], filters: OrderFilters) -> QuerySet[TransferOrder]:
    if filters.external_ref:
        rows = rows.filter(external_ref=filters.external_ref)
    if filters.search:
        rows = rows.filter(external_ref__ilike=filters.search)
    if filters.start_order_date:
        rows = rows.filter(ordered_at__gte=midnight(filters.start_order_date))
    if filters.end_order_date and filters.end_order_date < date.max:
        rows = rows.filter(ordered_at__lt=midnight(filters.end_order_date + timedelta(days=1)))
    if filters.status:
        rows = rows.filter(status__in=[BY_STATUS[name] for name in filters.status])
    if filters.from_location_id:
        rows = rows.filter(origin__in=places(filters.from_location_id))
    if filters.to_location_id:
        rows = rows.filter(destination__in=places(filters.to_location_id))
    return rows


def in_order(rows: QuerySet[TransferOrder], sort: str | None) -> QuerySet[TransferOrder]:
    """Ids rise with the time of creation, and have an index."""
    words = sort or "-created_at"
    sign = "-" if words.startswith("-") else ""
    by = (f"{sign}updated_at", f"{sign}pk") if "updated" in words else (f"{sign}pk",)
    return with_ends(rows).order_by(*by)


def with_ends(rows: QuerySet[TransferOrder]) -> QuerySet[TransferOrder]:
    """With what an answer tells of each."""
    lines = TransferOrderLine.objects.select_related("product")
    return rows.select_related("origin", "destination", "from_stock_location").prefetch_related(
        Prefetch("lines", lines)
    )
