"""Refusals, and the body that each family of the contract wants them in (CONTRACT §2).

Every body holds `error_code`, `message`, `detail` and `request_id`, so that clients of every family
find theirs.
"""

import uuid
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

NEW_GENERATION = ("/inventory/", "/iam/", "/audit-events", "/catalog/")
# Of the older family, although its path looks new.
OLDER_PATHS = ("/inventory/adjustment-reasons",)
PROBLEM = "application/problem+json"
# These families know no 422: what is missing or wrong is a 400 there (CONTRACT §2, §3.5, §4.2, §4.4, §4.5).
WITHOUT_422 = (
    "/v0/locations",
    "/v0/d/stores",
    "/api/v1/org/integrations",
    "/inventory/config",
    "/inventory/reservations",
    "/v0/availabilities",
    "/v0/d/availabilities",
    "/v0/stock/insights",
    "/v0/config/",
    "/v1/stock/",
    "/iam/",
    "/audit-events",
)
CODES = {
    400: "invalid_data",
    401: "unauthorized",
    403: "forbidden",
    404: "resource_not_found",
    405: "method_not_allowed",
    409: "conflict",
    411: "length_required",
    413: "body_too_large",
    415: "unsupported_media_type",
    421: "misdirected_request",
    422: "invalid_data",
    429: "too_many_requests",
    500: "internal_server_error",
    503: "unavailable",
}


class ApiError(Exception):
    """A refusal: HTTP status, the contract's error code, one English sentence.

    `extra` becomes further fields of the body; `detail` among them takes the place of the
    message there, and `headers` are sent with it.
    """

    def __init__(
        self,
        status: int,
        error_code: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.error_code, self.message = status, error_code, str(message)
        self.headers, self.extra = headers or {}, extra


def not_found(message: str, error_code: str = CODES[404]) -> ApiError:
    return ApiError(404, error_code, message)


def is_new_generation(path: str) -> bool:
    return path.startswith(NEW_GENERATION) and not path.startswith(OLDER_PATHS)


def status_of_invalid(path: str) -> int:
    """The status for a body or a query that is not as it is described."""
    return 400 if path.startswith(WITHOUT_422) else 422


def request_id(request: HttpRequest) -> str:
    """The same in the body, the `X-Request-ID` header and the log."""
    found = getattr(request, "request_id", None)
    if found is None:
        found = request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
    return found


def refusal(request: HttpRequest, error: ApiError) -> HttpResponse:
    """The answer to a refused request, in the shape of the family of its path."""
    body: dict[str, Any] = {
        "error_code": error.error_code,
        "message": error.message,
        "detail": error.message,
        "request_id": request_id(request),
    }
    content_type = "application/json"
    if is_new_generation(request.path_info):
        content_type = PROBLEM
        body |= {
            "type": "about:blank",
            "title": HTTPStatus(error.status).phrase,
            "status": error.status,
            "instance": request.path_info,
            "messages": [error.message],
        }
    body |= error.extra
    answer = JsonResponse(body, status=error.status, content_type=content_type)
    for name, value in error.headers.items():
        answer.headers[name] = value
    return answer
