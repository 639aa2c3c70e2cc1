"""Arrived, received elsewhere: a receipt has the goods, and each of its units is claimed once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import F, Sum
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from ..models import Asn, Fate, FateDecision, Receipt, ReceiptLine
from ..receiving.rows import LineRow
from .deciding import Move
from .session import names_of


def refuse_claims(asn: Asn, lines: Mapping[int, LineRow], moves: Sequence[Move]) -> None:
    """
    Raises:
        ActionError: no receipt named, one of this notice itself, or one that has not so many
            units of the product left.
    """
    wanted: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for move in moves:
        if move.after != Fate.ELSEWHERE:
            continue
        if move.receipt_id is None:
            raise ActionError(_("Choose the receipt with which the goods arrived."))
        wanted[move.receipt_id][lines[move.line_id].product_id] += move.quantity
    for receipt_id, units in sorted(wanted.items()):
        refuse_claim(asn, receipt_id, units)


def refuse_claim(asn: Asn, receipt_id: int, units: Mapping[int, int]) -> None:
    # Two notices that claim one receipt follow each other.
    receipt = Receipt.objects.select_for_update(no_key=True).filter(pk=receipt_id).first()
    if receipt is None or receipt.status != Receipt.Status.COMPLETED or receipt.asn_id == asn.pk:
        raise ActionError(_("That receipt cannot have what %s lacks. Choose another one.") % asn)
    free = unclaimed(receipt)
    names = names_of(set(units))
    for product_id, quantity in units.items():
        if quantity > free.get(product_id, 0):
            raise ActionError(
                _(
                    "%(product)s: the receipt has %(free)s units that no ASN claims, %(asked)s asked."
                )
                % {
                    "product": names.get(product_id, product_id),
                    "free": free.get(product_id, 0),
                    "asked": quantity,
                }
            )


def unclaimed(receipt: Receipt) -> dict[int, int]:
    """Units by product that the receipt brought, corrections taken off, and no notice claims."""
    brought = (
        ReceiptLine.objects.filter(
            receipt__in=[receipt.pk, *receipt.corrections.values_list("pk", flat=True)]
        )
        .values_list("product_id")
        .annotate(units=Sum("quantity"))
    )
    free = dict(brought)
    claims = (
        FateDecision.objects.filter(receipt=receipt, fate=Fate.ELSEWHERE)
        .values_list("line_id", "line__product_id")
        .annotate(units=Least(Sum("quantity"), F("line__received_elsewhere")))
    )
    for _line, product_id, units in claims:
        free[product_id] = free.get(product_id, 0) - units
    return free
