"""What may be promised, and to whom it was.

`levels`    StockLevel, LocationAvailability: facts; Availability: what comes of them (a view)
`exports`   AvailabilityGroup, AvailabilityExport, SafetyStockUpload: in and out by file
`hooks`     AvailabilityHook: an outside system that knows more of the stock it keeps
`requests`  FulfillmentRequest, FulfillmentFact, Mispick: orders as far as stock needs them
`takeovers` Takeover: when a store became ours
"""

from .exports import (
    AvailabilityExport,
    AvailabilityExportPiece,
    AvailabilityGroup,
    AvailabilityGroupMember,
    SafetyStockUpload,
)
from .hooks import AvailabilityHook
from .levels import DECIDING, Availability, LocationAvailability, StockLevel
from .requests import FulfillmentFact, FulfillmentRequest, Mispick
from .takeovers import Takeover

__all__ = [
    "DECIDING",
    "Availability",
    "AvailabilityExport",
    "AvailabilityExportPiece",
    "AvailabilityGroup",
    "AvailabilityGroupMember",
    "AvailabilityHook",
    "FulfillmentFact",
    "FulfillmentRequest",
    "LocationAvailability",
    "Mispick",
    "SafetyStockUpload",
    "StockLevel",
    "Takeover",
]
