"""`offset` and `count` → `items` and `pagination_info` (CONTRACT §2)."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

MOST = 1_000
# PostgreSQL would walk through every row before it.
FURTHEST = 1_000_000
Item = TypeVar("Item")


class Paging(Schema):
    """The query of a list; take it as `paging: Query[Paging]`."""

    offset: int = Field(0, ge=0, le=FURTHEST)
    count: int = Field(10, ge=1, le=MOST)


Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at"]


def by_time(sort: Sort | None) -> tuple[str, ...]:
    """For `order_by`, the newest first; ids rise with the time of creation, and have an index."""
    words = sort or "-created_at"
    sign = "-" if words.startswith("-") else ""
    return (f"{sign}updated_at", f"{sign}pk") if "updated" in words else (f"{sign}pk",)


class PaginationInfo(Schema):
    count: int
    total: int | None
    offset: int
    prev_url: str | None
    next_url: str | None


class Page(Schema, Generic[Item]):
    items: list[Item]
    pagination_info: PaginationInfo


def address(request: HttpRequest, offset: int, count: int) -> str:
    words = request.GET.copy()
    words["offset"], words["count"] = str(offset), str(count)
    return request.build_absolute_uri(f"{request.path}?{words.urlencode()}")


def pagination_info(request: HttpRequest, paging: Paging, total: int) -> dict[str, Any]:
    before, after = max(paging.offset - paging.count, 0), paging.offset + paging.count
    return {
        "count": paging.count,
        "total": total,
        "offset": paging.offset,
        "prev_url": address(request, before, paging.count) if paging.offset else None,
        "next_url": address(request, after, paging.count)
        if after < total and after <= FURTHEST
        else None,
    }


def page(
    request: HttpRequest,
    rows: QuerySet | Sequence,
    paging: Paging,
    as_item: Callable[[Any], Any] = lambda row: row,
) -> dict[str, Any]:
    """One page of `rows`, whose order must end in a unique key; two queries."""
    total = rows.count() if isinstance(rows, QuerySet) else len(rows)
    shown = rows[paging.offset : paging.offset + paging.count]
    return {
        "items": [as_item(row) for row in shown],
        "pagination_info": pagination_info(request, paging, total),
    }
