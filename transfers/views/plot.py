"""Where the ordered units are, as one bar (UI §4)."""

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from asn.models import AsnLine
from asn.views.plot import WIDTH, Part

from ..models import TransferOrder


def parts_of(order: TransferOrder) -> list[Part]:
    """What was ordered, piece by piece: at the other end, under way, set aside, not yet begun."""
    told = AsnLine.objects.filter(asn__transfer__order=order).aggregate(
        received=Sum(F("received") + F("received_elsewhere") - F("over_received")),
        in_transit=Sum("in_transit"),
    )
    received, in_transit = told["received"] or 0, told["in_transit"] or 0
    lost = order.transferred_total - received - in_transit
    rest = order.remaining_total - order.reserved_total
    pieces = (
        ("received", _("Received at destination"), received),
        ("in_transit", _("In transit"), in_transit),
        ("lost", _("Lost, damaged or returned"), lost),
        ("aside", _("Set aside"), order.reserved_total),
        ("never_shipped", _("Will not be shipped") if order.is_final else _("Not shipped"), rest),
    )
    total = sum(units for _name, _label, units in pieces) or 1
    found, x = [], 0.0
    for name, label, units in pieces:
        if units > 0:
            width = WIDTH * units / total
            is_open = name in ("in_transit", "aside", "never_shipped")
            found.append(Part(name, label, units, round(x, 2), round(width, 2), is_open))
            x += width
    return found
