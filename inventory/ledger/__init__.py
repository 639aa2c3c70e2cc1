"""The only writer of stock (DESIGN §4): four entrances and the proof that they are right.

`post(header, lines)`          what somebody did, line by line
`post_rows(header, select)`    the same statement fed by SQL, for counts and imports
`load(documents, lines)`       history, into rows that do not exist yet
`open_rows(select)`            rows with 0 units, where something else is to be said of a product
`verify()`                     on hand = Σ movements, always; it never repairs
"""

from .history import HistoryDocument, HistoryLine, HistoryRefused, LoadReport, load
from .opening import open_rows
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
    "open_rows",
    "post",
    "post_rows",
    "verify",
]
