"""The only writer of stock (DESIGN §4): three entrances and the proof that they are right.

`post(header, lines)`          what somebody did, line by line
`post_rows(header, select)`    the same statement fed by SQL, for counts and imports
`load(documents, lines)`       history, into rows that do not exist yet
`verify()`                     on hand = Σ movements, always; it never repairs
"""

from .history import HistoryDocument, HistoryLine, HistoryRefused, LoadReport, load
from .posting import (
    Header,
    Line,
    Movement,
    OperationKeyReused,
    Posting,
    PostingRefused,
    StockTooLow,
    post,
    post_rows,
)
from .verification import Difference, Verification, verify

__all__ = [
    "Difference",
    "Header",
    "HistoryDocument",
    "HistoryLine",
    "HistoryRefused",
    "Line",
    "LoadReport",
    "Movement",
    "OperationKeyReused",
    "Posting",
    "PostingRefused",
    "StockTooLow",
    "Verification",
    "load",
    "post",
    "post_rows",
    "verify",
]
