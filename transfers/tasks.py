"""What jobs of this room run: the import of warehouses' messages, an edge like a page."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from asn.actions.announcing import Beside
from asn.permissions import RECEIVE_INVENTORY
from omnichannel.imports.archive import MB, Source
from omnichannel.imports.edi.acting import Papers
from omnichannel.imports.kinds import Kind, place_option
from omnichannel.imports.models import Import

from . import permissions
from .actions.warehousing import Warehousing
from .edi.reading import EDI

SUFFIXES = (".edi", ".x12", ".txt")


def writer(import_: Import, source: Source, head: Mapping[str, Any]) -> Papers:
    beside = Beside.among(import_.options)
    return Papers(Warehousing(import_.owner, beside, str(import_.uuid)), source.name)


# While a file is checked, the stock that it moves is locked: hence the few megabytes.
MESSAGES = Kind(
    name="transfers",
    label=gettext_lazy("Transfers (X12 940, 943, 944, 945)"),
    permissions=(permissions.TRANSFER_INVENTORY, RECEIVE_INVENTORY),
    formats=dict.fromkeys(SUFFIXES, EDI),
    writer=writer,
    options={
        "origin": place_option(
            gettext_lazy("From"),
            gettext_lazy("Location or store ID, for messages that name no sender of ours."),
        ),
        "destination": place_option(
            gettext_lazy("To"),
            gettext_lazy("Location or store ID, for messages that name none of ours."),
        ),
    },
    charset=gettext_lazy("UTF-8 or Latin-1"),
    most_bytes=2 * MB,
)
