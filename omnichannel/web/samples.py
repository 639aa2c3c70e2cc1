"""Rows of the style guide: every column of the kit with ordinary and with extreme values."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from . import cells, columns
from .tables import Table, render


class SampleStatus(TextChoices):
    OPEN = "OPEN", _("In Progress")
    DONE = "DONE", _("Completed")
    GONE = "GONE", _("Cancelled")


class SampleTable(Table):
    text = columns.Text("text", "Text", link=("/styleguide/", "code"))
    code = columns.Code("code", "Code")
    color = columns.Color("color", "Color")
    status = columns.Status(
        "status", "Status", choices=SampleStatus, tones={"OPEN": "info", "DONE": "ok"}
    )
    stamp = columns.Stamp("stamp", "Stamp", zone="zone")
    money = columns.Money("money", "Money", currency="currency")
    number = columns.Number("number", "Number")
    change = columns.Change("change", "Change")
    active = columns.YesNo("active", "YesNo")
    quantity = columns.Quantity("quantity", "Quantity", link=("/styleguide/", "code"))


MOMENT = datetime(2026, 11, 13, 5, 0, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {
        "text": "Abominable Hoodie", "code": "MH09-XS-Blue", "color": "Blue", "status": "OPEN",
        "stamp": MOMENT, "zone": "Europe/Berlin", "money": Decimal("63.48"), "currency": "EUR",
        "number": 1_234_567, "change": 12, "active": True, "quantity": 1_200,
    },
    {
        "text": "3 HOOK PHOTO SHELF ANTIQUE WHITE WITH A NAME THAT DOES NOT END", "code": "22171",
        "color": "Heliotrope", "status": "DONE", "stamp": MOMENT, "zone": "Asia/Tokyo",
        "money": Decimal("1234567.00"), "currency": "JPY", "number": 0, "change": 0,
        "active": False, "quantity": 3,
    },
    {
        "text": "<b>=1+1</b>", "code": "a/b?c", "color": "White", "status": "GONE",
        "stamp": MOMENT, "zone": "America/Los_Angeles", "money": Decimal("0.05"),
        "currency": "GBP", "number": -5, "change": -32, "active": True, "quantity": 0,
    },
    {
        "text": "شماعة", "code": "23176", "color": "", "status": "", "stamp": None, "zone": None,
        "money": None, "currency": None, "number": None, "change": None, "active": False,
        "quantity": -4,
    },
]  # fmt: skip


def samples() -> dict[str, Any]:
    visible = tuple(SampleTable.base_columns)
    fields, markup = render(SampleTable, visible, pick="code")
    rows = markup([tuple(row[field] for field in fields) for row in ROWS])
    return {
        "headings": [SampleTable.base_columns[name] for name in visible],
        "rows": mark_safe(rows),  # noqa: S308 — every cell was escaped by its column
        "quantities": mark_safe("".join(map(cells.quantity, (1200, 3, 0, -4)))),  # noqa: S308
    }
