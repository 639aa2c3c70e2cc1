"""Who can move stock or manage people signs in with a second factor (RELIABILITY rule 27)."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from .models import User
from .presets import roles


def needs_second_factor(user: User) -> bool:
    """Whether `user` may do anything that the setting asks a second factor for."""
    return any(user.has_perm(name) for name in roles.NEEDS_SECOND_FACTOR)


class RequireSecondFactor:
    """Leads to the enrolment page until it is done; not loaded where the setting is off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.REQUIRE_TWO_FACTOR:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        # Probes read no session; the pages of the enrolment itself stay open.
        name = getattr(request.resolver_match, "url_name", None) or ""
        if getattr(view, "open_to_machines", False) or name.startswith(("account_", "mfa_")):
            return None
        user = request.user
        if not user.is_authenticated or not needs_second_factor(user):
            return None
        if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            return None
        enrolment = f"{reverse('mfa_activate_totp')}?required"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(enrolment)
        return redirect(enrolment)
