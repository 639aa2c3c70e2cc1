"""What X12 calls a product, and in what it counts."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from .papers import GTIN, MOST_CODES, OURS, THEIRS, Code, Paper, units_of
from .segments import Segment

# Element 235; what is not named here (lots, order numbers, …) is no name of a product.
RANKS = {
    **dict.fromkeys(("IN", "BP", "CB", "SK", "PI"), OURS),
    **dict.fromkeys(("UP", "EN", "UK"), GTIN),
    **dict.fromkeys(("UA", "UI", "VN", "VP", "VA", "VC", "MG", "IB"), THEIRS),
}
# Element 355, as far as one of it is one unit of ours.
UNITS = ("EA", "PC", "UN", "PR")


def codes_at(segment: Segment, places: Iterable[int]) -> tuple[Code, ...]:
    """Of pairs of qualifier and value, whose qualifiers stand at `places`: the buyer's codes
    first, then GTINs, then the supplier's.
    """
    pairs = [(segment.get(at), segment.get(at + 1)) for at in list(places)[:MOST_CODES]]
    named = [Code(kind, value, RANKS[kind]) for kind, value in pairs if kind in RANKS and value]
    return tuple(sorted(named, key=lambda code: code.rank))


def quantity_at(
    paper: Paper, segment: Segment, code: Code, *, quantity: int, unit: int
) -> int | None:
    """Units at element `quantity`, counted in what stands at element `unit`; None with an error."""
    told, counted_in = segment.get(quantity), segment.get(unit)
    units = units_of(told)
    if units is None:
        cause = _("%s is no whole number of units.") % (told[:40] or "–")
        paper.refuse(segment, code.value, cause, _("Send 0 or more."))
    elif counted_in not in UNITS:
        words = {"unit": counted_in[:16] or "–", "known": ", ".join(UNITS)}
        cause = _("The quantity is in %(unit)s, which cannot be counted as units.") % words
        paper.refuse(segment, code.value, cause, _("Send it in %(known)s.") % words)
        return None
    return units
