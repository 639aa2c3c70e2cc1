"""Nothing that faces people runs on a key that everybody knows."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_without_key() -> None:
    """Raises ImproperlyConfigured while SECRET_KEY is the one of lint and tests, outside DEBUG."""
    if settings.SECRET_KEY == settings.NO_SECRET_KEY and not settings.DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Set it to 50 or more random characters and keep it secret; "
            "`make run` makes one of its own."
        )
