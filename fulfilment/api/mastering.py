"""Who keeps the stock of a store (CONTRACT §4.2)."""

from typing import Any

from omnichannel.api.errors import ApiError
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.locations.api.places import LocationBody, body
from omnichannel.locations.api.scope import WRITE, acted_for

from ..actions.mastering import NeverOurs, OpenDocuments, take_over_stock

router = Router(tags=["Locations"])


@router.post("/v0/locations/{location_id}/inventory_master/_enable", **WRITE, response=LocationBody)
def enable_inventory_master(request: ApiRequest, location_id: str) -> dict[str, Any]:
    """From now on this system keeps the stock of the store; there is no way back.

    Enabling what is enabled changes nothing. Refused for a distribution centre, and while
    documents are open that would be cut in two.
    """
    location = acted_for(request, location_id)
    try:
        return body(take_over_stock(request, location.pk))
    except NeverOurs as refused:
        raise ApiError(405, "location_is_no_store", str(refused)) from refused
    except OpenDocuments as refused:
        matters = [{"kind": m.kind, "number": m.number} for m in refused.matters]
        raise ApiError(409, "open_documents", str(refused), open_documents=matters) from refused
