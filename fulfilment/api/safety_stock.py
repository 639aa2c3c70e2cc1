"""Safety stock as a table, out and in (CONTRACT §4.4)."""

import csv
import io
from typing import Any

from django.http import HttpResponse
from ninja import Status

from inventory import permissions as over_stock
from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Body

from .. import actions
from ..imports.safety_stock import HEADER, MOST_BYTES, BadSafetyFile

router = Router(tags=["Safety stock"])
PATH = "/v1/stock/safety_stock"
CSV = "text/csv"
FILE = "safety-stock-export.csv"
# A spreadsheet reads a text that begins so as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
TABLE = {CSV: {"schema": {"type": "string"}}}


class Standing(Body):
    status: str


@router.get(
    PATH,
    permission=(
        over_stock.MANAGE_SAFETY_STOCK,
        over_stock.VIEW_INVENTORY_MANAGEMENT,
    ),
    scope=scopes.STOCK_READ,
    response=str,
    openapi_extra={"responses": {200: {"description": "The table", "content": TABLE}}},
)
def get_safety_stock(request: ApiRequest) -> HttpResponse:
    """What is held back from sale; a blank product stands for the whole location."""
    return table(request.user)


def table(user: Any) -> HttpResponse:
    """Header, then one row for each location and each product that has a number of its own."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in actions.safety_rows(user):
        writer.writerow((guarded(row.product_id), guarded(row.location), row.safety_stock))
    answer = HttpResponse(text.getvalue(), content_type=f"{CSV}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{FILE}"'
    answer["Access-Control-Expose-Headers"] = "Content-Disposition"
    return answer


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


@router.patch(
    PATH,
    permission=over_stock.MANAGE_SAFETY_STOCK,
    scope=scopes.STOCK_WRITE,
    response={204: None},
    openapi_extra={
        "requestBody": {"required": True, "content": TABLE},
        "refusals": (411, 415),
    },
)
def change_safety_stock(request: ApiRequest) -> Status[None]:
    """Write the rows of a table, all or none; a worker does it, and `status` says when it is done."""
    if not request.META.get("CONTENT_LENGTH"):
        raise ApiError(411, "length_required", "Say how long the body is: Content-Length.")
    if request.content_type != CSV:
        raise ApiError(415, "unsupported_media_type", f"The body is a table: {CSV}.")
    if len(request.body) > MOST_BYTES:
        raise ApiError(413, "body_too_large", f"The table has at most {MOST_BYTES} bytes.")
    try:
        actions.upload_safety_stock(data=request.body, by=request.user, key=request.operation_key)
    except BadSafetyFile as bad:
        told = [
            f"Line {problem.line}, {problem.column}: {problem.cause}" for problem in bad.problems
        ]
        rows = [problem._asdict() for problem in bad.problems]
        raise ApiError(400, "invalid_data", str(bad), messages=told, rows=rows) from bad
    except actions.UploadRunning as running:
        raise ApiError(409, "conflict", str(running)) from running
    return Status(204, None)


@router.get(
    f"{PATH}/status",
    permission=over_stock.MANAGE_SAFETY_STOCK,
    scope=scopes.STOCK_READ,
    response=Standing,
)
def get_safety_stock_status(request: ApiRequest) -> dict[str, str]:
    """Whether a table is being written."""
    return {"status": "in_progress" if actions.is_running() else "done"}
