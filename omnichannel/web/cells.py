"""How values read on screen, in lists and in templates alike (UI §7.10–12). All return markup."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.utils.dates import MONTHS_3
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

LOW = 5
MINUS = "\u2212"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
SWATCHES = {
    "beige": "#d9c7a5", "black": "#1b1d21", "blue": "#2f62c9", "brown": "#7a5233",
    "gray": "#8b919c", "green": "#3c8a53", "grey": "#8b919c", "lavender": "#b9a5de",
    "navy": "#1f2f56", "orange": "#e07a26", "pink": "#e58fb1", "purple": "#7b4bb0",
    "red": "#c63a31", "silver": "#c2c7d0", "white": "#fdfdfd", "yellow": "#e7c432",
}  # fmt: skip

zone = lru_cache(maxsize=None)(ZoneInfo)


@lru_cache(maxsize=64)
def separators(language: str | None) -> tuple[str, str]:
    """Between thousands, and before decimals."""
    with override(language):
        return str(get_format("THOUSAND_SEPARATOR")), str(get_format("DECIMAL_SEPARATOR"))


@lru_cache(maxsize=64)
def months(language: str | None) -> tuple[str, ...]:
    with override(language):
        return ("", *(str(MONTHS_3[number]).title() for number in range(1, 13)))


@lru_cache(maxsize=64)
def day_form(language: str | None) -> str:
    """Where the day, the short name of the month and the year stand."""
    with override(language):
        # Translators: a day in lists, as in "13 Nov 2026".
        return _("%(day)s %(month)s %(year)s")


@lru_cache(maxsize=256)
def around_money(language: str | None, currency: str) -> tuple[str, str]:
    """What stands before an amount, and what behind it."""
    with override(language):
        # Translators: an amount of money, as in "€63.48".
        form = _("%(symbol)s%(amount)s") % {"symbol": SYMBOLS[currency], "amount": "\0"}
    before, _amount, behind = form.partition("\0")
    return before, behind


def grouped(value: int | Decimal, form: str = ",", language: str | None = None) -> str:
    """Thousands separated, in the reader's language, with a real minus.

    Who writes many names the language: to look it up takes longer than all the rest.
    """
    text = f"{value:{form}}".replace("-", MINUS)
    thousands, decimals = separators(language or get_language())
    if (thousands, decimals) == (",", "."):
        return text
    return text.replace(",", "\0").replace(".", decimals).replace("\0", thousands)


def number(value: int | None, language: str | None = None) -> str:
    """None is blank, zero is muted."""
    if value is None:
        return ""
    return grouped(value, ",", language) if value else '<span class="zero">0</span>'


def change(value: int | None, language: str | None = None) -> str:
    """A signed number that says its sign."""
    if not value:
        return number(value, language)
    if value > 0:
        return f'<span class="pos">+{grouped(value, ",", language)}</span>'
    return f'<span class="neg">{grouped(value, ",", language)}</span>'


def quantity(value: int | None, language: str | None = None) -> str:
    """The key number of a row: negative, zero and low ones stand out by ground and weight."""
    if value is None:
        return ""
    tone = "" if value > LOW else " qty-low" if value > 0 else " qty-neg" if value else " qty-zero"
    return f'<span class="qty{tone}">{grouped(value, ",", language)}</span>'


def money(value: Decimal | None, currency: str | None, language: str | None = None) -> str:
    """No price is blank, never 0; a currency without a symbol stands behind as its code.

    A minus comes first: −€1.00, not €−1.00.
    """
    if value is None:
        return ""
    amount = grouped(value, ",.2f", language)
    if currency and currency in SYMBOLS:
        before, behind = around_money(language or get_language(), currency)
        sign = MINUS if amount.startswith(MINUS) else ""
        return f"{sign}{before}{amount.removeprefix(sign)}{behind}"
    return f"{amount} {escape(currency)}" if currency else amount


def day(value: date, language: str | None = None) -> str:
    language = language or get_language()
    return day_form(language) % {
        "day": value.day,
        "month": months(language)[value.month],
        "year": value.year,
    }


def stamp(value: datetime | None, time_zone: str | None, language: str | None = None) -> str:
    """Absolute, in the store's zone; the title has seconds and the zone."""
    if value is None:
        return ""
    local = value.astimezone(zone(time_zone or "UTC"))
    return (
        f'<time datetime="{local.isoformat()}" title="{local:%Y-%m-%d %H:%M:%S} {time_zone}">'
        f"{day(local, language)}, {local:%H:%M}</time>"
    )


def due(value: date | None, late: int | None, language: str | None = None) -> str:
    """A calendar day of the store; past it, in words how many days ago it was (UI §7.13)."""
    shown = day(value, language) if value else ""
    if not late or late < 0:
        return f'<time datetime="{value.isoformat()}">{shown}</time>' if value else ""
    text = ngettext("%(count)s day overdue", "%(count)s days overdue", late) % {
        "count": grouped(late, ",", language)
    }
    return f'<span title="{shown}">{badge("bad", escape(text))}</span>'


def swatch(value: str | None) -> str:
    fill = SWATCHES.get((value or "").casefold())
    if not fill:
        return escape(value or "")
    dot = f'<svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="5" fill="{fill}"/></svg>'
    return f'<span class="swatch">{dot}{escape(value or "")}</span>'


def badge(tone: str | None, text: str) -> str:
    """`text` is markup already."""
    return f'<span class="badge{f" badge-{tone}" if tone else ""}">{text}</span>'


@lru_cache(maxsize=4096, typed=True)
def segment(key: Any) -> str:
    """A key as one step of a path; the rows of a page share most of theirs."""
    return quote(str(key), safe="")


def link(prefix: str, keys: tuple[Any, ...], shown: str) -> str:
    """The cell as a link; a row that leads nowhere (no key) shows its text alone."""
    if not shown or None in keys or "" in keys:
        return shown
    path = "/".join([segment(key) for key in keys])
    # The number of a row is a target of its own, so its tile is the link.
    if shown.startswith('<span class="qty'):
        return f'<a href="{prefix}{path}/"{shown[5:-7]}</a>'
    return f'<a href="{prefix}{path}/">{shown}</a>'


def stamp_html(value: datetime | None, time_zone: str | None) -> SafeString:
    """`stamp` for templates and facts."""
    return mark_safe(stamp(value, time_zone))  # noqa: S308 — made of a date and a zone name
