"""Return to source: a notice of the way back (PRODUCT §6)."""

from collections.abc import Sequence
from datetime import datetime

from ..models import Asn
from ..receiving.rows import LineRow
from .creating import Expected, create_asn

# Room for `-R1` behind the longest number.
LONGEST = 240


def send_back(asn: Asn, units: Sequence[tuple[LineRow, int]], now: datetime) -> Asn | None:
    """The notice towards the source; the goods stay in the holder's `_in_transit` until then."""
    if not units:
        return None
    return create_asn(
        origin_id=asn.destination_id,
        destination_id=asn.origin_id,
        shipped_at=now,
        lines=[Expected(line.product_id, quantity, line.carton_id) for line, quantity in units],
        source=Asn.Source.RETURN,
        number=free_number(asn),
        po_number=asn.po_number,
        order_ids=asn.order_ids,
        holder_id=asn.holder_id,
        returns_id=asn.pk,
    )


def free_number(asn: Asn) -> str:
    """`<number>-R<n>`, the first that nobody has; the notice that goes back is locked."""
    stem = f"{asn.number[:LONGEST]}-R"
    known = set(Asn.objects.filter(number__startswith=stem).values_list("number", flat=True))
    return next(f"{stem}{n}" for n in range(1, len(known) + 2) if f"{stem}{n}" not in known)
