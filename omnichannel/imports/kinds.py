"""What can be imported: declarations of the rooms, named in settings.IMPORT_KINDS.

    PRICES = Kind(
        name="prices",
        label=gettext_lazy("Prices"),
        permissions=("catalog.change_pricebook",),
        formats={".json": JSON, ".csv": csv_of(("product_id", "value"))},
        writer=writer,
        is_of_the_contract=True,
    )

and in the settings `"omnichannel.catalog.imports.prices.PRICES"`. A kind whose rows are compared
and written by SQL builds its writer from `applying.Rows`; one whose items are acts (a message that
makes a document) from `edi.acting.Papers`; any other writes a class with the methods of `Writer`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Protocol

from django import forms
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError
from omnichannel.jobs.progress import Progress

from .archive import MB, ZIP, Source, Wanted
from .models import Import
from .reading import Format
from .rows import Item
from .staging import Effect, Staged

# Files of the contract that are taken and have no place here.
LEFT_OUT = ("categories",)


class Writer(Protocol):
    """Who writes the items of one file; made for each file, used from one connection.

    A chunk is written in one transaction that the caller opened and that also says that it was
    written; after a crash the file is staged again and only the other chunks are written.
    """

    # Files of one target belong together where an import is full.
    target: str

    def stage(self, items: Iterator[Item], progress: Progress) -> Staged:
        """Read and check every item; write nothing that lasts.

        Raises:
            BadFile
        """

    def compare(self, chunk: int) -> Effect:
        """What `write` would do."""

    def write(self, chunk: int) -> Effect:
        """Bring the good items of the chunk in, inside the caller's transaction."""

    def remember(self) -> None:
        """Keep in mind which items the file names, for `clean`."""

    def clean(self) -> None:
        """A full import's last step: what no file of the target names."""


class Option(NamedTuple):
    """What a person chooses beside the file; `needed_by` are suffixes that cannot do without."""

    field: Callable[[], forms.Field]
    needed_by: tuple[str, ...] = ()


def place_option(label: Any, help_text: Any) -> Option:
    """A location told beside messages that name none of ours."""
    return Option(lambda: forms.CharField(label=label, max_length=256, help_text=help_text))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of import.

    Args:
        name: at most 16 letters; the contract's entity, where it has one.
        permissions: whoever brings it in holds all of them.
        formats: by suffix; how files are read.
        writer: called with the import, the file and its head.
            Raises BadFile where the head is not as it must be.
        options: by name; chosen in the form and kept in `Import.options` as text.
        charset: in which its files are, as the form tells it.
        is_of_the_contract: whether `/v0/d/import` takes it.
        most_bytes: of all its files in one import, unpacked.
        most_open: imports of the API at once; None for no limit of its own.
    """

    name: str
    label: Any
    permissions: tuple[str, ...]
    formats: Mapping[str, Format]
    writer: Callable[[Import, Source, Mapping[str, Any]], Writer]
    options: Mapping[str, Option] = field(default_factory=dict)
    charset: Any = "UTF-8"
    is_of_the_contract: bool = False
    most_bytes: int = 80 * MB
    most_open: int | None = None

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of files that are uploaded."""
        return (*self.formats, ZIP)

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.name, tuple(self.formats), self.most_bytes)

    def may_be_brought_by(self, user: Any) -> bool:
        return user.has_perms(self.permissions)


def kinds() -> Mapping[str, Kind]:
    """Every kind by its name, in the order of the settings."""
    return resolved(tuple(settings.IMPORT_KINDS))


@cache
def resolved(names: tuple[str, ...]) -> Mapping[str, Kind]:
    found = [import_string(name) for name in names]
    return {kind.name: kind for kind in found}


def kinds_of(entities: Iterable[str]) -> list[Kind]:
    """Those that are read; what is left out is left out.

    Raises:
        ActionError: nothing of that name is imported here.
    """
    known = kinds()
    wanted = [entity for entity in entities if entity not in LEFT_OUT]
    if strange := [entity for entity in wanted if entity not in known]:
        told = {"strange": ", ".join(strange)[:200], "known": ", ".join(known)}
        raise ActionError(_("%(strange)s cannot be imported here; %(known)s can.") % told)
    return [known[entity] for entity in wanted]


def label_of(entity: str) -> str:
    """How people call a kind; also one that this installation has no longer."""
    kind = kinds().get(entity)
    return str(kind.label) if kind else entity
