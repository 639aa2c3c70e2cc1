"""The file as it came: a ZIP of the contract, or a text that somebody uploads.

What a ZIP says about sizes is read first, what comes out of it is counted, and both have the limit
of the kind (CONTRACT §4.3, RELIABILITY rule 28).
"""

import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from .rows import BadFile

MB = 1_000_000
MOST_MEMBERS = 100
ZIP = ".zip"


class Wanted(NamedTuple):
    """What is looked for in a ZIP: files with this word in their names, of these suffixes."""

    entity: str
    suffixes: tuple[str, ...]
    most_bytes: int

    def too_large(self) -> BadFile:
        told = {"entity": self.entity, "most": self.most_bytes // MB}
        return BadFile(
            _("The files of %(entity)s have more than %(most)d MB unpacked. Split them.") % told
        )


class Source(NamedTuple):
    """One text to be read: `open()` begins at its beginning, as often as it is asked."""

    entity: str
    name: str
    open: Callable[[], IO[bytes]]

    @property
    def suffix(self) -> str:
        return suffix_of(self.name)


class Counted:
    """A stream that ends in an error where it is larger than it may be."""

    def __init__(self, inner: IO[bytes], wanted: Wanted) -> None:
        self.inner, self.wanted, self.seen = inner, wanted, 0

    def read(self, size: int = -1) -> bytes:
        try:
            block = self.inner.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise damaged(error) from error
        self.seen += len(block)
        if self.seen > self.wanted.most_bytes:
            raise self.wanted.too_large()
        return block

    def close(self) -> None:
        self.inner.close()


def suffix_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def damaged(error: Exception) -> BadFile:
    return BadFile(_("The ZIP is damaged: %s.") % error)


def sources(file: Path, wanted: Iterable[Wanted]) -> list[Source]:
    """What is to be read for each kind, in order of the names.

    Raises:
        BadFile: no ZIP, too large, too many members, or none for a kind.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(_("The file is no ZIP that can be read: %s.") % error) from error
    if len(members) > MOST_MEMBERS:
        told = {"count": len(members), "most": MOST_MEMBERS}
        raise BadFile(_("The ZIP holds %(count)d files, at most %(most)d are read.") % told)
    return [source for each in wanted for source in of_kind(file, members, each)]


def of_kind(file: Path, members: list[zipfile.ZipInfo], wanted: Wanted) -> list[Source]:
    mine = [member for member in members if wanted.entity in member.filename.lower()]
    if not mine:
        found = ", ".join(sorted(member.filename for member in members)[:5]) or _("nothing")
        told = {"entity": wanted.entity, "found": found[:300]}
        raise BadFile(
            _("No file in the ZIP has “%(entity)s” in its name; it holds %(found)s.") % told
        )
    for member in mine:
        refuse(member, wanted)
    if sum(member.file_size for member in mine) > wanted.most_bytes:
        raise wanted.too_large()
    mine.sort(key=lambda member: member.filename)
    return [Source(wanted.entity, m.filename, opener(file, m, wanted)) for m in mine]


def refuse(member: zipfile.ZipInfo, wanted: Wanted) -> None:
    name = member.filename[:300]
    if suffix_of(member.filename) == ZIP:
        raise BadFile(_("%s is a ZIP within a ZIP, which is not opened.") % name)
    if suffix_of(member.filename) not in wanted.suffixes:
        told = {"name": name, "known": ", ".join(wanted.suffixes)}
        raise BadFile(_("%(name)s is no file of a kind that is read: %(known)s.") % told)
    if member.flag_bits & 1:
        raise BadFile(_("%s is encrypted; send it without a password.") % name)


def opener(file: Path, member: zipfile.ZipInfo, wanted: Wanted) -> Callable[[], IO[bytes]]:
    def begin() -> IO[bytes]:
        try:
            with zipfile.ZipFile(file) as archive:
                # It goes on reading after the archive is closed.
                stream = archive.open(member)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
            raise damaged(error) from error
        return Counted(stream, wanted)  # type: ignore[return-value]

    return begin


def plain(file: Path, wanted: Wanted, name: str) -> Source:
    """A text that came without a ZIP.

    Raises:
        BadFile: too large.
    """
    if file.stat().st_size > wanted.most_bytes:
        raise wanted.too_large()
    return Source(wanted.entity, name, lambda: file.open("rb"))
