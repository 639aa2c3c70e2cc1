"""Which language a page is answered in: the user's own, else the browser's.

Own choice > cookie > Accept-Language > English. The cookie follows the own choice, so that what is
answered before or without a look at the user (the login page, "not found") speaks it too.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import (
    activate,
    check_for_language,
    get_language,
    get_language_from_request,
    override,
)
from django.views.decorators.http import require_POST

from .models import User

A_YEAR = 365 * 24 * 60 * 60
AUTOMATIC = ""


def is_known(code: str) -> bool:
    """Whether pages are offered in it; what a language was called long ago is not."""
    return code in dict(settings.LANGUAGES) and check_for_language(code)


def own_language(request: HttpRequest) -> str:
    """What the user chose for himself, or nothing."""
    user: Any = getattr(request, "user", None)
    chosen = user.language if user is not None and user.is_authenticated else AUTOMATIC
    return chosen if is_known(chosen) else AUTOMATIC


def choice(request: HttpRequest) -> dict[str, object]:
    """Context of every page: `chosen_language`, empty while the browser decides."""
    return {"chosen_language": SimpleLazyObject(lambda: chosen_language(request))}


def chosen_language(request: HttpRequest) -> str:
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, AUTOMATIC)
    return own_language(request) or (cookie if is_known(cookie) else AUTOMATIC)


def remember(response: HttpResponseBase, code: str) -> None:
    if code == AUTOMATIC:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class ReadersLanguage:
    """Activates it for one request, and leaves the thread as it was.

    The user is looked at no sooner than a view is known, because probes read no session; a page
    loads him anyway, so this costs no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with override(get_language_from_request(request)):
            response = self.get_response(request)
            # Files and answers to machines read the same in every language.
            if response.headers.get("Content-Type", "").startswith("text/html"):
                response.headers.setdefault("Content-Language", get_language() or "")
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
            self._follow(request, response)
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        if not getattr(view, "open_to_machines", False) and (code := own_language(request)):
            activate(code)
            request.own_language = code  # type: ignore[attr-defined]
        return None

    def _follow(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """The cookie says what the user chose, also if he or an administrator did elsewhere."""
        name, code = settings.LANGUAGE_COOKIE_NAME, getattr(request, "own_language", AUTOMATIC)
        if code and request.COOKIES.get(name) != code and name not in response.cookies:
            remember(response, code)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the posted language, for the user if there is one, and go back.

    An empty word means the browser's language; an unknown one changes nothing, and an address
    outside this site is not followed.
    """
    back = request.POST.get("next", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(back, hosts, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    asked = request.POST.get("language")
    if asked is None or not (asked == AUTOMATIC or is_known(asked)):
        return response
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=asked)
    remember(response, asked)
    return response
