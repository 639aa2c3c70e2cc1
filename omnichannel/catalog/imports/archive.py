"""The file as it came: a ZIP of the contract, or a JSON or CSV that somebody uploads.

What a ZIP says about sizes is read first, what comes out of it is counted, and both have the limit
of the entity (CONTRACT §4.3, RELIABILITY rule 28).
"""

import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from .rows import BadFile

MB = 1_000_000
MOST_BYTES = {"products": 240 * MB}
ELSE_MOST_BYTES = 80 * MB
MOST_MEMBERS = 100


class Source(NamedTuple):
    """One text to be read: `open()` begins at its beginning, as often as it is asked."""

    entity: str
    name: str
    open: Callable[[], IO[bytes]]


class Counted:
    """A stream that ends in an error where it is larger than it may be."""

    def __init__(self, inner: IO[bytes], entity: str, most: int) -> None:
        self.inner, self.entity, self.most, self.seen = inner, entity, most, 0

    def read(self, size: int = -1) -> bytes:
        try:
            block = self.inner.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise BadFile(_("The ZIP is damaged: %s.") % error) from error
        self.seen += len(block)
        if self.seen > self.most:
            raise too_large(self.entity)
        return block

    def close(self) -> None:
        self.inner.close()


def most_bytes(entity: str) -> int:
    return MOST_BYTES.get(entity, ELSE_MOST_BYTES)


def too_large(entity: str) -> BadFile:
    told = {"entity": entity, "most": most_bytes(entity) // MB}
    return BadFile(
        _("The files of %(entity)s have more than %(most)d MB unpacked. Split them.") % told
    )


def sources(file: Path, entities: Iterable[str]) -> list[Source]:
    """What is to be read for each entity, in order of the names.

    Raises:
        BadFile: no ZIP, too large, too many members, or none for an entity.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(_("The file is no ZIP that can be read: %s.") % error) from error
    if len(members) > MOST_MEMBERS:
        told = {"count": len(members), "most": MOST_MEMBERS}
        raise BadFile(_("The ZIP holds %(count)d files, at most %(most)d are read.") % told)
    return [source for entity in entities for source in of_entity(file, members, entity)]


def of_entity(file: Path, members: list[zipfile.ZipInfo], entity: str) -> list[Source]:
    mine = sorted((m for m in members if entity in m.filename.lower()), key=lambda m: m.filename)
    if not mine:
        found = ", ".join(sorted(member.filename for member in members)[:5]) or _("nothing")
        told = {"entity": entity, "found": found[:300]}
        raise BadFile(
            _("No file in the ZIP has “%(entity)s” in its name; it holds %(found)s.") % told
        )
    for member in mine:
        if not member.filename.lower().endswith(".json"):
            raise BadFile(
                _("%s is no .json file; a ZIP within a ZIP is not opened.") % member.filename[:300]
            )
        if member.flag_bits & 1:
            raise BadFile(_("%s is encrypted; send it without a password.") % member.filename[:300])
    if sum(member.file_size for member in mine) > most_bytes(entity):
        raise too_large(entity)
    return [Source(entity, m.filename, opener(file, m, entity)) for m in mine]


def opener(file: Path, member: zipfile.ZipInfo, entity: str) -> Callable[[], IO[bytes]]:
    def begin() -> IO[bytes]:
        try:
            with zipfile.ZipFile(file) as archive:
                # It goes on reading after the archive is closed.
                stream = archive.open(member)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
            raise BadFile(_("The ZIP is damaged: %s.") % error) from error
        return Counted(stream, entity, most_bytes(entity))  # type: ignore[return-value]

    return begin


def plain(file: Path, entity: str, name: str) -> Source:
    """A text that came without a ZIP.

    Raises:
        BadFile: too large.
    """
    if file.stat().st_size > most_bytes(entity):
        raise too_large(entity)
    return Source(entity, name, lambda: file.open("rb"))
