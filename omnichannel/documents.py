"""The status machine of every document: a printed table of arrows, and one compare-and-set."""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _


class ActionError(Exception):
    """An act that was refused; the text names the thing, the cause and the fix, and is shown as it is."""


class TransitionNotAllowed(ActionError):
    """The document is not in a status from which it may go there."""


def become(document: models.Model, status: str, **changes: Any) -> None:
    """Move `document` along one arrow of its model's TRANSITIONS (RELIABILITY rule 9).

    The row is changed only if the database still holds the status that was read, so of two
    people who act at once one wins and the other is told. `changes` are written with it.

    Raises:
        TransitionNotAllowed: no such arrow, or somebody else was faster.
    """
    model = type(document)
    before = document.status  # type: ignore[attr-defined]
    allowed = status in model.TRANSITIONS.get(before, ())  # type: ignore[attr-defined]
    won = allowed and model._base_manager.filter(pk=document.pk, status=before).update(
        status=status, **changes
    )
    if not won:
        current = (
            model._base_manager.filter(pk=document.pk).values_list("status", flat=True).first()
        )
        raise TransitionNotAllowed(
            _(
                "%(document)s is %(current)s and cannot become %(status)s. Reload the page to see its current state."
            )
            % {"document": document, "current": current, "status": status}
        )
    document.status = status  # type: ignore[attr-defined]
    for field, value in changes.items():
        setattr(document, field, value)
