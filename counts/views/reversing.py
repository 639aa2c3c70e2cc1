"""Reverse a completed count, and take back what a late movement took off twice (PRODUCT §7, §7a)."""

from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError

from .. import actions, permissions, reconciliation
from ..models import Count, LateCorrection
from .asking import AskFirst
from .places import acts_on

MOST_SHOWN = 200
# What the books hold of the lines with a variance now, and what moved them since.
PREVIEW = """
SELECT result.product_id, result.delta, coalesce(held.quantity, 0),
       coalesce((SELECT sum(m.quantity) FROM inventory_stockmovement AS m
         WHERE m.location_id = %(location)s AND m.stock_location_id = %(shelf)s
           AND m.product_id = result.product_id AND m.posted_at > %(since)s
           AND m.transaction_id <> %(transaction)s), 0)
  FROM counts_countresult AS result
  LEFT JOIN inventory_stockonhand AS held
    ON held.location_id = %(location)s AND held.stock_location_id = %(shelf)s
   AND held.product_id = result.product_id
 WHERE result.count_id = %(count)s AND result.delta <> 0
 ORDER BY abs(result.delta) DESC, result.product_id LIMIT %(limit)s
"""


class Reversed(NamedTuple):
    """A line that would be posted back, in units."""

    product: Product
    posted: int
    moved_since: int
    on_hand: int
    after: int


class ReverseCount(AskFirst):
    permission_required = permissions.COMPLETE_CYCLE_COUNTS
    template_name = "counts/reverse.html"
    question = gettext_lazy("Reverse %(count)s?")
    verb = gettext_lazy("Reverse the count")
    keep = gettext_lazy("Leave it as it is")
    consequences = (
        ("undo-2", gettext_lazy("A new document posts the opposite; the count stays Completed.")),
        ("webhook", gettext_lazy("The ERP is told by adjustment_created: Count reversal.")),
        ("history", gettext_lazy("It can be done once. What moved since stays as it is.")),
    )
    is_final = True
    takes_note = True

    def is_possible(self, found: Count) -> bool:
        return found.status == Count.Status.COMPLETED

    def act(self, found: Count) -> str:
        user: Any = self.request.user
        if not acts_on(user, found, permissions.COMPLETE_CYCLE_COUNTS):
            raise ActionError(_("Only %s reverses it.") % found.location.name)
        with transaction.atomic(durable=True):
            actions.reverse_count(pk=found.pk, by=user, note=self.note)
        return _("The count is reversed; both documents stay.")

    def further(self, found: Count) -> dict[str, Any]:
        rows = preview(found) if self.is_possible(found) else []
        return {
            "rows": rows[:MOST_SHOWN],
            "has_more": len(rows) > MOST_SHOWN,
            "is_barred": not rows or not found.location.is_inventory_master,
        }


def preview(count: Count) -> list[Reversed]:
    """The lines with a variance, the largest first, as they stand now."""
    values = {
        "count": count.pk,
        "location": count.location_id,
        "shelf": count.stock_location_id,
        "since": count.frozen_at,
        "transaction": count.transaction_id,
        "limit": MOST_SHOWN + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, values)
        found = cursor.fetchall()
    products = Product.objects.in_bulk([row[0] for row in found])
    return [
        Reversed(products[pk], delta, moved, on_hand, on_hand - delta)
        for pk, delta, on_hand, moved in found
    ]


class Late(NamedTuple):
    """A late movement as the page tells it."""

    movement: reconciliation.LateMovement
    product: Product


def late_of(count: Count) -> list[Late]:
    if count.status != Count.Status.COMPLETED:
        return []
    found = reconciliation.late_movements(count)
    products = Product.objects.in_bulk({late.product_id for late in found})
    return [Late(late, products[late.product_id]) for late in found]


class CorrectLate(AskFirst):
    """What was recorded after the count, and had happened before it saw the product."""

    permission_required = permissions.COMPLETE_CYCLE_COUNTS
    template_name = "counts/late.html"
    question = gettext_lazy("Correct the late movements of %(count)s?")
    verb = gettext_lazy("Correct them")
    keep = gettext_lazy("Leave them")
    consequences = (
        ("undo-2", gettext_lazy("The books hold these units twice; one document takes them back.")),
        ("webhook", gettext_lazy("The ERP is told by adjustment_created: Late movement.")),
        ("history", gettext_lazy("Each movement can be corrected once.")),
    )
    takes_note = True

    def is_possible(self, found: Count) -> bool:
        return found.status == Count.Status.COMPLETED

    def act(self, found: Count) -> str:
        user: Any = self.request.user
        if not acts_on(user, found, permissions.COMPLETE_CYCLE_COUNTS):
            raise ActionError(_("Only %s corrects them.") % found.location.name)
        ids = [int(text) for text in self.request.POST.getlist("movement") if text.isdecimal()]
        with transaction.atomic(durable=True):
            actions.correct_late_movements(pk=found.pk, by=user, movement_ids=ids, note=self.note)
        return _("The late movements are corrected.")

    def further(self, found: Count) -> dict[str, Any]:
        late = late_of(found)
        return {
            "late": late,
            "is_barred": not late,
            "corrected": LateCorrection.objects.filter(count=found).count(),
        }
