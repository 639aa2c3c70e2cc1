"""The routers of all rooms, as URL patterns of one API."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import override
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from omnichannel.documents import ActionError, TransitionNotAllowed

from .errors import CODES, ApiError, is_new_generation, refusal, status_of_invalid
from .moments import Renderer
from .parsing import StrictParser
from .routing import Refusal

logger = logging.getLogger(__name__)
VERSION = "1"
# Everything below belongs to machines: an address that nobody declared is answered in JSON too.
PREFIXES = ("v0", "v1", "api", "auth", "iam", "inventory")
# Names of our own functions' parameters, which no client has ever heard of.
OURS = frozenset({"asked", "body", "filters", "form", "paging"})
SECURITY = {"bearer": {"type": "http", "scheme": "bearer"}}


def place_told(found: Sequence[str | int]) -> list[str | int]:
    """Where the fault is as the client wrote it: `body`, then the field."""
    section, *path = found
    return [section, *(path[1:] if path and path[0] in OURS else path)]


def validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422 as FastAPI writes it; the new generation has a sentence in `detail`, the list beside it.

    Where the contract knows no 422 it is a 400.
    """
    found = [
        {"loc": place_told(one["loc"]), "msg": one["msg"], "type": one["type"]}
        for one in error.errors
    ]
    sentences = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in found]
    message = "; ".join(sentences[:10])
    extra: dict[str, Any] = {"detail": found}
    if is_new_generation(request.path_info):
        extra = {"errors": found, "messages": sentences[:100]}
    status = status_of_invalid(request.path_info)
    return refusal(request, ApiError(status, "invalid_data", message, **extra))


def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, ApiError):
        return refusal(request, error.__cause__)
    code = CODES.get(error.status_code, "invalid_data")
    return refusal(request, ApiError(error.status_code, code, error.message))


def refused_act(request: HttpRequest, error: ActionError) -> HttpResponse:
    is_late = isinstance(error, TransitionNotAllowed)
    status = HTTPStatus.CONFLICT if is_late else HTTPStatus.BAD_REQUEST
    return refusal(request, ApiError(status, CODES[status], str(error)))


def conflict(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    if getattr(error.__cause__, "sqlstate", None) != "23505":
        raise error
    text = "Somebody else wrote the same just now. Read it again."
    return refusal(request, ApiError(409, "conflict", text))


def out_of_range(request: HttpRequest, error: DataError) -> HttpResponse:
    text = "A number or a text is larger than what can be stored."
    status = status_of_invalid(request.path_info)
    return refusal(request, ApiError(status, "invalid_data", text))


def raised(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error


class Api(NinjaAPI):
    """The one API of the product; `get_openapi_schema()` describes it."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        told = super().get_openapi_schema(**options)
        told["components"]["schemas"]["Refusal"] = Refusal.model_json_schema()
        told["components"]["securitySchemes"] = SECURITY
        return told

    def set_default_exception_handlers(self) -> None:
        handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
            ApiError: refusal,
            ValidationError: validation,
            HttpError: http_error,
            ActionError: refused_act,
            IntegrityError: conflict,
            DataError: out_of_range,
            Http404: lambda request, error: refusal(
                request, ApiError(404, CODES[404], "There is nothing of this id.")
            ),
            PermissionDenied: lambda request, error: refusal(
                request, ApiError(403, CODES[403], str(error) or "This is not permitted.")
            ),
            RequestDataTooBig: lambda request, error: refusal(
                request, ApiError(413, CODES[413], "The body is too large.")
            ),
            SuspiciousOperation: lambda request, error: refusal(
                request, ApiError(400, CODES[400], "The request has more fields than are read.")
            ),
            Exception: raised,
        }
        for kind, handler in handlers.items():
            self.add_exception_handler(kind, handler)


def machine(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """English, JSON for whatever goes wrong, and neither session nor cookie."""

    @wraps(view)
    def answered(request: HttpRequest, **values: Any) -> HttpResponseBase:
        with override("en"):
            try:
                answer = view(request, **values)
            except Exception:
                logger.exception("%s %s", request.method, request.path_info)
                # The test client raises what this tells it, instead of hiding it in a 500.
                got_request_exception.send(sender=None, request=request)
                text = "Something went wrong here; it was written down under the request id."
                answer = refusal(request, ApiError(500, "internal_server_error", text))
            if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and "Allow" in answer.headers:
                allowed = {"Allow": answer.headers["Allow"]}
                text = f"{request.method} is not possible here, only {allowed['Allow']}."
                answer = refusal(request, ApiError(405, CODES[405], text, headers=allowed))
            if answer.status_code == HTTPStatus.NO_CONTENT:
                del answer.headers["Content-Type"]
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

    answered.csrf_exempt = True  # type: ignore[attr-defined]
    answered.open_to_machines = True  # type: ignore[attr-defined]
    return answered


def unknown(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    return refusal(request, ApiError(404, CODES[404], "Nothing is offered at this address."))


def api_of(routers: Sequence[str]) -> Api:
    """
    Args:
        routers: dotted names, as `omnichannel.locations.api.router`.
    """
    api = Api(
        title="Omnichannel Manager",
        version=VERSION,
        urls_namespace="api",
        openapi_url="/openapi.json",
        docs_url=None,
        renderer=Renderer(),
        parser=StrictParser(),
    )
    for router in routers:
        api.add_router("", router)
    return api


def patterns(api: Api) -> Iterator[URLPattern]:
    """Every operation's address, then what answers at all the others of machines."""
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name not in {"api-root", "openapi-json"}:
            route = str(pattern.pattern)
            yield path(route, machine(pattern.callback), name=pattern.name)
    for prefix in PREFIXES:
        yield path(f"{prefix}/<path:rest>", machine(unknown))
