"""What a field of a data file may say; each function raises ValueError with the cause."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

Value = TypeVar("Value")

# Per line; far above any real one, and a thousand such lines still fit a stock row.
MOST_UNITS = 1_000_000
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
AMOUNT = re.compile(r"[0-9]{1,8}(\.[0-9]{1,6})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
COUNTRY = re.compile(r"[A-Z]{2}")


def whole_number(least: int) -> Callable[[str], int]:
    """Units, from `least` to a million."""

    def parse(text: str) -> int:
        if not WHOLE_NUMBER.fullmatch(text):
            raise ValueError(_("%r is no whole number.") % text)
        number = int(text)
        if not least <= number <= MOST_UNITS:
            raise ValueError(
                _("%(number)s is not between %(least)s and %(most)s.")
                % {"number": number, "least": least, "most": MOST_UNITS}
            )
        return number

    return parse


def signed_units(text: str) -> int:
    number = whole_number(-MOST_UNITS)(text)
    if number == 0:
        raise ValueError(_("a movement of 0 units says nothing."))
    return number


def amount(text: str) -> Decimal:
    """Money or a price, 0 or more, in whatever currency the column is."""
    if not AMOUNT.fullmatch(text):
        raise ValueError(_("%r is no price.") % text)
    return Decimal(text)


def day(text: str) -> date:
    """YYYY-MM-DD."""
    if not DATE.fullmatch(text):
        raise ValueError(_("%r is no date like 2011-12-09.") % text)
    return in_calendar(date.fromisoformat, text)


def local_time(text: str) -> datetime:
    """YYYY-MM-DD HH:MM:SS on the store's own clock, so without a zone."""
    if not TIME.fullmatch(text):
        raise ValueError(_("%r is no time like 2011-12-09 12:50:00.") % text)
    return in_calendar(datetime.fromisoformat, text)


def in_calendar(parse: Callable[[str], Value], text: str) -> Value:
    try:
        return parse(text)
    except ValueError:
        raise ValueError(_("%r is not in the calendar.") % text) from None


def text_up_to(length: int) -> Callable[[str], str]:
    """Some text of at most `length` characters."""

    def parse(text: str) -> str:
        if not text.strip():
            raise ValueError(_("this is empty."))
        if len(text) > length:
            raise ValueError(
                _("%(found)s characters are more than %(most)s.")
                % {"found": len(text), "most": length}
            )
        return text

    return parse


def one_of(known: Mapping[str, Value], cause: str) -> Callable[[str], Value]:
    """A key of `known`; `cause` names the text by %r."""

    def parse(text: str) -> Value:
        if text not in known:
            raise ValueError(cause % text)
        return known[text]

    return parse


def country(text: str) -> str:
    if not COUNTRY.fullmatch(text):
        raise ValueError(_("%r is no country code of two capital letters.") % text)
    return text


def time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise ValueError(_("%r is no time zone.") % text) from None
