"""A file of interchanges as items of an import: one for each notice, one for what is left out."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from omnichannel.imports.archive import Source
from omnichannel.imports.edi.envelopes import Message, messages
from omnichannel.imports.reading import Format
from omnichannel.imports.rows import Item

from . import desadv, x12_856
from .notice import Notice

READERS = {("X12", "856"): x12_856.notices_of, ("EDIFACT", "DESADV"): desadv.notices_of}
NOTICE, LEFT_OUT = "notice", "left_out"


def items(source: Source) -> Iterator[Item]:
    """`notice` of every despatch advice; of any other message its standard and type, `left_out`.

    Items are numbered by the segment with which they begin.

    Raises:
        BadFile: an envelope is broken.
    """
    for message in messages(source):
        read = READERS.get((message.standard, message.type))
        if read is None:
            name = f"{message.standard} {message.type[:16]}"
            yield Item(message.first.number, {LEFT_OUT: name})
            continue
        for notice in read(message):
            if message.is_test:
                warn_of_test(notice, message)
            yield Item(notice.segment, {NOTICE: notice})


def warn_of_test(notice: Notice, message: Message) -> None:
    notice.warn(message.interchange, notice.number, _("The sender marks the message as a test."))


EDI = Format(lambda source: {}, items)
