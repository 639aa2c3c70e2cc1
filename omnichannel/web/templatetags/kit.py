"""What the templates of the kit need beyond Django's own tags."""

from functools import lru_cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import _render_icon

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


__all__ = ["IconDoesNotExist", "icon"]
