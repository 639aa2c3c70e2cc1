"""The import of warehouses' messages without a browser."""

from omnichannel.imports.dropping import DropCommand
from transfers.tasks import MESSAGES


class Command(DropCommand):
    help = (
        "Brings in X12 940, 943, 944 and 945: all orders, shipments and receipts of a file, or "
        "none where one is wrong. The same file again changes nothing."
    )
    kind = MESSAGES
    may = "transfer and receive inventory"
    beside = {
        "origin": "ID of our location, where no sender of ours is named",
        "destination": "ID of our location, where no receiver of ours is named",
    }
