"""What may be asked of the list of transfer orders."""

from datetime import date
from typing import Annotated

from django.db.models import Prefetch, QuerySet
from ninja import Schema
from pydantic import Field

from omnichannel.api.moments import days
from omnichannel.api.paging import Sort, by_time
from omnichannel.api.schemas import Several
from omnichannel.locations.api.scope import keys_of

from ..models import TransferOrder, TransferOrderLine
from .bodies import STATUSES, StatusName

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
    sort: Sort | None = None


def narrowed(rows: QuerySet[TransferOrder], filters: OrderFilters) -> QuerySet[TransferOrder]:
    rows = rows.filter(days("ordered_at", filters.start_order_date, filters.end_order_date))
    if filters.external_ref:
        rows = rows.filter(external_ref=filters.external_ref)
    if filters.search:
        rows = rows.filter(external_ref__ilike=filters.search)
    if filters.status:
        rows = rows.filter(status__in=[BY_STATUS[name] for name in filters.status])
    if filters.from_location_id:
        rows = rows.filter(origin__in=keys_of(filters.from_location_id))
    if filters.to_location_id:
        rows = rows.filter(destination__in=keys_of(filters.to_location_id))
    return rows


def in_order(rows: QuerySet[TransferOrder], sort: Sort | None) -> QuerySet[TransferOrder]:
    return with_ends(rows).order_by(*by_time(sort))


def with_ends(rows: QuerySet[TransferOrder]) -> QuerySet[TransferOrder]:
    """With what an answer tells of each."""
    lines = TransferOrderLine.objects.select_related("product")
    return rows.select_related("origin", "destination", "from_stock_location").prefetch_related(
        Prefetch("lines", lines)
    )
