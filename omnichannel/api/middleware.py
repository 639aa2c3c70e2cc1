"""What is decided about a machine's request before anything of it is read."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .errors import CODES, ApiError, refusal, request_id


class MachineRequests:
    """A request id for every operation of the API, and no body above the limit.

    Stands above whatever reads a body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if found := getattr(request, "request_id", None):
            answer.headers["X-Request-ID"] = found
        return answer

    def process_view(
        self,
        request: HttpRequest,
        view: Callable,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        if not getattr(view, "open_to_machines", False):
            return None
        request_id(request)
        most = settings.API_LARGE_BODIES.get(
            request.path_info, settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        )
        if is_multipart(request):
            return None
        if length(request) <= most:
            if length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                # Read here, because later nobody may read so much.
                request._body = request.read(length(request))  # type: ignore[attr-defined]
            return None
        text = f"The body has at most {most} bytes."
        return refusal(request, ApiError(413, CODES[413], text))


def is_multipart(request: HttpRequest) -> bool:
    """Files are limited by who reads them, as they come in."""
    return request.content_type == "multipart/form-data"


def length(request: HttpRequest) -> int:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    return int(declared) if declared.isdigit() else 0
