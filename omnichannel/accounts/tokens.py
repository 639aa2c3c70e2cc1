"""Tokens of the API: shown once, kept as digests (RELIABILITY rule 27)."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import AccessToken, ApiClient, User

# By this a scanner for secrets recognises one in a repository or a log.
ACCESS, REFRESH = "omat_", "omrt_"
SHOWN = 12
DAY = 86_400
REFRESH_SECONDS = 30 * DAY
# How exact "last used" is: not every call is worth a write.
USED_SECONDS = 60


class Issued(NamedTuple):
    """The only moment at which both texts exist; `expires_in` seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    scopes: tuple[str, ...]


def peppers() -> list[str]:
    """Their number is their place: the first digests what is new, all are read."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def digest(text: str, pepper: str | None = None) -> str:
    return salted_hmac("accounts.token", text, secret=pepper, algorithm="sha256").hexdigest()


def digests(text: str) -> list[str]:
    return [digest(text, pepper) for pepper in peppers()]


def is_secret_of(client: ApiClient | None, secret: str) -> bool:
    """Compared in the same time whether or not there is such a client."""
    known = client.secret_digest if client else digest("")
    matches = [hmac.compare_digest(known, candidate) for candidate in digests(secret)]
    return any(matches) and client is not None


def proof(user: User, client: ApiClient | None) -> str:
    """Changes with what was shown to get the token."""
    shown = f"secret {client.secret_digest}" if client else f"password {user.password}"
    return hashlib.sha256(shown.encode()).hexdigest()


def write(
    kind: str, user: User, client: ApiClient | None, scopes: tuple[str, ...], seconds: int
) -> str:
    text = (ACCESS if kind == AccessToken.Kind.ACCESS else REFRESH) + secrets.token_urlsafe(32)
    AccessToken.objects.create(
        kind=kind,
        prefix=text[:SHOWN],
        digest=digest(text),
        user=user,
        client=client,
        scopes=list(scopes),
        proof=proof(user, client),
        expires_at=timezone.now() + timedelta(seconds=seconds),
    )
    return text


def issue(
    user: User,
    scopes: tuple[str, ...],
    *,
    client: ApiClient | None = None,
    seconds: int = DAY,
    with_refresh: bool = False,
) -> Issued:
    """A new token of `user`; `scopes` are names of `scopes.SCOPES`."""
    access = write(AccessToken.Kind.ACCESS, user, client, scopes, seconds)
    refresh = ""
    if with_refresh:
        refresh = write(AccessToken.Kind.REFRESH, user, client, scopes, REFRESH_SECONDS)
    return Issued(access, refresh, seconds, scopes)


def find(text: str, kind: str) -> AccessToken | None:
    """The token if it may be used now: not expired, its user and its client active, and the
    password or secret still the one that it was given for."""
    if not text.startswith((ACCESS, REFRESH)) or len(text) > 100:
        return None
    usable = Q(client=None) | Q(client__is_active=True)
    found = AccessToken.objects.select_related("user", "client").filter(
        usable,
        digest__in=digests(text),
        kind=kind,
        expires_at__gt=timezone.now(),
        user__is_active=True,
    )
    token = found.first()
    if token and hmac.compare_digest(token.proof, proof(token.user, token.client)):
        return token
    return None


def note_use(token: AccessToken, now: datetime | None = None) -> None:
    """Write down that it was used, to the minute."""
    now = now or timezone.now()
    limit = now - timedelta(seconds=USED_SECONDS)
    if token.last_used_at is None or token.last_used_at < limit:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def forget_ended() -> int:
    """Delete what has expired; how many."""
    number, _by_model = AccessToken.objects.filter(expires_at__lt=timezone.now()).delete()
    return number
