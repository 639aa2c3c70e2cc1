"""Which count a page is about, and what its visitor may do with it."""

from typing import Any

from django.db.models import QuerySet

from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.web.details import one

from .. import permissions
from ..models import Count

SEEING = (VIEW_INVENTORY_MANAGEMENT, *permissions.MANAGING)
# An act that is asked about on its own page.
POSTED = ["get", "head", "options", "post"]


def counts_of(user: Any) -> QuerySet[Count]:
    return Count.objects.visible_to(user).select_related(
        "location__pricebook", "stock_location", "batch", "by", "cancelled_by", "transaction"
    )


def count_of(user: Any, uuid: Any) -> Count:
    """The count, or 404: also for what lies outside the user's scope."""
    return one(counts_of(user), uuid=uuid)


def acts_on(user: Any, count: Count, permission: str) -> bool:
    """Whether he may do this with a count of that store (PRODUCT §3)."""
    places = FulfillmentLocation.objects.acted_for_by(user)
    return user.has_perm(permission) and places.filter(pk=count.location_id).exists()


def currency_of(count: Count) -> str:
    """The frozen one of a completed count; '' where its store has no pricebook."""
    pricebook = count.location.pricebook
    return count.currency or (pricebook.currency if pricebook else "")
