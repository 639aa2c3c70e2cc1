"""Secrets at rest: readable with the key of this installation only (RELIABILITY rule 18)."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Its own key: what one use of SECRET_KEY leaks opens nothing of another.
PURPOSE = b"omnichannel.eventstream.secrets"


class CannotUnseal(Exception):
    """Written under a SECRET_KEY that is neither the current one nor among the fallbacks."""


@lru_cache(maxsize=8)
def box(*keys: str) -> MultiFernet:
    """Seals with the first key and opens with any."""
    return MultiFernet([Fernet(urlsafe_b64encode(derived(key))) for key in keys])


def derived(key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())


def seal(text: str) -> str:
    """What may be stored; an empty text stays empty, so that it can be seen that there is none."""
    return (
        box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()
        if text
        else ""
    )


def unseal(sealed: str) -> str:
    """
    Raises:
        CannotUnseal
    """
    if not sealed:
        return ""
    try:
        return (
            box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
            .decrypt(sealed.encode())
            .decode()
        )
    except InvalidToken as error:
        raise CannotUnseal from error
