"""What every page of the product shares: signed in, permitted, and somewhere in the trail."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.views import View

from .shell import may

# The pages of the kit itself are to be declared further.
KIT = "omnichannel.web."


class Crumb(NamedTuple):
    label: Any
    url: str


class KitPage(View):
    """Signed in, with the permission or one of several; without it 403 (PRODUCT §3)."""

    title: str | Promise = ""
    permission_required: str | tuple[str, ...] = ""
    # Where the page stands: texts, and (text, URL name) for what lies above it.
    crumbs: Sequence[Any] = ()
    http_method_names = ["get", "head", "options"]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not cls.__module__.startswith(KIT) and not cls.permission_required:
            raise ImproperlyConfigured(f"{cls.__name__} says no permission_required.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in(request)
        if not may(request.user, self.permission_required):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def trail(self) -> list[Crumb]:
        """The crumbs with addresses."""
        return [
            Crumb(crumb[0], reverse(crumb[1])) if isinstance(crumb, tuple) else Crumb(crumb, "")
            for crumb in self.crumbs
        ]


def sign_in(request: HttpRequest) -> HttpResponse:
    """To the login page and back; a swap would show it among the rows, so the page itself goes."""
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    response = HttpResponse()
    response["HX-Redirect"] = redirect_to_login(request.get_full_path()).url
    return response
