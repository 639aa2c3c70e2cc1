"""Force close several notices at once, and say of each what became of it (UI §7)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.many import ManyPage

from .. import permissions
from ..forms import Closing
from ..models import Asn, Fate
from .closing import close
from .crumbs import ASNS

# A receipt is chosen for one notice at a time.
FATES = [fate for fate in Fate if fate != Fate.ELSEWHERE]


class CloseMany(ManyPage):
    title = gettext_lazy("Force close these ASNs?")
    verb = gettext_lazy("Force close")
    nothing = gettext_lazy("None of these ASNs is yours to close.")
    crumbs = ASNS
    field, list_url, row_url = "asn", "asn:list", "asn:detail"
    question = "asn/close_many.html"

    @property
    def permission_required(self) -> tuple[str, ...]:  # type: ignore[override]
        return permissions.force_closing()

    def rows(self) -> QuerySet:
        seen = Asn.objects.visible_to(self.request.user)
        return seen.select_related("origin", "destination")

    def figures(self, rows: Sequence[Asn]) -> dict[str, Any]:
        open_rows = [asn for asn in rows if not asn.is_closed]
        return {
            "fates": FATES,
            "expected": sum(asn.expected_total for asn in open_rows),
            "received": sum(asn.received_total for asn in open_rows),
            "remainder": sum(asn.in_transit_total for asn in open_rows),
        }

    def place(self, row: Asn) -> str:
        return f"{row.origin.code} → {row.destination.code}"

    def act(self, row: Asn) -> str:
        user: Any = self.request.user
        if not Asn.objects.acted_on_by(user).filter(pk=row.pk).exists():
            raise ActionError(_("Only %s closes it.") % row.destination.name)
        asked = self.request.POST
        words = QueryDict(mutable=True)
        words.update({"key": f"{asked.get('key', '')}:{row.uuid}"[:120]})
        words.update({name: asked.get(name, "") for name in ("fate", "note")})
        closing = Closing(words, row, user)
        if closing.faults:
            raise ActionError(closing.faults[0])
        close(closing)
        return _("Closed.")
