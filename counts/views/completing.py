"""Complete a count: its figures, what is still asked, and the posting of the variances."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError

from .. import actions, permissions, queries, reconciliation
from ..models import Count, ZoneSession
from .asking import AskFirst
from .places import acts_on, currency_of


class CompleteCount(AskFirst):
    permission_required = permissions.COMPLETE_CYCLE_COUNTS
    template_name = "counts/complete.html"
    question = gettext_lazy("Complete %(count)s?")
    verb = gettext_lazy("Complete count")
    keep = gettext_lazy("Keep it open")
    consequences = (
        ("boxes", gettext_lazy("The variances are posted; stock on hand changes at once.")),
        ("webhook", gettext_lazy("The ERP is told by the event items_counted.")),
        (
            "history",
            gettext_lazy("It cannot be undone, only reversed by another document."),
        ),
    )
    is_final = True
    takes_note = True

    def is_possible(self, found: Count) -> bool:
        return found.status == Count.Status.IN_PROGRESS and not found.completion_requested_at

    def act(self, found: Count) -> str:
        user: Any = self.request.user
        if not acts_on(user, found, permissions.COMPLETE_CYCLE_COUNTS):
            raise ActionError(_("Only %s completes it.") % found.location.name)
        with transaction.atomic(durable=True):
            done = actions.complete_count(pk=found.pk, by=user, note=self.note)
        return _("The count is being completed.") if done.job else _("The count is completed.")

    def further(self, found: Count) -> dict[str, Any]:
        """The figures, and what stands in the way; each leads to where it is settled."""
        if not self.is_possible(found):
            return {"is_barred": True}
        reconciliation.settle(found)
        figures = reconciliation.summary(found)
        is_open = ZoneSession.Status.OPEN
        waiting = {
            "being_counted": found.sessions.filter(status=is_open).count(),
            "recounts": queries.open_recounts(found).count(),
            "never_scanned": sum(zone.status == "NEVER" for zone in queries.zones(found)),
        }
        barred = figures.unanswered or waiting["being_counted"] or waiting["recounts"]
        return {
            "figures": figures,
            "waiting": waiting,
            "currency": currency_of(found),
            "note_needed": bool(figures.beyond_tolerance),
            "is_barred": bool(barred),
        }
