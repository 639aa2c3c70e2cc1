"""What jobs of this room run: the import of despatch advices, an edge like a page or an operation."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from omnichannel.imports.archive import MB, Source
from omnichannel.imports.edi.acting import Papers
from omnichannel.imports.kinds import Kind, place_option
from omnichannel.imports.models import Import

from . import permissions
from .actions.announcing import Announcing, Beside
from .edi.reading import EDI

SUFFIXES = (".edi", ".x12", ".edifact", ".txt")


def writer(import_: Import, source: Source, head: Mapping[str, Any]) -> Papers:
    beside = Beside.among(import_.options)
    return Papers(Announcing(import_.owner, beside, str(import_.uuid)), source.name)


ADVICES = Kind(
    name="asns",
    label=gettext_lazy("ASNs (X12 856, EDIFACT DESADV)"),
    permissions=(permissions.RECEIVE_INVENTORY,),
    formats=dict.fromkeys(SUFFIXES, EDI),
    writer=writer,
    options={
        "origin": place_option(
            gettext_lazy("From"),
            gettext_lazy("Location ID, for messages whose sender is none of ours."),
        ),
        "destination": place_option(
            gettext_lazy("To"),
            gettext_lazy("Location or store ID, for messages that name none of ours."),
        ),
    },
    charset=gettext_lazy("the character set that the messages name"),
    most_bytes=10 * MB,
)
