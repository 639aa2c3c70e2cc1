"""What no page and no API operation wants to see."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no lone surrogate (RELIABILITY rule 28)."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
