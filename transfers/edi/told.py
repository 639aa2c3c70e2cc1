"""What a warehouse's message says, in our words (ADR 0028)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from omnichannel.imports.edi.papers import Clock, Paper, Party


@dataclass
class Ordered(Paper):
    """X12 940: move these units. `number` is the depositor's order number."""

    ordered: Clock | None = None
    due_date: date | None = None
    note: str = ""
    senders: Sequence[Party] = ()
    receivers: Sequence[Party] = ()


@dataclass
class Shipment(Paper):
    """X12 943 and 945: these units have left. `number` is the shipment's ID, empty where it has none.

    `key` names the message for ever, so that it counts once. One of `may_announce` that belongs to
    no order of ours is an ASN from outside.
    """

    key: str = ""
    order_ref: str = ""
    may_announce: bool = False
    shipped: Clock | None = None
    carrier: str = ""
    tracking_number: str = ""
    senders: Sequence[Party] = ()
    receivers: Sequence[Party] = ()


@dataclass
class Arrival(Paper):
    """X12 944: these units have come. `number` is the warehouse's receipt number."""

    key: str = ""
    order_ref: str = ""
    shipment_ref: str = ""
    received: Clock | None = None
    receivers: Sequence[Party] = ()
