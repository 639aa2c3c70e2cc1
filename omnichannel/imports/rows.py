"""What a row may be, and what is said about one that may not."""

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
COPIED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"


class BadFile(ActionError):
    """The file as a whole cannot be read; nothing of it is written."""


class BadRow(Exception):
    """One row that is left out: `cause` and `fix` are for people, `column` names its field."""

    def __init__(self, cause: str, fix: str, column: str = "") -> None:
        super().__init__(cause)
        self.cause, self.fix, self.column = cause, fix, column


class Problem(NamedTuple):
    """What is told of a row that is left out, or strange; `chunk` counts from 1 in its file."""

    row: int
    chunk: int
    column: str
    entity_id: str
    cause: str
    fix: str


class Item(NamedTuple):
    """One row of the file: its number as people count, and its fields."""

    row: int
    fields: Mapping[str, Any]


Ignored = Counter[str]


def text(fields: Mapping[str, Any], name: str, longest: int) -> str | None:
    """The text of a field, without blanks around it; None where the file does not tell it.

    Raises:
        BadRow: no text, too long, or not storable.
    """
    value = fields.get(name)
    if value is None:
        return None if name not in fields else ""
    if not isinstance(value, str):
        raise BadRow(_("%s is no text.") % name, _("Write it in quotation marks."), name)
    return checked(value.strip(), name, longest)


def checked(value: str, name: str, longest: int) -> str:
    if len(value) > longest:
        told = {"name": name, "is": len(value), "most": longest}
        raise BadRow(
            _("%(name)s has %(is)d characters, at most %(most)d fit.") % told,
            _("Shorten it."),
            name,
        )
    if (not value.isascii() or "\0" in value) and UNSTORABLE.search(value):
        raise BadRow(
            _("%s holds characters that cannot be stored: NUL or half a surrogate pair.") % name,
            _("Remove them."),
            name,
        )
    return value


def required(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """As `text`, of a field that every row has.

    Raises:
        BadRow
    """
    value = text(fields, name, longest)
    if not value:
        raise BadRow(_("%s is missing.") % name, _("Every row needs it."), name)
    return value


def yes_or_no(fields: Mapping[str, Any], name: str) -> bool | None:
    """A boolean, or in a CSV true, false, yes, no, 1 or 0; None where the file does not tell it.

    Raises:
        BadRow
    """
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "yes", "1"}:
        return True
    if isinstance(value, str) and value.strip().lower() in {"false", "no", "0"}:
        return False
    raise BadRow(_("%s is neither true nor false.") % name, _("Write true or false."), name)


def amount(fields: Mapping[str, Any], name: str, most: Decimal) -> Decimal:
    """An amount of money from 0 to `most` with at most two decimals.

    Raises:
        BadRow
    """
    value = fields.get(name)
    if value is None or value == "":
        raise BadRow(
            _("%s is missing.") % name,
            _("Leave the row out where there is no price; 0 is a price."),
            name,
        )
    fix = _("Write a number such as 19.99.")
    if isinstance(value, str):
        if not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", value.strip()):
            raise BadRow(_("%s is no number.") % name, fix, name)
        value = value.strip()
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadRow(_("%s is no number.") % name, fix, name)
    try:
        number = Decimal(value)
    except InvalidOperation as strange:
        raise BadRow(_("%s is no number.") % name, fix, name) from strange
    if number < 0:
        raise BadRow(_("%s is negative.") % name, _("A price is 0 or more."), name)
    if number > most:
        raise BadRow(_("%(name)s is above %(most)s.") % {"name": name, "most": most}, fix, name)
    if number != number.quantize(Decimal("0.01")):
        raise BadRow(_("%s has more than two decimals.") % name, _("Round it."), name)
    return number


def copied(value: str | None) -> str:
    """The cell as PostgreSQL's COPY reads it."""
    return NULL if value is None else value.translate(COPIED)
