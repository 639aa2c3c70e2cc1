"""What a despatch advice says, whichever standard it was written in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from omnichannel.imports.edi.papers import Clock, Paper, Party

MOST_LEVELS = 20
MOST_CARTONS_ALIKE = 100
MOST_ORDER_IDS = 100


@dataclass
class Notice(Paper):
    """One despatch advice: what becomes one ASN.

    `number` is the sender's shipment reference. Of `senders` and `receivers` the first whose ID
    is one of ours is meant.
    """

    po_number: str = ""
    order_ids: list[str] = field(default_factory=list)
    shipped: Clock | None = None
    expected_date: date | None = None
    senders: Sequence[Party] = ()
    receivers: Sequence[Party] = ()


def spread(quantity: int, cartons: Sequence[str]) -> list[tuple[str, int]] | None:
    """Units of an item that several cartons hold alike; None where they cannot hold alike."""
    if len(cartons) <= 1:
        return [(cartons[0] if cartons else "", quantity)]
    if len(cartons) > MOST_CARTONS_ALIKE:
        return None
    each, rest = divmod(quantity, len(cartons))
    return None if rest else [(carton, each) for carton in cartons]
