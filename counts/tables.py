"""What the lists of this room show, on screen and in CSV alike (PRODUCT §7)."""

from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from inventory.models import InventoryTransaction, StockMovement
from omnichannel.web.columns import Change, Choice, Due, Number, Stamp, Status, Text, YesNo
from omnichannel.web.lookups import days_overdue
from omnichannel.web.tables import Table

from .models import Count, Observation

TRANSACTIONS = "/store-operations/inventory/transactions/"
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


class NamedStore(Text):
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


class ScanTable(Table):
    """What was seen of a product, also what does not count."""

    observed = Stamp("observed_at", _("Observed"), zone="session__count__location__time_zone")
    zone = Text("session__zone__name", _("Zone"))
    number = Number("session__number", _("Pass"))
    quantity = Change("quantity", _("Quantity"))
    associate = Text("associate_id", _("Associate"))
    late = YesNo("is_late", _("Late, not counted"))

    model = Observation


class MovedTable(Table):
    """What moved a product while it was counted."""

    happened = Stamp("happened_at", _("Happened"), zone="location__time_zone")
    type = Choice(
        "transaction__type",
        _("Type"),
        choices=InventoryTransaction.Type,
        link=(TRANSACTIONS, "transaction__uuid"),
    )
    reference = Text("transaction__reference", _("Reference"))
    quantity = Change("quantity", _("Change"))
    posted = Stamp("posted_at", _("Posted"), zone="location__time_zone")

    model = StockMovement
