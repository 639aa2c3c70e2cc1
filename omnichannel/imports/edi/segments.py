"""A file of interchanges as segments; each interchange says itself which signs divide it."""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from ..archive import Source
from ..rows import BadFile

BLOCK = 256 * 1024
# Bytes; what is longer has lost its terminator.
MOST_OF_A_SEGMENT = 32_000
BLANKS = b" \t\r\n"
# ISA has elements of fixed width. Real files keep to the number of elements, not to the width.
ISA_ELEMENTS = 16
LONGEST_ISA = 400
# X12 names no character set, and few keep to the ASCII of UNOA and UNOB.
UNTOLD = ("utf-8", "latin-1")
# UN/EDIFACT 0001 → what Python calls it.
CHARACTER_SETS = {
    "UNOA": UNTOLD,
    "UNOB": UNTOLD,
    "UNOC": ("iso8859-1",),
    "UNOD": ("iso8859-2",),
    "UNOE": ("iso8859-5",),
    "UNOF": ("iso8859-7",),
    "UNOG": ("iso8859-3",),
    "UNOH": ("iso8859-4",),
    "UNOI": ("iso8859-6",),
    "UNOJ": ("iso8859-8",),
    "UNOK": ("iso8859-9",),
    "UNOL": ("iso8859-15",),
    "UNOW": ("utf-8",),
    "UNOY": ("utf-8",),
}


class Signs(NamedTuple):
    """What divides an interchange; `release` takes the next sign's meaning away, where there is one."""

    terminator: str
    element: str
    component: str
    release: str = ""
    encodings: tuple[str, ...] = UNTOLD


class Segment(NamedTuple):
    """`number` counts from 1 in the file, UNA not counted; `elements` come without the tag."""

    number: int
    tag: str
    elements: tuple[tuple[str, ...], ...]

    def get(self, element: int, component: int = 1) -> str:
        """As the standards count, from 1; without blanks around it, empty where it is not told."""
        if not 0 < element <= len(self.elements):
            return ""
        components = self.elements[element - 1]
        return components[component - 1].strip() if component <= len(components) else ""

    def __str__(self) -> str:
        return _("segment %(number)d (%(tag)s)") % {"number": self.number, "tag": self.tag}


class Window:
    """The bytes of the file from where the reader stands, as far as they are looked at."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.data, self.at = stream, b"", 0

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        block = self.stream.read(BLOCK)
        self.data, self.at = self.data[self.at :] + block, 0
        return bool(block)

    def skip_blanks(self) -> bool:
        """Whether anything follows but blanks and ends of lines."""
        while True:
            while self.at < len(self.data):
                if self.data[self.at] not in BLANKS:
                    return True
                self.at += 1
            if not self.more():
                return False

    def ahead(self, length: int) -> bytes:
        """The next bytes, without taking them; fewer at the end of the file."""
        while len(self.data) - self.at < length and self.more():
            pass
        return self.data[self.at : self.at + length]

    def take(self, signs: Signs) -> bytes | None:
        """The bytes up to the next terminator; at the end of the file the rest.

        None where no terminator comes within MOST_OF_A_SEGMENT.
        """
        terminator, release = signs.terminator.encode(), signs.release.encode()
        searched = self.at
        while True:
            end = self.data.find(terminator, searched)
            if end < 0:
                if len(self.data) - self.at > MOST_OF_A_SEGMENT:
                    return None
                if self.more():
                    searched = self.at
                    continue
                end = len(self.data)
            elif is_released(self.data[self.at : end], release):
                searched = end + 1
                continue
            taken = self.data[self.at : end]
            self.at = min(end + 1, len(self.data))
            return taken if len(taken) <= MOST_OF_A_SEGMENT else None


def is_released(before: bytes, release: bytes) -> bool:
    return bool(release) and (len(before) - len(before.rstrip(release))) % 2 == 1


def segments(source: Source) -> Iterator[Segment]:
    """Every segment of the file.

    Raises:
        BadFile: it is empty or no EDI, or a segment cannot be read; the text names it.
    """
    stream = source.open()
    try:
        yield from read(Window(stream), source.name)
    finally:
        stream.close()


def read(window: Window, name: str) -> Iterator[Segment]:
    signs, number = None, 0
    if window.ahead(3) == b"\xef\xbb\xbf":
        window.at += 3
    while window.skip_blanks():
        number += 1
        if signs is None:
            signs = signs_of(window, name, number)
        segment = divided(taken(window, signs, number), number, signs)
        if segment.tag == "UNB":
            signs = signs._replace(encodings=character_set(segment))
        yield segment
        # The next interchange may come from somebody else.
        if segment.tag in {"IEA", "UNZ"}:
            signs = None
    if not number:
        raise BadFile(_("%s is empty.") % name)


def taken(window: Window, signs: Signs, number: int) -> str:
    data = window.take(signs)
    if data is None:
        told = {"number": number, "sign": repr(signs.terminator), "most": MOST_OF_A_SEGMENT}
        raise BadFile(
            _("Segment %(number)d does not end: within %(most)d bytes there is no %(sign)s.") % told
        )
    if b"\0" in data:
        raise BadFile(_("Segment %d holds a NUL byte; the file is damaged.") % number)
    for encoding in signs.encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    told = {"number": number, "set": ", ".join(signs.encodings)}
    raise BadFile(
        _("Segment %(number)d is not in the character set of its interchange, %(set)s.") % told
    )


def divided(text: str, number: int, signs: Signs) -> Segment:
    tag, *elements = split(text, signs.element, signs.release)
    return Segment(
        number,
        tag.strip(),
        tuple(
            tuple(
                released(component, signs.release)
                for component in split(element, signs.component, signs.release)
            )
            for element in elements
        ),
    )


def split(text: str, sign: str, release: str) -> list[str]:
    """The parts between the signs that are not released; their releases stay in them."""
    if not release or release not in text:
        return text.split(sign)
    parts, begin, at = [], 0, 0
    while at < len(text):
        if text[at] == release:
            at += 1
        elif text[at] == sign:
            parts.append(text[begin:at])
            begin = at + 1
        at += 1
    return [*parts, text[begin:]]


def released(text: str, release: str) -> str:
    return re.sub(rf"{re.escape(release)}(.)", r"\1", text, flags=re.DOTALL) if release else text


def character_set(unb: Segment) -> tuple[str, ...]:
    """
    Raises:
        BadFile: one that is not read here.
    """
    told = unb.get(1)
    if told not in CHARACTER_SETS:
        known = ", ".join(CHARACTER_SETS)
        raise BadFile(
            _("%(where)s names the character set “%(set)s”; %(known)s are read.")
            % {"where": str(unb).capitalize(), "set": told[:16], "known": known}
        )
    return CHARACTER_SETS[told]


def signs_of(window: Window, name: str, number: int) -> Signs:
    """What divides the interchange that begins here.

    Raises:
        BadFile: none begins here.
    """
    tag = window.ahead(3)
    if tag == b"ISA":
        return signs_of_x12(window.ahead(LONGEST_ISA), number)
    if tag == b"UNA":
        return signs_of_una(window, number)
    if tag == b"UNB":
        return Signs("'", "+", ":", "?")
    shown = window.ahead(8).decode("ascii", "replace").replace("\0", "?").strip()
    told = {"name": name, "number": number, "found": shown}
    raise BadFile(
        _(
            "%(name)s is no EDI of a kind that is read: segment %(number)d begins with “%(found)s” "
            "where ISA (X12) or UNA or UNB (EDIFACT) is expected."
        )
        % told
    )


def signs_of_x12(head: bytes, number: int) -> Signs:
    element = head[3:4]
    parts = head.split(element, ISA_ELEMENTS) if element else []
    if len(parts) <= ISA_ELEMENTS or len(parts[-1]) < 2:
        raise BadFile(_("Segment %d (ISA) has fewer than 16 elements.") % number)
    component, terminator = parts[-1][:2].decode("latin-1")
    return checked(Signs(terminator, element.decode("latin-1"), component), number)


def signs_of_una(window: Window, number: int) -> Signs:
    una = window.ahead(9)
    if len(una) < 9:
        raise BadFile(_("The file ends within UNA."))
    window.at += 9
    window.skip_blanks()
    if window.ahead(3) != b"UNB":
        raise BadFile(_("UNA is not followed by UNB."))
    component, element, _decimal, release, _reserved, terminator = una[3:].decode("latin-1")
    return checked(Signs(terminator, element, component, release.strip()), number)


def checked(signs: Signs, number: int) -> Signs:
    """A letter that divides would tear every word."""
    used = signs[:4] if signs.release else signs[:3]
    if len(set(used)) < len(used) or not all(map(may_divide, used)):
        shown = " ".join(map(repr, used))
        raise BadFile(
            _("The interchange at segment %(number)d names signs that cannot divide it: %(signs)s.")
            % {"number": number, "signs": shown}
        )
    return signs


def may_divide(sign: str) -> bool:
    return sign.isascii() and not sign.isalnum() and sign not in "\0 "
