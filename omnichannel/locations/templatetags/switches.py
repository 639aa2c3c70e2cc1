"""What the configuration says of phones, for templates (CONTRACT §4.6)."""

from django import template

from ..configuration import Configuration

register = template.Library()


@register.simple_tag
def confirms_scans() -> bool:
    """Whether somebody has to say yes to each scan before it counts."""
    return bool(Configuration.current().phone["require_confirmation_on_scanning"])
