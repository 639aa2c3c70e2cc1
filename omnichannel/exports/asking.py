"""A list page without a browser: the page itself says what its file holds.

The worker asks the page as the owner would, so permission, scope, gate, filters and columns are
the page's own, today and whenever the job runs (RELIABILITY rule 29).
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve

from omnichannel.web.lists import ListPage
from omnichannel.web.shell import may

LONGEST_ADDRESS = 16_000


class Asked(HttpRequest):
    """A GET of a list by somebody who has no browser open: no cookie, no session."""

    def __init__(self, user: Any, path: str, words: str) -> None:
        super().__init__()
        self.method = "GET"
        self.path = self.path_info = path
        self.user = user
        self.session: dict[str, str] = {}  # type: ignore[assignment]
        asked = QueryDict(words, mutable=True)
        # An address that asks for a file is never answered with somebody's usual view.
        asked["export"] = "csv"
        self.GET = asked  # type: ignore[assignment]


def open_list(user: Any, address: str) -> ListPage:
    """The list page at `address`, ready to be read as `user`.

    Raises:
        Http404: no list page of ours is there.
        PermissionDenied: it is not for this user.
    """
    path, _mark, words = address.partition("?")
    if len(address) > LONGEST_ADDRESS:
        raise Http404
    match = resolve(path)
    view_class = getattr(match.func, "view_class", None)
    if view_class is None or not issubclass(view_class, ListPage):
        raise Http404
    request = Asked(user, path, words)
    request.resolver_match = match
    page: ListPage = view_class(**match.func.view_initkwargs)  # type: ignore[attr-defined]
    page.setup(request, *match.args, **match.kwargs)
    if not may(user, page.permission_required):
        raise PermissionDenied
    page.prepare()
    return page
