"""What is in a parcel, before it is closed: known, on the order, and no more than it asks for."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import refuse_unknown
from omnichannel.documents import ActionError

from .. import queries, shipping
from ..models import TransferTransaction, TransferTransactionLine
from ..shipping import LineRow
from .refusals import too_many


class Contents(dict[int, int]):
    """Units by product, 1 or more each; `lines` are those of the order, by product."""

    lines: dict[int, LineRow]


def contents(parcel: TransferTransaction) -> Contents:
    """The units of a locked parcel.

    Raises:
        MoreThanOrdered: beyond what is neither shipped nor in another parcel that is ready.
        ActionError: nothing is in it, codes that nobody settled, a product below zero.
    """
    refuse_unknown(parcel.scans.filter(is_left_out=False))
    rows = TransferTransactionLine.objects.filter(transaction=parcel).exclude(quantity=0)
    units = Contents(rows.order_by("product_id").values_list("product_id", "quantity"))
    if not units:
        raise ActionError(_("Nothing is in %s yet. Scan a product.") % parcel)
    if below := [pk for pk, quantity in units.items() if quantity < 0]:
        names = names_of(below)
        raise ActionError(
            _("More was taken out of %(parcel)s than was put in: %(products)s. Scan again.")
            % {"parcel": parcel, "products": ", ".join(names[pk] for pk in below)}
        )
    units.lines = shipping.lines_of(parcel.order)
    packed = queries.being_packed(parcel.order)
    is_ready = parcel.status == TransferTransaction.Status.READY
    excess = []
    for pk, quantity in units.items():
        others = packed.get(pk, 0) - (quantity if is_ready else 0)
        left = max(0, units.lines[pk].remaining - others) if pk in units.lines else 0
        if quantity > left:
            excess.append((pk, left, quantity))
    if excess:
        raise too_many(excess, names_of([one[0] for one in excess]), parcel.order)
    return units


def names_of(products: Iterable[int]) -> dict[int, str]:
    rows = Product.objects.filter(pk__in=list(products))
    return dict(rows.values_list("pk", "product_id"))
