"""Customer reservations as the API reads and tells them (CONTRACT §4.5)."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from ninja import Schema
from pydantic import Field, RootModel

from omnichannel.api.moments import Moment
from omnichannel.api.routing import ApiRequest
from omnichannel.api.schemas import Body, Text
from omnichannel.locations.models import Configuration

from .. import actions
from ..models import CustomerReservation, CustomerReservationItem, CustomerReservationQuerySet

MEDIA = "application/vnd.com.newstore.reservations+json; version={}"
SECOND = re.compile(r"vnd\.com\.newstore\.reservations\+json\s*;\s*version=2\b")
FURTHEST = 1_000_000
Minutes = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
StatusName = Literal["PENDING", "REJECTED", "RESERVED", "CONVERTED", "UNRESERVED"]
Sort = Literal["created_at|asc", "created_at|desc", "status|asc", "status|desc"]


class ItemIn(Body):
    product_id: Text(256)  # type: ignore[valid-type]


class ReservationIn(Body):
    customer_profile_id: Text(256)  # type: ignore[valid-type]
    location_id: Text(256)  # type: ignore[valid-type]
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=500)]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]
    expires_in_min: Minutes | None = None
    status: Literal["PENDING", "RESERVED"] = "RESERVED"


class Made(Body):
    success: bool
    id: UUID


class Asked(Schema):
    location_id: str | None = Field(None, max_length=256)
    status: list[StatusName] = Field([], max_length=5)
    external_id: str | None = Field(None, max_length=256)
    display_id: str | None = Field(None, max_length=256)
    customer_profile_id: str | None = Field(None, max_length=256)
    associate_id: str | None = Field(None, max_length=256)
    expired: bool | None = None
    offset: int = Field(0, ge=0, le=FURTHEST)
    count: int = Field(10, ge=1, le=100)
    sort: list[Sort] = Field([], max_length=2)


class Item(Body):
    id: UUID
    product_id: str


class ItemDetail(Item):
    status: StatusName
    updated_at: Moment
    cart_id: str | None = None


class Summary(Body):
    id: UUID
    external_id: str
    display_id: str | None = None
    status: StatusName
    location_id: str
    customer_profile_id: str
    associate_id: str
    created_at: Moment
    expires_at: Moment
    reserved_item_count: int
    items: list[Item]


class Detail(Body):
    id: UUID
    external_id: str
    display_id: str | None = None
    status: StatusName
    location_id: str
    customer_profile_id: str
    associate_id: str
    created_at: Moment
    updated_at: Moment
    expires_at: Moment
    items: list[ItemDetail]


class PagingInfo(Body):
    total: int
    offset: int
    count: int
    reserved_item_count: int


class Listed(Body):
    items: list[Summary]
    pagination_info: PagingInfo


class Decision(Body):
    status: Literal["REJECTED", "RESERVED"]


class ItemDecision(Body):
    id: UUID
    status: Literal["CONVERTED", "UNRESERVED"]
    cart_id: Text(256) | None = None  # type: ignore[valid-type]


class ItemDecisions(RootModel[list[ItemDecision]]):
    """1 to 500 items."""

    root: Annotated[list[ItemDecision], Field(min_length=1, max_length=500)]


class Settings(Body):
    expires_in_min: int
    send_accepted_emails: bool
    send_rejected_emails: bool


class SettingsIn(Body):
    expires_in_min: Annotated[int, Field(strict=True, ge=1, le=actions.MOST_MINUTES)] | None = None
    send_accepted_emails: bool | None = None
    send_rejected_emails: bool | None = None


def version_of(request: ApiRequest) -> int:
    """Which version of a body is accepted; the first one where nothing is said."""
    return 2 if SECOND.search(request.headers.get("Accept", "")) else 1


def answer_as(request: ApiRequest, response: HttpResponse) -> int:
    version = version_of(request)
    response["Content-Type"] = MEDIA.format(version)
    return version


def matching(rows: CustomerReservationQuerySet, asked: Asked) -> CustomerReservationQuerySet:
    """Rows by every filter that is named; `expired` are those still set aside past their time."""
    named = {
        "external_id": asked.external_id,
        "customer_profile_id": asked.customer_profile_id,
        "associate_id": asked.associate_id,
    }
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    if asked.display_id is not None:
        rows = rows.filter(external_id=asked.display_id)
    if asked.location_id is not None:
        place = Q(location__code=asked.location_id) | Q(location__store_id=asked.location_id)
        rows = rows.filter(place)
    if asked.status:
        rows = rows.filter(status__in=asked.status)
    if asked.expired is None:
        return rows
    past = Q(status=CustomerReservation.Status.RESERVED, expires_at__lte=timezone.now())
    return rows.filter(past if asked.expired else ~past)


def order_of(name: str) -> str:
    field, _bar, direction = name.partition("|")
    return f"-{field}" if direction == "desc" else field


def reserved_among(rows: CustomerReservationQuerySet) -> int:
    reserved = CustomerReservation.Status.RESERVED
    return CustomerReservationItem.objects.filter(reservation__in=rows, status=reserved).count()


def shared(row: CustomerReservation, version: int) -> dict[str, Any]:
    return {
        "id": row.uuid,
        "external_id": row.external_id,
        "display_id": row.external_id if version == 2 else None,
        "status": row.status,
        "location_id": row.location.code,
        "customer_profile_id": row.customer_profile_id,
        "associate_id": row.associate_id,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }


def summary(row: CustomerReservation, version: int) -> dict[str, Any]:
    items = sorted(row.items.all(), key=lambda item: item.position)
    return {
        **shared(row, version),
        "reserved_item_count": sum(
            item.status == CustomerReservation.Status.RESERVED for item in items
        ),
        "items": [{"id": item.uuid, "product_id": item.product.product_id} for item in items],
    }


def detail(row: CustomerReservation, version: int) -> dict[str, Any]:
    items = row.items.select_related("product").order_by("position")
    return {
        **shared(row, version),
        "updated_at": row.updated_at,
        "items": [
            {
                "id": item.uuid,
                "product_id": item.product.product_id,
                "status": item.status,
                "updated_at": item.updated_at,
                "cart_id": item.cart_id or None,
            }
            for item in items
        ],
    }


COLUMNS = {"expires_in_min": "customer_reservation_minutes"}


def told(configuration: Configuration) -> dict[str, Any]:
    return {
        "expires_in_min": configuration.customer_reservation_minutes,
        "send_accepted_emails": configuration.send_accepted_emails,
        "send_rejected_emails": configuration.send_rejected_emails,
    }
