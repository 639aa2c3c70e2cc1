"""The acts of this room; a page, an API operation, a task and a command all call these.

`create_transfer_order`                           an order comes in, or a store begins one
`begin_transaction`                               a parcel of it is begun
`record_picks`, `settle_code`, `set_picks`        it is filled, by scans or by what is typed
`make_ready`, `ship`, `unpack`                    it is closed, leaves, or is given up
`close_transfer_order`                            the rest will not ship
`begin_draft`, `record_draft_scans`, `settle_draft_code`, `leave_draft`, `order_draft`
                                                  a store scans before there is an order
`replace_routes`                                  which service levels lead where

Every act runs inside the caller's one durable transaction, locks its order first, and has a key
under which it is done once; what is put into a parcel locks that parcel alone.
"""

from .closing import Closed, close_transfer_order
from .creating import Created, Ordered, create_transfer_order
from .drafting import (
    Begun,
    begin_draft,
    leave_draft,
    order_draft,
    record_draft_scans,
    settle_draft_code,
)
from .leaving import Shipped, ship
from .packing import Handover, Packed, make_ready, unpack
from .picking import Picked, Scan, begin_transaction, record_picks, set_picks, settle_code
from .refusals import (
    MoreThanOrdered,
    OrderAlreadyExists,
    OrderClosed,
    ParcelReady,
    StaleRevision,
)
from .routing import Route, replace_routes

__all__ = [
    "Begun",
    "Closed",
    "Created",
    "Handover",
    "MoreThanOrdered",
    "OrderAlreadyExists",
    "OrderClosed",
    "Ordered",
    "Packed",
    "ParcelReady",
    "Picked",
    "Route",
    "Scan",
    "Shipped",
    "StaleRevision",
    "begin_draft",
    "begin_transaction",
    "close_transfer_order",
    "create_transfer_order",
    "leave_draft",
    "make_ready",
    "order_draft",
    "record_draft_scans",
    "record_picks",
    "replace_routes",
    "set_picks",
    "settle_code",
    "settle_draft_code",
    "ship",
    "unpack",
]
