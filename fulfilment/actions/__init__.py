"""The acts of this room; a page, an API operation, a task and a command all call these.

`reserve_for_order`, `release_order`            what an order keeps before it is routed
`assign_items`, `pack_items`, `complete_items`, `fail_items`
                                                what happens to items where they are sent from
`write_group`, `delete_group`, `start_export`, `write_export`, `forget_old_exports`
                                                availability in bulk
`safety_rows`, `upload_safety_stock`, `write_upload`
                                                what is held back from sale
`take_over_stock`                               a store's stock becomes ours
"""

from .exporting import forget_old_exports, standing_of, start_export, write_export
from .groups import codes_of, delete_group, write_group
from .mastering import NeverOurs, OpenDocuments, take_over_stock
from .orders import release_order, reserve_for_order
from .requests import Assigned, assign_items, complete_items, fail_items, pack_items
from .safety_stock import (
    UploadRunning,
    is_running,
    readable,
    safety_rows,
    upload_safety_stock,
    write_upload,
)

__all__ = [
    "Assigned",
    "NeverOurs",
    "OpenDocuments",
    "UploadRunning",
    "assign_items",
    "codes_of",
    "complete_items",
    "delete_group",
    "fail_items",
    "forget_old_exports",
    "is_running",
    "pack_items",
    "readable",
    "release_order",
    "reserve_for_order",
    "safety_rows",
    "standing_of",
    "start_export",
    "take_over_stock",
    "upload_safety_stock",
    "write_export",
    "write_group",
    "write_upload",
]
