"""Who calls: `Authorization: Bearer …`, and whether he may (CONTRACT §1)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest

from omnichannel.accounts import tokens
from omnichannel.accounts.models import AccessToken, User

from .errors import ApiError, is_new_generation

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="omnichannel"'}


class ApiRequest(HttpRequest):
    """What an operation is given; a type for annotations, never instantiated.

    `operation_key` names this act for ever: the same for every repetition under one
    Idempotency-Key, at most 100 characters.
    """

    user: User
    token: AccessToken
    request_id: str
    operation_key: str


class Rule(NamedTuple):
    """Who may call an operation: any one of `permissions`, and a token that holds `scope`."""

    permissions: Sequence[str]
    scope: str


def admit(request: Any, rule: Rule) -> None:
    """Set `request.user` and `request.token`.

    Raises:
        ApiError: 401 without a token; 403 for one that does not count, of the new generation
            401; 403 without permission or scope.
    """
    token = token_of(request)
    request.user, request.token = token.user, token
    if rule.scope not in token.scopes:
        raise ApiError(403, "forbidden", f"The token does not hold the scope {rule.scope}.")
    if not any(token.user.has_perm(name) for name in rule.permissions):
        raise ApiError(
            403, "forbidden", f"This needs the permission {' or '.join(rule.permissions)}."
        )


def token_of(request: HttpRequest) -> AccessToken:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise ApiError(
            401, "unauthorized", "Send an access token: Authorization: Bearer …", headers=CHALLENGE
        )
    token = tokens.find(text.strip(), AccessToken.Kind.ACCESS)
    if token is None:
        status = 401 if is_new_generation(request.path_info) else 403
        raise ApiError(
            status,
            "unauthorized" if status == 401 else "forbidden",
            "The access token is not valid, or has expired. Ask for a new one.",
            headers=CHALLENGE if status == 401 else {},
        )
    tokens.note_use(token)
    return token
