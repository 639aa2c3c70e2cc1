"""What the templates of the kit need beyond Django's own tags."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import _render_icon

from omnichannel.web import cells

register = template.Library()


@lru_cache(maxsize=256)
def drawn(name: str, size: int, css: str) -> SafeString:
    # Parsing the drawing costs more than the rest of a button; a page has dozens.
    drawing = _render_icon(name, size, aria_hidden="true", focusable="false")
    return mark_safe(drawing.replace("<svg", f'<svg class="{css}"', 1))  # noqa: S308


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "i") -> SafeString:
    """A decorative icon of the lucide set, hidden from screen readers.

    Raises:
        IconDoesNotExist: the set has no icon of that name.
    """
    return drawn(str(name), size, f"lucide {css}")


# A template writes numbers, money and moments as the columns of lists do.
@register.filter
def number(value: int | None) -> SafeString:
    return mark_safe(cells.number(value))  # noqa: S308


@register.filter
def change(value: int | None) -> SafeString:
    return mark_safe(cells.change(value))  # noqa: S308


@register.filter
def quantity(value: int | None) -> SafeString:
    return mark_safe(cells.quantity(value))  # noqa: S308


@register.filter
def money(value: Decimal | None, currency: str) -> SafeString:
    return mark_safe(cells.money(value, currency))  # noqa: S308


@register.filter
def stamp(value: datetime | None, time_zone: str) -> SafeString:
    return mark_safe(cells.stamp(value, time_zone))  # noqa: S308


@register.filter
def due(value: date | None, late: int | None) -> SafeString:
    return mark_safe(cells.due(value, late))  # noqa: S308


__all__ = ["IconDoesNotExist", "change", "due", "icon", "money", "number", "quantity", "stamp"]
