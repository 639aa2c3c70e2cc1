"""Reading the demo's CSV files: every fault is told with file, line, column and cause."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

Value = TypeVar("Value")


class BadFile(ActionError):
    """A data file cannot be loaded; the text names file, line, column and cause."""


class Column(dict[str, Value], Generic[Value]):
    """The meaning of each text of one column, worked out once per distinct text.

    A year repeats few texts half a million times, so a row costs a dictionary lookup.
    """

    def __init__(self, source: "Source", name: str, parse: Callable[[str], Value]) -> None:
        super().__init__()
        self.source, self.name, self.parse = source, name, parse

    def __missing__(self, text: str) -> Value:
        try:
            value = self.parse(text)
        except ValueError as error:
            raise self.source.bad(self.name, str(error)) from None
        self[text] = value
        return value


class Source:
    """The rows of one CSV file with exactly the given header, plain or gzip, in UTF-8.

    Iterating yields one list of texts per row. Nothing is repaired or skipped.

    Raises:
        BadFile: while opening or iterating.
    """

    def __init__(self, folder: Path, name: str, columns: Sequence[str]) -> None:
        self.path = existing(folder, name)
        self.name, self.columns, self.line = self.path.name, list(columns), 1

    def column(self, name: str, parse: Callable[[str], Value]) -> Column[Value]:
        """Look up `column[text]`; `parse` says in a ValueError what is wrong with a text."""
        return Column(self, name, parse)

    def bad(self, column: str, cause: str) -> BadFile:
        """The error for the row that was read last."""
        return BadFile(
            _("%(file)s, line %(line)s, column %(column)s: %(cause)s")
            % {"file": self.name, "line": self.line, "column": column, "cause": cause}
        )

    def __iter__(self) -> Iterator[list[str]]:
        try:
            with self.path.open("rb") as raw:
                is_packed = self.path.suffix == ".gz"
                yield from self.rows(gzip.GzipFile(fileobj=raw) if is_packed else raw)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self.bad(
                self.columns[0],
                _("the compressed file is damaged or ends too early (%(error)s). Copy it again.")
                % {"error": error},
            ) from None
        except csv.Error as error:
            raise self.bad(self.columns[0], _("this is no CSV (%s).") % error) from None

    def rows(self, file: Iterable[bytes]) -> Iterator[list[str]]:
        reader = csv.reader(self.lines(file), strict=True)
        self.check_header(next(reader, []))
        width = len(self.columns)
        for row in reader:
            self.line = reader.line_num
            if len(row) != width:
                raise self.bad_width(len(row))
            yield row

    def lines(self, file: Iterable[bytes]) -> Iterator[str]:
        for number, raw in enumerate(file, start=1):
            try:
                text = raw.decode()
            except UnicodeDecodeError as error:
                raise self.bad_text(number, raw[: error.start], _("this is not UTF-8.")) from None
            if "\0" in text:
                before = raw[: raw.index(b"\0")]
                raise self.bad_text(number, before, _("a NUL character cannot be stored."))
            self.line = number
            yield text

    def bad_text(self, line: int, before: bytes, cause: str) -> BadFile:
        """The error for a byte; the commas before it tell the column."""
        self.line = line
        cells = next(csv.reader([before.decode(errors="replace")]), [""])
        position = min(max(len(cells), 1), len(self.columns)) - 1
        return self.bad(self.columns[position], cause)

    def check_header(self, header: list[str]) -> None:
        for position, expected in enumerate(self.columns):
            found = header[position] if position < len(header) else ""
            if found != expected:
                raise self.bad(
                    str(position + 1),
                    _("the header says %(found)r where %(expected)r belongs.")
                    % {"found": found, "expected": expected},
                )
        if len(header) > len(self.columns):
            surplus = header[len(self.columns)]
            raise self.bad(surplus, _("the header has a column too many."))

    def bad_width(self, found: int) -> BadFile:
        wanted = len(self.columns)
        column = self.columns[found] if found < wanted else str(wanted + 1)
        return self.bad(
            column,
            _("the row has %(found)s fields, the header %(wanted)s.")
            % {"found": found, "wanted": wanted},
        )


def existing(folder: Path, name: str) -> Path:
    """The file, or its gzip."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise BadFile(
        _("%(file)s is missing. Copy it into %(folder)s.") % {"file": name, "folder": folder}
    )
