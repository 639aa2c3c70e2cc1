"""How an operation is declared: its address, who may call it, and what it answers."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import ninja
from django.http.response import HttpResponseBase
from ninja import Schema
from ninja.decorators import decorate_view

from omnichannel.accounts.scopes import SCOPES

from .bearer import ApiRequest, Rule, admit
from .errors import PROBLEM, ApiError, is_new_generation, refusal, status_of_invalid
from .idempotency import HEADER, act
from .throttling import Limit

__all__ = ["OPEN", "REQUIRED", "ApiRequest", "Router"]

Function = TypeVar("Function", bound=Callable[..., Any])
# In place of a permission: no token is asked for.
OPEN = ""
# In place of `key`: without an Idempotency-Key the call is refused.
REQUIRED = True
SAFE = ("GET",)
REFUSALS = {
    400: "Not understood",
    401: "No token",
    403: "The token, its scope or its user's permissions do not reach so far",
    404: "Not there, or outside the user's locations",
    409: "Against what is there",
    411: "The length of the body is not told",
    413: "The body is too large",
    415: "The body is of another kind",
    421: "Stock on hand of this store is kept elsewhere",
    422: "Fields are missing or wrong",
    429: "Too many requests; Retry-After says when to try again",
}


REFUSAL = {"$ref": "#/components/schemas/Refusal"}


class Refusal(Schema):
    """The body of every refusal; other fields belong to the family of the path."""

    error_code: str
    message: str
    detail: Any
    request_id: str


class Router(ninja.Router):
    """A room's operations, at whole addresses from the root: `/v0/locations/{id}`."""

    def get(self, path: str, **options: Any) -> Callable[[Function], Function]:  # type: ignore[override]
        return self.operation("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Function], Function]:  # type: ignore[override]
        return self.operation("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Function], Function]:  # type: ignore[override]
        return self.operation("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Function], Function]:  # type: ignore[override]
        return self.operation("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Function], Function]:  # type: ignore[override]
        return self.operation("DELETE", path, **options)

    def operation(
        self,
        method: str,
        path: str,
        *,
        response: Any,
        permission: str | Sequence[str],
        scope: str = "",
        key: bool = False,
        ledger: bool = False,
        atomic: bool = True,
        limit: Limit | None = None,
        **options: Any,
    ) -> Callable[[Function], Function]:
        """
        Args:
            response: a body's type, or {status: type}; None only beside 204.
            permission: one name, or several of which one is enough; OPEN for strangers.
            scope: of `accounts.scopes`; every operation that is not OPEN has one.
            key: REQUIRED on verbs of our own; accepted on every call that writes.
            ledger: it posts stock, so its key is never forgotten.
            atomic: False for what opens its own transactions.
            limit: how often one address may ask.
        """
        permissions = (permission,) if isinstance(permission, str) else tuple(permission)
        is_open = permissions == (OPEN,)
        answers = response if isinstance(response, dict) else {200: response}
        check(path, is_open, scope, answers)
        is_act = method not in SAFE and atomic and not is_open
        rule = None if is_open else Rule(permissions, scope)

        def edge(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            @wraps(run)
            def answer(request: ApiRequest, **values: Any) -> HttpResponseBase:
                try:
                    if limit:
                        limit.check(request)
                    if rule:
                        admit(request, rule)
                    if not is_act:
                        return run(request, **values)
                    return act(
                        request,
                        lambda: run(request, **values),
                        is_required=key,
                        is_kept=ledger,
                    )
                except ApiError as error:
                    return refusal(request, error)

            return answer

        extra = described(path, options.pop("openapi_extra", {}), rule, is_act, key, limit, answers)

        def declare(function: Function) -> Function:
            self.add_api_operation(
                path,
                [method],
                decorate_view(edge)(function),
                response=answers,
                openapi_extra=extra,
                operation_id=options.pop("operation_id", function.__name__),
                **options,
            )
            return function

        return declare


def check(path: str, is_open: bool, scope: str, answers: dict[Any, Any]) -> None:
    """What would otherwise be found by a caller is refused when the module is imported."""
    if not path.startswith("/"):
        raise TypeError(f"{path}: an operation is declared with its whole address")
    if is_open == bool(scope) or (scope and scope not in SCOPES):
        raise TypeError(f"{path}: {scope!r} is no scope, or is one too many")
    for status, body in answers.items():
        if body is None and status != 204:
            raise TypeError(f"{path}: every answer but 204 has a body")


def described(
    path: str,
    extra: dict[str, Any],
    rule: Rule | None,
    is_act: bool,
    key: bool,
    limit: Limit | None,
    answers: dict[Any, Any],
) -> dict[str, Any]:
    """What OpenAPI says beyond the function's own types."""
    extra = dict(extra)
    codes = {400, 404, status_of_invalid(path)}
    codes |= {401, 403} if rule else set()
    codes |= {409, 413, 422} if is_act else set()
    codes |= {429} if limit else set()
    codes -= set(answers)
    codes |= set(extra.pop("refusals", ()))
    kind = PROBLEM if is_new_generation(path) else "application/json"
    refused = {
        code: {
            "description": REFUSALS.get(code, "Refused"),
            "content": {kind: {"schema": REFUSAL}},
        }
        for code in sorted(codes)
    }
    parameters = [
        {
            "name": HEADER,
            "in": "header",
            "required": key,
            "description": "The same key and the same request: done once, answered twice.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }
    ]
    return {
        **extra,
        **({"security": [{"bearer": [rule.scope]}]} if rule else {"security": []}),
        **({"parameters": parameters} if is_act else {}),
        "responses": {**refused, **extra.get("responses", {})},
    }
