"""Requests as the web server hands them over, without a network between."""

from collections.abc import Mapping

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.test import Client, RequestFactory
from django.urls import resolve

from omnichannel.accounts.models import User
from omnichannel.accounts.sessions import SessionStore
from omnichannel.web.lists import ListPage

STOCK = "/store-operations/inventory/stock-on-hand/"
HTMX = {"HX-Request": "true"}


def signed_in(user: User) -> str:
    """The value of the session cookie of a fresh session."""
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["session"].value


class Site:
    """The whole product with its middleware, as one signed-in user meets it."""

    def __init__(self, user: User) -> None:
        self.session = signed_in(user)
        self.handler = WSGIHandler()

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> HttpResponseBase:
        request = RequestFactory(headers=headers).get(address)
        request.COOKIES["session"] = self.session
        response = self.handler.get_response(request)
        assert response.status_code == 200, (address, response.status_code)
        return response


def view_of(address: str, user: User) -> ListPage:
    """The list behind an address, ready to read or to answer: as it is after the middleware."""
    request: HttpRequest = RequestFactory(headers=HTMX).get(address)
    match = resolve(request.path)
    request.user, request.resolver_match = user, match  # type: ignore[assignment]
    request.session = SessionStore()
    # As its cookie brings it.
    request.META["CSRF_COOKIE"] = "c" * CSRF_SECRET_LENGTH
    view = match.func.view_class()
    view.setup(request, *match.args, **match.kwargs)
    return view
