"""The import of despatch advices without a browser."""

from asn.tasks import ADVICES
from omnichannel.imports.dropping import DropCommand


class Command(DropCommand):
    help = (
        "Brings in X12 856 and EDIFACT DESADV: all ASNs of a file, or none where one is wrong. "
        "The same file again changes nothing."
    )
    kind = ADVICES
    may = "receive inventory"
    beside = {
        "origin": "location ID of senders that are none of ours",
        "destination": "ID of our location, where none is named",
    }
