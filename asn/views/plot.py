"""Where the units of a notice are, as one bar (UI §4)."""

from typing import Any, NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext as _

from ..models import Asn, AsnLine

# Of the drawing, in its own units.
WIDTH = 1_000.0


class Part(NamedTuple):
    """One piece of the bar: `x` and `width` in its units; `is_undecided` while it may change."""

    name: str
    label: Any
    units: int
    x: float
    width: float
    is_undecided: bool


PLACES = (
    "received",
    "received_elsewhere",
    "in_transit",
    "lost",
    "damaged",
    "returned",
    "never_shipped",
)


def parts_of(asn: Asn) -> list[Part]:
    """What was announced, piece by piece, and behind it what came beyond that."""
    sums = AsnLine.objects.filter(asn=asn).aggregate(
        **{name: Sum(name) for name in (*PLACES, "over_received")}
    )
    units = {name: value or 0 for name, value in sums.items()}
    over = units.pop("over_received")
    units["received"] -= over
    pieces = [*units.items(), ("over", over)]
    total = sum(value for _name, value in pieces) or 1
    labels = names()
    found, x = [], 0.0
    for name, value in pieces:
        if value:
            width = WIDTH * value / total
            found.append(
                Part(
                    name,
                    labels[name],
                    value,
                    round(x, 2),
                    round(width, 2),
                    name not in ("received", "over"),
                )
            )
            x += width
    return found


def names() -> dict[str, str]:
    return {
        "received": _("Received"),
        "received_elsewhere": _("Received elsewhere"),
        "in_transit": _("In transit"),
        "lost": _("Lost in transit"),
        "damaged": _("Damaged in transit"),
        "returned": _("Goes back"),
        "never_shipped": _("Never shipped"),
        "over": _("Over-received"),
    }
