"""A file of interchanges as items of an import: one for each paper, one for what is left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..archive import Source
from ..reading import Format
from ..rows import Item
from .envelopes import Message, messages
from .papers import Paper

PAPER, LEFT_OUT = "paper", "left_out"

# By standard and type of message.
Readers = Mapping[tuple[str, str], Callable[[Message], Sequence[Paper]]]


def papers(source: Source, readers: Readers) -> Iterator[Item]:
    """`paper` of every message that is read; of any other its standard and type, `left_out`.

    Items are numbered by the segment with which they begin.

    Raises:
        BadFile: an envelope is broken.
    """
    for message in messages(source):
        read = readers.get((message.standard, message.type))
        if read is None:
            name = f"{message.standard} {message.type[:16]}"
            yield Item(message.first.number, {LEFT_OUT: name})
            continue
        for paper in read(message):
            paper.warn_of_test(message)
            yield Item(paper.segment, {PAPER: paper})


def edi_of(readers: Readers) -> Format:
    return Format(lambda source: {}, lambda source: papers(source, readers))
