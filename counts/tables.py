"""What the lists of this room show, on screen and in CSV alike (PRODUCT §7)."""

from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from omnichannel.web.columns import Choice, Code, Due, Status, Text
from omnichannel.web.lookups import days_overdue
from omnichannel.web.tables import Table

from .models import Count

COUNTS = "/store-operations/inventory/count-tasks/"
TONES: dict[str, str] = {
    Count.Status.PENDING: "warn",
    Count.Status.IN_PROGRESS: "info",
    Count.Status.COMPLETED: "ok",
}
ZONE = "location__time_zone"
# Few enough rows that any sort of them is quick.
NARROW = ("q", "store", "status", "due")
LATE = days_overdue(ZONE, "due_date", "created_at", 0)


class NamedStore(Code):
    """A store by name and id; CSV gets the id, as documented."""

    extra = ("location__name",)

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__("location__code", label, **options)

    def cell(self, value: str, *extra: str) -> str:
        return f'e({extra[0]}) + " <code>" + e({value}) + "</code>"'


class CountTable(Table):
    name = Text("name", _("Name"), sort="name_key", link=(COUNTS, "uuid"), css="c-name")
    due = Due("due_date", _("Due Date"), late="late")
    type = Choice("type", _("Type"), choices=Count.Type, sort_when=NARROW)
    store = NamedStore(_("Store"), sort_when=NARROW)
    stock_location = Text("stock_location__display_name", _("Stock Location"), sort=False)
    status = Status("status", _("Status"), choices=Count.Status, tones=TONES)

    model = Count
    key = ("due_date", "id")
    newest_first = True
    pick = "uuid"
    pick_label = "name"

    @classmethod
    def annotate(cls, rows: QuerySet) -> QuerySet:
        """What is over is never late."""
        return rows.annotate(late=Case(When(Q(status__in=Count.OPEN), then=LATE)))
