"""The acts on stock locations and on where returns go, in the caller's transaction."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from omnichannel.accounts import audit
from omnichannel.documents import ActionError

from .models import ReturnCondition, StockLocation

# Stands for something else in the addresses of the API.
RETURNS = "return_process_configuration"


class Taken(ActionError):
    """There is a stock location of this name."""


class OldRevision(ActionError):
    """Somebody changed the condition meanwhile."""


def ours() -> QuerySet[StockLocation]:
    """Without the ones of the system, which begin with an underscore."""
    return StockLocation.objects.exclude(name__startswith="_")


def create_shelf(request: Any, *, name: str, display_name: str) -> StockLocation:
    """One more, in every location; it is not salable.

    Raises:
        Taken
        ActionError: a name of the system's, or one that addresses cannot bear.
    """
    if name.startswith("_") or name == RETURNS or name != name.strip() or not name:
        raise ActionError(_("Choose another name: this one belongs to the system."))
    shelf, is_new = StockLocation.objects.get_or_create(
        name=name, defaults={"display_name": display_name or name}
    )
    if not is_new:
        raise Taken(_("There is a stock location %s already.") % name)
    audit.record(request, audit.CREATED, shelf, None, shelf_told(shelf))
    return shelf


def rename_shelf(request: Any, shelf: StockLocation, display_name: str) -> None:
    """Change what people read; the name stays."""
    before = {"display_name": shelf.display_name}
    StockLocation.objects.filter(pk=shelf.pk).update(display_name=display_name)
    audit.record(request, audit.UPDATED, shelf, before, {"display_name": display_name})


def write_condition(
    request: Any, *, code: int, shelf: StockLocation, revision: int | None = None
) -> ReturnCondition:
    """Set or change where a returned item of a condition goes.

    Raises:
        OldRevision: `revision` is told and does not exceed the stored one.
    """
    condition, is_new = ReturnCondition.objects.select_for_update().get_or_create(
        condition_code=code, defaults={"stock_location": shelf, "revision": revision or 1}
    )
    if is_new:
        audit.record(request, audit.CREATED, condition, None, condition_told(condition))
        return condition
    stored = condition.revision
    wanted = stored + 1 if revision is None else revision
    if wanted <= stored:
        told = {"revision": wanted, "stored": stored}
        raise OldRevision(
            _("Revision %(revision)s is not above the stored one, %(stored)s. Read it again.")
            % told
        )
    before = condition_told(condition)
    condition.stock_location, condition.revision = shelf, wanted
    condition.save()
    audit.record(request, audit.UPDATED, condition, before, condition_told(condition))
    return condition


def shelf_told(shelf: StockLocation) -> dict[str, Any]:
    return {"name": shelf.name, "display_name": shelf.display_name, "salable": shelf.is_salable}


def condition_told(condition: ReturnCondition) -> dict[str, Any]:
    shelf = shelf_told(condition.stock_location)
    del shelf["salable"]
    return {
        "condition_code": condition.condition_code,
        "revision": condition.revision,
        "stock_location": shelf,
    }
