"""Stock on hand and future inventory of locations whose stock another system keeps (CONTRACT §4.3)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.imports.archive import Source
from omnichannel.imports.kinds import Kind, Option
from omnichannel.imports.models import Import
from omnichannel.imports.reading import JSON, csv_of
from omnichannel.imports.rows import BadFile
from omnichannel.locations.permissions import EDIT_FULFILLMENT_AVAILABILITY

from .heads import ATP, ON_HAND, read_head
from .reading import COLUMNS
from .writing import StockRows


def writer(import_: Import, source: Source, head: Mapping[str, Any]) -> StockRows:
    """
    Raises:
        BadFile: a full import, or a head that is not as it must be.
    """
    if import_.full:
        raise BadFile(_("A full import of stock is not done; send what is there row by row."))
    return StockRows(import_, source.name, read_head(source, head, import_.options))


def mode_field() -> forms.Field:
    return forms.ChoiceField(
        label=gettext_lazy("The quantities are"),
        choices=[
            (ON_HAND, gettext_lazy("Stock on hand")),
            (ATP, gettext_lazy("What may still be sold, without what is allocated")),
        ],
        help_text=gettext_lazy("For a CSV; a JSON file may say it itself."),
    )


def as_of_field() -> forms.Field:
    return forms.DateTimeField(
        label=gettext_lazy("As of (UTC)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy(
            "When the quantities were true. What moved since is told, not overwritten;"
            " without a time every row counts."
        ),
    )


AVAILABILITIES = Kind(
    name="availabilities",
    label=gettext_lazy("Stock"),
    permissions=(EDIT_FULFILLMENT_AVAILABILITY,),
    formats={".json": JSON, ".csv": csv_of(COLUMNS)},
    writer=writer,
    options={"mode": Option(mode_field), "as_of": Option(as_of_field)},
    is_of_the_contract=True,
)
