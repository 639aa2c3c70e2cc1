"""Text that PostgreSQL cannot hold is refused at the door (RELIABILITY rule 28).

Only what is checked here reaches a page or an API operation: path, query, cookies, form fields
and JSON. Raw bytes are looked at, because the decoded text no longer shows what was wrong.
"""

import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, gettext_lazy, override

MACHINE_PATHS = ("/v0/", "/v1/", "/api/", "/auth/")
SURROGATE_IN_PATH = re.compile("%ED%[AB][0-9A-F]")
COOKIE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
# An escape of JSON: a whole surrogate pair; or one that names NUL or half a pair; or any other.
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u0000|u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no lone surrogate (RELIABILITY rule 28)."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def are_storable(raw: bytes) -> bool:
    """The same of bytes: UTF-8, whose definition has no surrogates, and no NUL."""
    if b"\0" in raw:
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_storable_path(path: str) -> bool:
    """The same of a decoded path, in which Django spells bytes that are no UTF-8 as %XX again.

    Only surrogates are told from an id that holds a percent sign; other bytes find no page.
    """
    return "\0" not in path and not SURROGATE_IN_PATH.search(path)


def is_storable_form(raw: bytes) -> bool:
    """The same of a query string or an urlencoded body."""
    return are_storable(unquote_to_bytes(raw) if b"%" in raw else raw)


def is_storable_json(raw: bytes) -> bool:
    """The same of a JSON text, whose escapes spell characters that its bytes do not show."""
    if not are_storable(raw):
        return False
    return b"\\u" not in raw or not any(found[1] for found in ESCAPE.finditer(raw))


def header_bytes(request: HttpRequest, name: str) -> bytes:
    """What the client sent: WSGI hands every byte over as one character."""
    return request.META.get(name, "").encode("latin-1", "replace")


def bad_cookies(request: HttpRequest) -> list[str]:
    """Names of the cookies to refuse; a quoted value may spell NUL as an octal escape."""
    broken = not are_storable(header_bytes(request, "HTTP_COOKIE"))
    return [
        name
        for name, value in request.COOKIES.items()
        if not is_storable(name + value) or (broken and "\ufffd" in name + value)
    ]


def refusal(request: HttpRequest) -> HttpResponse:
    """400 as a page in the reader's language, or to a machine the error body of CONTRACT §2."""
    text = gettext_lazy(
        "The request holds characters that cannot be stored: NUL or half a surrogate pair."
    )
    accept = request.META.get("HTTP_ACCEPT", "")
    if request.path_info.startswith(MACHINE_PATHS) or "application/json" in accept:
        body = {
            "error_code": "invalid_data",
            "message": text,
            "detail": text,
            "request_id": str(uuid.uuid4()),
        }
        # What programs read is English for everybody.
        with override(settings.LANGUAGE_CODE):
            return JsonResponse(body, status=400)
    # Without the request: neither session nor user exist yet, and neither is to be looked up.
    with override(get_language_from_request(request)):
        return HttpResponse(render_to_string("400.html", {"reason": text}), status=400)


class RefuseUnstorableText:
    """Answers 400 before anything is read from the database.

    Costs two byte searches for a page without a body. File contents are never looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (
            is_storable_path(request.path_info)
            and is_storable_form(header_bytes(request, "QUERY_STRING"))
        ):
            return refusal(request)
        if "HTTP_COOKIE" in request.META and (names := bad_cookies(request)):
            response = refusal(request)
            # So that the browser is not locked out for as long as it keeps them.
            for name in names:
                if COOKIE_NAME.fullmatch(name):
                    response.delete_cookie(name)
            return response
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        """Bodies come last, once it is known that somebody answers at this address."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return None
        return None if self._body_is_storable(request, view) else refusal(request)

    def _body_is_storable(self, request: HttpRequest, view: Callable) -> bool:
        kind = request.content_type or ""
        if kind == "application/x-www-form-urlencoded":
            return is_storable_form(request.body)
        if kind == "application/json" or kind.endswith("+json"):
            return is_storable_json(request.body)
        # The CSRF check parses these a moment later; a view without it streams for itself.
        if kind == "multipart/form-data" and not getattr(view, "csrf_exempt", False):
            return all(self._is_storable_field(name, request.POST) for name in request.POST)
        return True

    def _is_storable_field(self, name: str, fields: QueryDict) -> bool:
        """Django has decoded these; broken bytes show as the replacement character."""
        values = [name, *fields.getlist(name)]
        return all(is_storable(value) and "\ufffd" not in value for value in values)


class CloseCamera:
    """No page may use the camera unless its own answer says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", "camera=()")
        return response
