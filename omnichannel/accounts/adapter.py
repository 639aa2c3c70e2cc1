"""Where sign-in differs from the library's defaults."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from ipaddress import ip_address

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def client_address(request: HttpRequest) -> str | None:
    """The address that the outermost of PROXY_COUNT trusted proxies saw.

    Whatever a client wrote into X-Forwarded-For stands further left and is never read
    (RELIABILITY rule 27). None where the server listens on a Unix socket.
    """
    hops = settings.PROXY_COUNT
    chain = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hops else []
    address = chain[-hops] if len(chain) >= hops > 0 else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(address.strip()))
    except ValueError:
        return None


def claimed_username(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:
    """The name failures are counted under: sign-in ignores case, so the count does too."""
    name = (credentials or {}).get("username") or request.POST.get("login", "")
    return name.strip().casefold()


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether the user proved who he is within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    records = get_authentication_records(request, request.user)
    limit = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return bool(records) and records[-1]["at"] > limit


def require_recent_sign_in(request: HttpRequest) -> None:
    """Send the user through his password or code first, then back to what he asked for.

    For acts that cannot be taken back and for the management of users (RELIABILITY rule 27).

    Raises:
        ReauthenticationRequired: answered by allauth's middleware with that detour.
    """
    if not signed_in_recently(request):
        raise ReauthenticationRequired


class ClosedSignup(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "local"

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        return not signed_in_recently(self.request)


def ciphers() -> MultiFernet:
    """Of SECRET_KEY, and for reading of the keys before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(urlsafe_b64encode(salted_hmac("mfa", "", key, algorithm="sha256").digest()))
            for key in keys
        ]
    )


class InlineCode(DefaultMFAAdapter):
    """The enrolment code as inline SVG: no data URI, so the content policy stays strict.

    Secrets rest encrypted: who reads a backup of the database still needs a phone.
    """

    def encrypt(self, text: str) -> str:
        return ciphers().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return ciphers().decrypt(encrypted_text).decode()

    def build_totp_svg(self, url: str) -> str:
        # Light modules are drawn too: a phone reads no dark code on a dark page.
        return segno.make(url, error="m").svg_inline(
            border=4, omitsize=True, light="#fff", svgclass="qr"
        )
