"""Close several orders at once, and say of each what became of it (UI §7)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.web.many import ManyPage

from .. import permissions
from ..models import TransferOrder
from .closing import close
from .crumbs import TRANSFERS
from .places import acts_on, orders_of


class CloseMany(ManyPage):
    title = gettext_lazy("Close these transfer orders?")
    verb = gettext_lazy("Close transfer orders")
    nothing = gettext_lazy("None of these orders is yours to close.")
    crumbs = TRANSFERS
    field, list_url, row_url = "order", "transfers:list", "transfers:detail"
    question = "transfers/close_many.html"

    @property
    def permission_required(self) -> tuple[str, ...]:  # type: ignore[override]
        return permissions.closing()

    def rows(self) -> QuerySet:
        return orders_of(self.request.user)

    def figures(self, rows: Sequence[TransferOrder]) -> dict[str, Any]:
        waiting = [order for order in rows if not order.is_final]
        return {
            "ordered": sum(order.ordered_total for order in waiting),
            "transferred": sum(order.transferred_total for order in waiting),
            "rest": sum(order.remaining_total for order in waiting),
        }

    def place(self, row: TransferOrder) -> str:
        return f"{row.origin.code} → {row.destination.code}"

    def act(self, row: TransferOrder) -> str:
        user: Any = self.request.user
        if not acts_on(user, row):
            raise ActionError(_("Only %s closes it.") % row.origin.name)
        close(row, user, f"{self.request.POST.get('key', '')[:60]}:{row.uuid}")
        return _("Closed.")
