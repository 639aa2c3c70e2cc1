"""Rows out of a text of any size, one at a time: the contract's JSON, or CSV."""

import codecs
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _

from .archive import Source
from .rows import BadFile, Item

BLOCK = 256 * 1024
# Characters of one item; what is longer is no product but an attack or a broken file.
MOST_OF_AN_ITEM = 4_000_000
BLANKS = " \t\r\n"


class Format(NamedTuple):
    """How a text is read: what it says about itself, and its items one at a time.

    `columns` is what a person may write into the first line, where the format has one. Both calls
    raise BadFile.
    """

    head: Callable[[Source], Mapping[str, Any]]
    items: Callable[[Source], Iterator[Item]]
    columns: tuple[str, ...] = ()


def whole(digits: str) -> int | Decimal:
    """A number of any length without the quadratic work of a large int."""
    return int(digits) if len(digits) < 20 else Decimal(digits)


def nothing_like_it(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_int=whole, parse_constant=nothing_like_it, strict=False
)


def decoded(stream: IO[bytes], name: str) -> Iterator[str]:
    """The text in blocks, without a byte order mark.

    Raises:
        BadFile: empty, or not UTF-8.
    """
    decoder, is_empty = codecs.getincrementaldecoder("utf-8-sig")(), True
    try:
        while block := stream.read(BLOCK):
            is_empty = False
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise BadFile(_("%s is not UTF-8. Save it as UTF-8 and try again.") % name) from error
    finally:
        stream.close()
    if is_empty:
        raise BadFile(_("%s is empty.") % name)


class Text:
    """A window over the text that grows until one value of JSON fits."""

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self.blocks = decoded(source.open(), source.name)
        self.window, self.at, self.is_whole = "", 0, False

    def more(self) -> bool:
        """Read on; False at the end of the text."""
        block = next(self.blocks, None)
        if block is None:
            self.is_whole = True
            return False
        self.window, self.at = self.window[self.at :] + block, 0
        return True

    def next_sign(self) -> str:
        """The next character that is no blank, without taking it; empty at the end."""
        while True:
            while self.at < len(self.window):
                if self.window[self.at] not in BLANKS:
                    return self.window[self.at]
                self.at += 1
            if not self.more():
                return ""

    def take(self, sign: str) -> None:
        found = self.next_sign()
        if found != sign:
            shown = repr(found) if found else _("the end")
            raise self.broken(
                _("%(sign)r is expected, not %(found)s") % {"sign": sign, "found": shown}
            )
        self.at += 1

    def value(self) -> Any:
        """
        Raises:
            BadFile: no JSON, too deep, or longer than MOST_OF_AN_ITEM.
        """
        self.next_sign()
        return self.decoded()

    def decoded(self) -> Any:
        """`value`, where the window stands at its first sign already."""
        while True:
            try:
                value, end = DECODER.raw_decode(self.window, self.at)
            except RecursionError as error:
                raise self.broken(_("it is nested too deeply")) from error
            except (ValueError, ArithmeticError) as error:
                if len(self.window) - self.at > MOST_OF_AN_ITEM or not self.more():
                    raise self.broken(str(error)[:200]) from error
            else:
                # A number at the edge of the window may go on behind it.
                if end < len(self.window) or self.is_whole or not self.more():
                    self.at = end
                    return value

    def broken(self, cause: str) -> BadFile:
        return BadFile(
            _("%(name)s is no JSON of this kind: %(cause)s.") % {"name": self.name, "cause": cause}
        )


def members(text: Text) -> Iterator[str]:
    """The names of an object's members; whoever asks for the next has taken the value."""
    text.take("{")
    while text.next_sign() != "}":
        name = text.value()
        if not isinstance(name, str):
            raise text.broken(_("a name is expected"))
        text.take(":")
        yield name
        if text.next_sign() != ",":
            break
        text.take(",")
    text.take("}")


def head_of(source: Source) -> Mapping[str, Any]:
    """The file's head, wherever it stands in it.

    Raises:
        BadFile
    """
    text = Text(source)
    for name in members(text):
        if name == "items":
            for _item in items_of(text):
                pass
            continue
        value = text.value()
        if name == "head":
            if not isinstance(value, dict):
                raise text.broken(_("head is no object"))
            return value
    raise text.broken(_("it has no head"))


def items_of(text: Text) -> Iterator[Any]:
    text.take("[")
    while text.next_sign() != "]":
        yield text.decoded()
        if text.next_sign() != ",":
            break
        text.at += 1
    text.take("]")


def json_items(source: Source) -> Iterator[Item]:
    """The file's items, numbered from 1.

    Raises:
        BadFile
    """
    text, has_items = Text(source), False
    for name in members(text):
        if name != "items":
            text.value()
            continue
        if has_items:
            raise text.broken(_("it has items twice"))
        has_items = True
        for number, fields in enumerate(items_of(text), start=1):
            if not isinstance(fields, dict):
                raise text.broken(_("item %d is no object") % number)
            yield Item(number, fields)
    if not has_items:
        raise text.broken(_("it has no items"))
    if text.next_sign():
        raise text.broken(_("something follows its end"))


def csv_items(source: Source, known: tuple[str, ...], *, prefix: str = "") -> Iterator[Item]:
    """The rows of a CSV with comma, semicolon or tab; its header is line 1.

    Raises:
        BadFile: no header of `known` columns, a row of another length, or no CSV.
    """
    lines = lines_of(decoded(source.open(), source.name))
    first = next(lines, "")
    comma = max(",;\t", key=first.count)
    rows = csv.reader(chained(first, lines), delimiter=comma, strict=True)
    number = 1
    try:
        header = [name.strip() for name in next(rows, [])]
        refuse_header(header, known, prefix, source.name)
        for number, row in enumerate(rows, start=2):
            if not row:
                continue
            if len(row) != len(header):
                raise BadFile(
                    _("%(name)s, row %(row)d: %(is)d cells where the header has %(cells)d.")
                    % {"name": source.name, "row": number, "is": len(row), "cells": len(header)}
                )
            yield Item(number, dict(zip(header, row, strict=True)))
    except csv.Error as error:
        told = {"name": source.name, "row": number + 1, "cause": error}
        raise BadFile(_("%(name)s, row %(row)d: %(cause)s.") % told) from error


def refuse_header(header: list[str], known: tuple[str, ...], prefix: str, name: str) -> None:
    strange = [c for c in header if c not in known and not (prefix and c.startswith(prefix))]
    if strange or len(set(header)) != len(header) or known[0] not in header:
        raise BadFile(
            _("%(name)s has the header %(header)s; it may have: %(known)s.")
            % {"name": name, "header": ", ".join(header)[:300] or "–", "known": ", ".join(known)}
        )


def lines_of(blocks: Iterator[str]) -> Iterator[str]:
    rest = ""
    for block in blocks:
        # Not splitlines(): to it a line ends at ten further characters, which names may hold.
        *lines, rest = (rest + block).split("\n")
        if len(rest) > MOST_OF_AN_ITEM:
            raise BadFile(_("A line has more than %d characters.") % MOST_OF_AN_ITEM)
        for line in lines:
            yield f"{line}\n"
    if rest:
        yield rest


def chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


JSON = Format(head_of, json_items)


def csv_of(columns: tuple[str, ...], *, prefix: str = "") -> Format:
    """A CSV whose first line names `columns`, of which the first must be there, and `prefix…`."""

    def items(source: Source) -> Iterator[Item]:
        return csv_items(source, columns, prefix=prefix)

    return Format(lambda source: {}, items, (*columns, f"{prefix}…") if prefix else columns)
