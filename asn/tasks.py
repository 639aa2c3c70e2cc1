"""What jobs of this room run: the import of despatch advices, an edge like a page or an operation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from omnichannel.imports.archive import MB, Source
from omnichannel.imports.edi.acting import Papers
from omnichannel.imports.kinds import Kind, Option
from omnichannel.imports.models import Import

from . import permissions
from .actions.announcing import Announcing, Beside
from .edi.reading import EDI

SUFFIXES = (".edi", ".x12", ".edifact", ".txt")


def writer(import_: Import, source: Source, head: Mapping[str, Any]) -> Papers:
    beside = Beside(**{name: import_.options.get(name, "") for name in Beside._fields})
    return Papers(Announcing(import_.owner, beside, str(import_.uuid)), source.name)


def origin_field() -> forms.Field:
    return forms.CharField(
        label=gettext_lazy("From"),
        max_length=256,
        help_text=gettext_lazy("Location ID, for messages whose sender is none of ours."),
    )


def destination_field() -> forms.Field:
    return forms.CharField(
        label=gettext_lazy("To"),
        max_length=256,
        help_text=gettext_lazy("Location or store ID, for messages that name none of ours."),
    )


ADVICES = Kind(
    name="asns",
    label=gettext_lazy("ASNs (X12 856, EDIFACT DESADV)"),
    permissions=(permissions.RECEIVE_INVENTORY,),
    formats=dict.fromkeys(SUFFIXES, EDI),
    writer=writer,
    options={"origin": Option(origin_field), "destination": Option(destination_field)},
    charset=gettext_lazy("the character set that the messages name"),
    most_bytes=10 * MB,
)
