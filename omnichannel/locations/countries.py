"""Names of countries in the reader's language, from the Unicode CLDR."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, to_locale


def country_name(code: str) -> str:
    """The country of an ISO 3166 code of two letters; the code where it has no name."""
    return names(get_language() or "en").get(code, code)


@lru_cache(maxsize=64)
def names(language: str) -> dict[str, str]:
    try:
        return dict(Locale.parse(to_locale(language)).territories)
    except (UnknownLocaleError, ValueError):
        return dict(Locale("en").territories)
