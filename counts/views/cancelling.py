"""Cancel a count, or several with a result for each (PRODUCT §7)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.many import ManyPage

from .. import actions, permissions
from ..models import Count
from .asking import AskFirst
from .crumbs import COUNTS
from .places import acts_on, counts_of

CONSEQUENCES = (
    ("boxes", gettext_lazy("No stock changes.")),
    ("eye", gettext_lazy("What was scanned stays readable.")),
    ("history", gettext_lazy("It cannot be activated or counted again.")),
)


def cancel(count: Count, user: Any) -> None:
    """
    Raises:
        ActionError: it is not his to cancel, or has ended.
    """
    if not acts_on(user, count, permissions.CANCEL_CYCLE_COUNTS):
        raise ActionError(_("Only %s cancels it.") % count.location.name)
    with transaction.atomic(durable=True):
        actions.cancel_counts(pks=[count.pk], by=user)


class CancelCount(AskFirst):
    permission_required = permissions.CANCEL_CYCLE_COUNTS
    question = gettext_lazy("Cancel %(count)s?")
    verb = gettext_lazy("Yes, proceed")
    keep = gettext_lazy("Keep the count")
    consequences = CONSEQUENCES
    is_final = True

    def is_possible(self, found: Count) -> bool:
        return found.status in Count.OPEN

    def act(self, found: Count) -> str:
        cancel(found, self.request.user)
        return _("%s is cancelled.") % found


class CancelMany(ManyPage):
    title = gettext_lazy("Cancel these counts?")
    verb = gettext_lazy("Cancelled counts")
    nothing = gettext_lazy("None of these counts is yours.")
    crumbs = COUNTS
    permission_required = permissions.CANCEL_CYCLE_COUNTS
    field, list_url, row_url = "count", "counts:list", "counts:detail"
    question = "counts/cancel_many.html"

    def rows(self) -> QuerySet:
        return counts_of(self.request.user)

    def figures(self, rows: Sequence[Count]) -> dict[str, Any]:
        return {"consequences": CONSEQUENCES}

    def act(self, row: Count) -> str:
        cancel(row, self.request.user)
        return _("Cancelled")
