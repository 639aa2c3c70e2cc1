"""A file of interchanges as segments; each interchange says itself which signs divide it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from ..archive import Source
from ..rows import BadFile
from .signs import Signs, character_set, signs_of
from .window import MOST_OF_A_SEGMENT, Window


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
            signs = signs._replace(encodings=character_set(segment.get(1), number))
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
    if not signs.release or signs.release not in text:
        tag, *parts = text.split(signs.element)
        sign = signs.component
        plain = tuple(tuple(part.split(sign)) if sign in part else (part,) for part in parts)
        return Segment(number, tag.strip(), plain)
    tag, *parts = split(text, signs.element, signs.release)
    elements = (split(part, signs.component, signs.release) for part in parts)
    return Segment(
        number,
        tag.strip(),
        tuple(tuple(released(part, signs.release) for part in element) for element in elements),
    )


def split(text: str, sign: str, release: str) -> list[str]:
    """The parts between the signs that are not released; their releases stay in them."""
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
    return re.sub(rf"{re.escape(release)}(.)", r"\1", text, flags=re.DOTALL)
