"""A file of what was counted elsewhere (CONTRACT §4 stock_import)."""

from typing import Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import File, Form, Schema, Status, UploadedFile
from pydantic import Field

from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.locations.api.scope import acted_for

from .. import actions, imports, permissions
from .bodies import Made
from .scope import TYPES, WRITE, refused, shelf_of
from .tasks import TASKS

router = Router(tags=["Counts"])
MOST_BYTES = 10_000_000


class ImportForm(Schema):
    count_type: Literal["cycle_count", "full_count"]
    external_id: str | None = Field(None, min_length=1, max_length=256)


@router.post(
    "/v0/i/inventory/stores/{fulfillment_node_id}/stock_locations/{stock_location}/stock_import",
    permission=permissions.COMPLETE_CYCLE_COUNTS,
    scope=WRITE,
    response={201: Made},
    ledger=True,
)
def import_counted_stock(
    request: ApiRequest,
    fulfillment_node_id: str,
    stock_location: str,
    response: HttpResponse,
    form: Form[ImportForm],
    file: File[UploadedFile],
) -> Status[dict[str, Any]]:
    """A count of what the file says, seen now; a worker posts it, unless a line asks something.

    Its task, at Location, tells what came of it.
    """
    place, shelf = acted_for(request, fulfillment_node_id), shelf_of(stock_location)
    if not place.is_inventory_master:
        text = f"The stock on hand of {fulfillment_node_id} is kept by another system."
        raise ApiError(422, "not_inventory_master", text)
    try:
        count = actions.import_counted(
            type=TYPES[form.count_type],
            location_id=place.pk,
            stock_location_id=shelf.pk,
            lines=lines_of(file),
            due_date=timezone.localdate(),
            by=request.user,
            key=request.operation_key,
            external_id=form.external_id,
        )
    except actions.CountsRefused as error:
        raise refused(error) from error
    response["Location"] = f"{TASKS}/{count.uuid}"
    return Status(201, {"success": True, "id": count.uuid})


def lines_of(file: UploadedFile) -> list[imports.CountedLine]:
    """
    Raises:
        ApiError: 413, 422 with every bad row.
    """
    if (file.size or 0) > MOST_BYTES:
        raise ApiError(413, "body_too_large", f"The file is larger than {MOST_BYTES} bytes.")
    try:
        return imports.read(file.read())
    except imports.BadCountFile as error:
        rows = [{"row": number, "cause": cause} for number, cause in error.rows]
        raise ApiError(422, "invalid_data", str(error), rows=rows) from error
