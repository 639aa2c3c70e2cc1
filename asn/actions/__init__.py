"""The acts of this room; a page, an API operation, a task and a command all call these.

`create_asn`                                         a notice comes in, or is made by a transfer
`receive_items`, `receive_carton`, `receive_blind`   goods are there
`begin_receipt`, `record_scans`, `settle_code`, `complete_receipt`, `cancel_receipt`
                                                     the same in a session on the phone
`correct_receipt`                                    a receipt was wrong
`force_close_asn`, `change_fate`                     the rest will not arrive

Every act runs inside the caller's one durable transaction, locks its notice first, and has a key
under which it is done once.
"""

from ..receiving import OverReceived
from .arriving import receive_carton, receive_items
from .blind import receive_blind
from .closing import Closed, LineFate, default_fate, force_close_asn
from .correcting import TakenBack, correct_receipt
from .creating import Expected, create_asn
from .deciding import Move
from .elsewhere import unclaimed
from .fates import change_fate
from .refusals import (
    AsnAlreadyExists,
    AsnClosed,
    AsnOffered,
    FateNeedsPermission,
    StaleRevision,
)
from .session import Arrived, Received, Session
from .sessions import (
    Scan,
    begin_receipt,
    cancel_receipt,
    complete_receipt,
    record_scans,
    settle_code,
)

__all__ = [
    "Arrived",
    "AsnAlreadyExists",
    "AsnClosed",
    "AsnOffered",
    "Closed",
    "Expected",
    "FateNeedsPermission",
    "LineFate",
    "Move",
    "OverReceived",
    "Received",
    "Scan",
    "Session",
    "StaleRevision",
    "TakenBack",
    "begin_receipt",
    "cancel_receipt",
    "change_fate",
    "complete_receipt",
    "correct_receipt",
    "create_asn",
    "default_fate",
    "force_close_asn",
    "receive_blind",
    "receive_carton",
    "receive_items",
    "record_scans",
    "settle_code",
    "unclaimed",
]
