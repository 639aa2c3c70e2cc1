"""What a customer brought back: its condition decides where it goes (PRODUCT §5)."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.locations.models import ReturnCondition, StockLocation

from .. import ledger
from ..models import InventoryTransaction

UNMAPPED = "returns"


class Returned(NamedTuple):
    """One line: primary key of the product, 1 unit or more, and the condition it came in."""

    product_id: int
    quantity: int
    condition_code: int | None


def return_items(
    *,
    location_id: int,
    lines: Sequence[Returned],
    by: User,
    key: str,
    reference: str = "",
    note: str = "",
    associate_id: str = "",
) -> ledger.Posting:
    """Post a Return; a condition that nobody mapped goes to `returns`, never to `main`.

    Runs inside the caller's transaction; it states what happened, so nothing is refused for it.

    Raises:
        ActionError: no lines, or a quantity below 1.
    """
    for position, line in enumerate(lines, start=1):
        if line.quantity < 1:
            raise ActionError(
                _("Line %(position)s: %(quantity)s is no quantity to return. Give 1 or more.")
                % {"position": position, "quantity": line.quantity}
            )
    shelves = shelves_by_condition()
    unmapped = StockLocation.objects.get(name=UNMAPPED).pk
    header = ledger.Header(
        operation_key=key,
        type=InventoryTransaction.Type.RETURN,
        location_id=location_id,
        associate_id=associate_id or by.associate,
        by_id=by.pk,
        reference=reference,
        note=note,
    )
    return ledger.post(
        header,
        [
            ledger.Line(
                line.product_id, line.quantity, None, shelves.get(line.condition_code, unmapped)
            )
            for line in lines
        ],
    )


def shelves_by_condition() -> dict[int | None, int]:
    rows = ReturnCondition.objects.values_list("condition_code", "stock_location_id")
    return dict(rows)
