"""A notice comes in: over the API, by file, from a transfer or for a return (PRODUCT §6)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.documents import ActionError
from omnichannel.locations.models import FulfillmentLocation

from ..models import Asn, AsnLine
from .refusals import AsnAlreadyExists

MOST_LINES = 10_000


class Expected(NamedTuple):
    """One line as sent: primary key of the product, 0 units or more."""

    product_id: int
    quantity: int
    carton_id: str = ""
    raw_code: str = ""


def create_asn(
    *,
    origin_id: int,
    destination_id: int,
    shipped_at: datetime,
    lines: Sequence[Expected],
    source: str,
    number: str = "",
    po_number: str = "",
    order_ids: Sequence[str] = (),
    expected_date: date | None = None,
    holder_id: int | None = None,
    returns_id: int | None = None,
    note: str = "",
    import_reference: str = "",
) -> Asn:
    """Write a notice; lines of one product and carton become one, cartons do not.

    Runs inside the caller's transaction. It moves no stock: who names a `holder_id` has put the
    units into that location's `_in_transit` in the same transaction. No event leaves: the
    stream tells of notices that come from transfers only, and the transfer publishes that.

    Args:
        number: the sender's shipment reference, unique for ever; empty: one of ours.

    Raises:
        AsnAlreadyExists: the number is taken.
        ActionError: no lines, a quantity out of range, both ends the same, a holder that is
            not master of its stock.
    """
    merged = merge(lines)
    refuse_ends(origin_id, destination_id, holder_id)
    now = timezone.now()
    total = sum(line.quantity for line in merged)
    asn = Asn(
        number=number or f"ASN-{uuid4().hex[:12].upper()}",
        is_numbered_here=not number,
        source=source,
        origin_id=origin_id,
        destination_id=destination_id,
        holder_id=holder_id,
        shipped_at=shipped_at,
        expected_date=expected_date,
        po_number=po_number,
        order_ids=list(dict.fromkeys(order_ids)),
        note=note,
        import_reference=import_reference,
        returns_id=returns_id,
        created_at=now,
        updated_at=now,
        product_count=len({line.product_id for line in merged if line.quantity}),
        expected_total=total,
        in_transit_total=total,
    )
    # Waits for whoever writes the same number now, so that one of the two is told.
    Asn.objects.bulk_create([asn], ignore_conflicts=True)
    written = Asn.objects.filter(uuid=asn.uuid).values_list("pk", flat=True).first()
    if written is None:
        raise taken(asn, merged)
    asn.pk = written
    AsnLine.objects.bulk_create(
        AsnLine(
            asn=asn,
            product_id=line.product_id,
            carton_id=line.carton_id,
            raw_code=line.raw_code,
            expected=line.quantity,
            in_transit=line.quantity,
        )
        for line in merged
    )
    return asn


def merge(lines: Sequence[Expected]) -> list[Expected]:
    if not lines:
        raise ActionError(_("An ASN needs at least one line. Add a product."))
    if len(lines) > MOST_LINES:
        raise ActionError(
            _("An ASN has at most %(most)s lines, this one %(count)s. Split it.")
            % {"most": MOST_LINES, "count": len(lines)}
        )
    merged: dict[tuple[int, str], Expected] = {}
    for position, line in enumerate(lines, start=1):
        key = (line.product_id, line.carton_id)
        before = merged.get(key)
        quantity = line.quantity + (before.quantity if before else 0)
        if line.quantity < 0 or quantity > MAX_QUANTITY:
            raise ActionError(
                _("Line %(position)s: %(quantity)s is no quantity. Give 0 to %(most)s.")
                % {"position": position, "quantity": line.quantity, "most": MAX_QUANTITY}
            )
        merged[key] = (before or line)._replace(quantity=quantity)
    return list(merged.values())


def refuse_ends(origin_id: int, destination_id: int, holder_id: int | None) -> None:
    if origin_id == destination_id:
        raise ActionError(_("An ASN leads from one location to another. Name two."))
    if holder_id is None:
        return
    holder = FulfillmentLocation.objects.get(pk=holder_id)
    if not holder.is_inventory_master:
        raise ActionError(
            _("Stock on hand of %s is kept elsewhere, so it holds nothing in transit.") % holder
        )


def taken(asn: Asn, lines: Sequence[Expected]) -> AsnAlreadyExists:
    first = Asn.objects.get(number=asn.number)
    sent = AsnLine.objects.filter(asn=first, expected__gt=0)
    is_same = (
        (first.origin_id, first.destination_id) == (asn.origin_id, asn.destination_id)
        and first.shipped_at == asn.shipped_at
        and set(sent.values_list("product_id", "carton_id", "expected"))
        == {(line.product_id, line.carton_id, line.quantity) for line in lines if line.quantity}
    )
    return AsnAlreadyExists(
        _("%(asn)s exists already, from %(origin)s to %(destination)s. Nothing was written.")
        % {"asn": first, "origin": first.origin, "destination": first.destination},
        first,
        is_same,
    )
