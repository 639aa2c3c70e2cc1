"""One row of a file of stock, as far as the row alone can be judged (CONTRACT §4.3)."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY
from omnichannel.imports.rows import NULL, BadRow, Ignored, copied, required

COLUMNS = ("product_id", "fulfillment_node_id", "quantity", "future_quantity", "future_date")
KEPT = frozenset((*COLUMNS, "future_inventory"))
LONGEST = 256
# Nearly every ID: nothing in it is to be cut off, refused, or written otherwise.
PLAIN = re.compile(r"[!-\[\]-~]{1,256}").fullmatch
DIGITS = re.compile(r"[0-9]{1,10}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check(fields: Mapping[str, Any], ignored: Ignored) -> str:
    """The cells of the row as COPY reads them; what is left out is counted.

    Raises:
        BadRow
    """
    product_id = name_of(fields, "product_id")
    node = name_of(fields, "fulfillment_node_id")
    # Nearly every row tells these three and nothing else.
    if len(fields) > 3 or "quantity" not in fields:
        for name in fields:
            if name not in KEPT:
                ignored[name] += 1
        future, day = future_of(fields)
    else:
        future, day = NULL, NULL
    quantity = units(fields, "quantity")
    if quantity == NULL == future:
        raise BadRow(
            _("It tells no quantity."),
            _("Write quantity, future_inventory, or both."),
            "quantity",
        )
    return f"{product_id}\t{node}\t{quantity}\t{future}\t{day}"


def name_of(fields: Mapping[str, Any], name: str) -> str:
    """An ID as COPY reads it.

    Raises:
        BadRow
    """
    value = fields.get(name)
    if type(value) is str and PLAIN(value):
        return value
    return copied(required(fields, name, LONGEST))


def units(fields: Mapping[str, Any], name: str, shown: str = "") -> str:
    """A number of units as COPY reads it, NULL where the row does not tell it.

    Raises:
        BadRow: negative, fractional, no number, or more than a stock location holds.
    """
    value = fields.get(name)
    if value is None or value == "":
        return NULL
    if type(value) is int and 0 <= value <= MAX_QUANTITY:
        return str(value)
    name = shown or name
    text = str(value).strip() if not isinstance(value, bool) else ""
    if isinstance(value, str) and DIGITS.fullmatch(text) and int(text) <= MAX_QUANTITY:
        return text
    if text.startswith("-"):
        cause = _("%s is negative.") % name
    elif DIGITS.match(text) and not DIGITS.fullmatch(text) and any(c in text for c in ".,eE"):
        cause = _("%s is no whole number.") % name
    else:
        cause = _("%s is no number of units.") % name
    raise BadRow(cause, _("Write a whole number from 0 to %d.") % MAX_QUANTITY, name)


def future_of(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Quantity and day of what is to come: an object in JSON, two columns in a CSV.

    Raises:
        BadRow
    """
    told = fields.get("future_inventory")
    if told is None:
        quantity = units(fields, "future_quantity")
        day = fields.get("future_date") or ""
        if quantity == NULL and not day:
            return NULL, NULL
        names = ("future_quantity", "future_date")
    elif isinstance(told, dict):
        quantity = units(told, "quantity", "future_inventory.quantity")
        day, names = told.get("date"), ("future_inventory.quantity", "future_inventory.date")
    else:
        raise BadRow(
            _("future_inventory is no object."),
            _('Write {"quantity": 10, "date": "2030-01-31"}.'),
            "future_inventory",
        )
    if quantity == NULL:
        raise BadRow(_("%s is missing.") % names[0], _("Write how many will come."), names[0])
    return quantity, written_day(day, names[1])


def written_day(told: Any, name: str) -> str:
    text = told.strip() if isinstance(told, str) else ""
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise BadRow(_("%s is no day.") % name, _("Write it as year, month and day: 2030-01-31."), name)
