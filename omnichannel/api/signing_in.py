"""Tokens for passwords and client secrets, at both of the contract's addresses (CONTRACT §1)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from allauth.mfa.utils import is_mfa_enabled
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from omnichannel.accounts import tokens
from omnichannel.accounts.middleware import needs_second_factor
from omnichannel.accounts.models import AccessToken, ApiClient, User
from omnichannel.accounts.scopes import SCOPES

from .errors import ApiError, not_found
from .parsing import check_text, read_json
from .routing import OPEN, Router
from .throttling import Limit

router = Router(tags=["Authentication"])
LIMIT = Limit("token", 120, 60)
SECRET_FIELDS = ("password", "client_secret", "refresh_token")
LONGEST = 1_024
# A name is written down with its failures; see AccessAttempt.
LONGEST_NAME = 150
FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        name: {"type": "string", "maxLength": LONGEST}
        for name in (
            "grant_type",
            "username",
            "password",
            "client_id",
            "client_secret",
            "refresh_token",
            "scope",
        )
    },
}
BODY: dict[str, Any] = {
    "refusals": (401, 403, 429),
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": FORM},
            "application/json": {"schema": FORM},
        },
    },
}


class Token(Schema):
    """What RFC 6749 calls an access token response; `expires_in` is seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    scope: str
    token_type: str = "Bearer"  # noqa: S105


class ClientToken(Schema):
    access_token: str
    expires_in: int
    refresh_expires_in: int = 0
    token_type: str = "Bearer"  # noqa: S105
    not_before_policy: int = Field(0, alias="not-before-policy")
    scope: str


class Pong(Schema):
    pong: bool


def refused(status: int, error: str, message: str, **options: Any) -> ApiError:
    """Also in the words of RFC 6749: `error` and `error_description`."""
    code = {401: "unauthorized", 403: "forbidden", 429: "too_many_requests"}.get(
        status, "invalid_data"
    )
    return ApiError(status, code, message, error=error, error_description=message, **options)


def fields_of(request: HttpRequest) -> dict[str, str]:
    """The fields of a form or of a JSON object.

    Raises:
        ApiError: 400; a secret in the address, where logs keep it, or a body of another kind.
    """
    for name in SECRET_FIELDS:
        if name in request.GET:
            raise refused(400, "invalid_request", f"query parameter {name} is not allowed")
    if request.content_type == "application/json":
        found: Any = read_json(request.body)
    else:
        found = request.POST.dict()
    if not isinstance(found, Mapping):
        raise refused(400, "invalid_request", "The body must be an object.")
    for name, value in found.items():
        if not isinstance(value, str) or len(value) > LONGEST:
            raise refused(
                400,
                "invalid_request",
                f"{str(name)[:40]} must be a text of at most {LONGEST} characters.",
            )
        check_text(value)
    return dict(found)


def guarded(request: Any, name: str, is_right: bool) -> bool:
    """Count a failure under `name`, or forget the earlier ones.

    Kept by django-axes, in the database, for sign-in by page and by API alike.
    """
    credentials = {"username": name}
    if is_right:
        AxesProxyHandler.reset_attempts(ip_address=request.axes_ip_address, username=name)
    else:
        AxesProxyHandler.user_login_failed(guarded, credentials, request)
        # Its middleware would answer with a page.
        request.axes_locked_out = False
    return is_right


def refuse_the_locked_out(request: Any, name: str) -> None:
    if not AxesProxyHandler.is_allowed(request, {"username": name}):
        request.axes_locked_out = False
        wait = str(int(settings.AXES_COOLOFF_TIME * 3_600))
        text = "Too many failed attempts. Wait, or ask an administrator to unlock the sign-in."
        raise refused(429, "invalid_grant", text, headers={"Retry-After": wait})


def user_of(request: HttpRequest, fields: Mapping[str, str]) -> User:
    """
    Raises:
        ApiError: 401, in the same time for a wrong password and an unknown name; 429.
    """
    username, password = fields.get("username", ""), fields.get("password", "")
    if not username or not password or len(username) > LONGEST_NAME:
        raise refused(400, "invalid_request", "Send username and password.")
    name = username.strip().casefold()
    refuse_the_locked_out(request, name)
    user = User.objects.filter(username=username).first()
    # An unknown name costs a password check too.
    is_known = (user or User(password=nobodys_password())).check_password(password)
    if not guarded(request, name, bool(user and is_known and user.is_active)) or user is None:
        raise refused(401, "invalid_grant", "The user name or the password is wrong.")
    needs_code = settings.REQUIRE_TWO_FACTOR and needs_second_factor(user)
    if needs_code or is_mfa_enabled(user):
        text = "This user signs in with a second factor. Use an API client instead."
        raise refused(403, "invalid_grant", text)
    return user


def nobodys_password() -> str:
    """A hash that no password matches, as costly as everybody's."""
    if not hasattr(nobodys_password, "made"):
        nobody = User()
        nobody.set_password(tokens.digest("nobody"))
        nobodys_password.made = nobody.password  # type: ignore[attr-defined]
    return nobodys_password.made  # type: ignore[attr-defined]


def client_of(request: HttpRequest, fields: Mapping[str, str]) -> ApiClient:
    """
    Raises:
        ApiError: 401, in the same time for a wrong secret and an unknown client; 429.
    """
    client_id, secret = basic(request) or (
        fields.get("client_id", ""),
        fields.get("client_secret", ""),
    )
    if not client_id or not secret or len(client_id) > 128:
        raise refused(400, "invalid_request", "Send client_id and client_secret.")
    name = f"client:{client_id}"
    refuse_the_locked_out(request, name)
    found = ApiClient.objects.select_related("user").filter(
        client_id=client_id, is_active=True, user__is_active=True
    )
    client = found.first()
    if not guarded(request, name, tokens.is_secret_of(client, secret)) or client is None:
        text = "The client id or the client secret is wrong."
        raise refused(401, "invalid_client", text, headers={"WWW-Authenticate": "Basic"})
    return client


def basic(request: HttpRequest) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic, each form-encoded as RFC 6749 §2.3.1 has it."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        words = base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        words = ""
    client_id, colon, secret = words.partition(":")
    if not colon:
        raise refused(400, "invalid_request", "The header Authorization: Basic is not readable.")
    pair = unquote_plus(client_id), unquote_plus(secret)
    for part in pair:
        check_text(part)
    return pair


def asked_scopes(fields: Mapping[str, str], held: tuple[str, ...]) -> tuple[str, ...]:
    """What was asked for, or all that may be had.

    Raises:
        ApiError: 400 invalid_scope, naming each one that may not.
    """
    asked = dict.fromkeys(fields.get("scope", "").split())
    if beyond := [scope for scope in asked if scope not in held]:
        named = ", ".join(scope[:64] for scope in beyond[:10])
        raise refused(400, "invalid_scope", f"These scopes are not given: {named}.")
    return tuple(asked) or held


def issued_to_client(client: ApiClient, fields: Mapping[str, str]) -> tokens.Issued:
    held = tuple(scope for scope in SCOPES if scope in client.scopes) if client.scopes else SCOPES
    ApiClient.objects.filter(pk=client.pk).update(last_used_at=timezone.now())
    return tokens.issue(
        client.user, asked_scopes(fields, held), client=client, seconds=client.token_seconds
    )


def renewed(fields: Mapping[str, str]) -> tokens.Issued:
    """
    Raises:
        ApiError: 400 invalid_grant; a refresh token counts once.
    """
    old = tokens.find(fields.get("refresh_token", ""), AccessToken.Kind.REFRESH)
    if old is None or not AccessToken.objects.filter(pk=old.pk).delete()[0]:
        raise refused(400, "invalid_grant", "The refresh token is not valid, or has expired.")
    scopes = asked_scopes(fields, tuple(old.scopes))
    return tokens.issue(old.user, scopes, with_refresh=True)


@router.get("/v0/ping", permission=OPEN, response=Pong)
def ping(request: HttpRequest) -> dict[str, bool]:
    """Whether anybody is there; asks for no token."""
    return {"pong": True}


@router.post("/v0/token", permission=OPEN, response=Token, limit=LIMIT, openapi_extra={**BODY})
def create_token(request: HttpRequest) -> dict[str, Any]:
    """A token for `grant_type` password, client_credentials or refresh_token; form or JSON."""
    fields = fields_of(request)
    match fields.get("grant_type", ""):
        case "password":
            user = user_of(request, fields)
            issued = tokens.issue(user, asked_scopes(fields, SCOPES), with_refresh=True)
        case "client_credentials":
            issued = issued_to_client(client_of(request, fields), fields)
        case "refresh_token":
            issued = renewed(fields)
        case _:
            text = "grant_type must be password, client_credentials or refresh_token."
            raise refused(400, "unsupported_grant_type", text)
    return {
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "expires_in": issued.expires_in,
        "scope": " ".join(issued.scopes),
    }


@router.post(
    "/auth/realms/{tenant}/protocol/openid-connect/token",
    permission=OPEN,
    response={200: ClientToken},
    limit=LIMIT,
    by_alias=True,
    openapi_extra={**BODY},
)
def create_client_token(request: HttpRequest, tenant: str) -> dict[str, Any]:
    """A token for `grant_type` client_credentials; id and secret in the body or by HTTP Basic."""
    if tenant != settings.TENANT:
        raise not_found("There is no tenant of this name.")
    fields = fields_of(request)
    if fields.get("grant_type") != "client_credentials":
        text = "grant_type must be client_credentials."
        raise refused(400, "unsupported_grant_type", text)
    issued = issued_to_client(client_of(request, fields), fields)
    return {
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "scope": " ".join(issued.scopes),
    }
