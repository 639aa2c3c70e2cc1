"""The frame around every page: theme, density, navigation, and whose stores are shown."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from .cells import separators

# Named by string: the composition root lies above this room.
NAVIGATION = "omnichannel.navigation"
THEMES = ("auto", "light", "dark")
DENSITIES = ("cozy", "compact")
# What a cookie may hold, by its name.
LOOKS = {"theme": THEMES, "density": DENSITIES}
NAMED_STORES = 8
# Keys of the session: the store that the person looks at just now, if one (locations.switching).
HERE, HERE_NAME = "store", "store_name"


class Item(NamedTuple):
    """One page of the navigation: URL name, lucide icon, and the permission it asks for."""

    label: str | Promise
    view_name: str
    icon: str
    permission: str | tuple[str, ...]
    # After `g`, the letter that leads there.
    key: str = ""


class Group(NamedTuple):
    """A heading; `folder` names the foldable list that its items stand in, if any."""

    label: str | Promise
    items: Sequence[Item]
    folder: str | Promise = ""
    icon: str = ""


class Link(NamedTuple):
    label: str | Promise
    url: str
    icon: str
    is_current: bool
    key: str


class Menu(NamedTuple):
    label: str | Promise
    links: list[Link]
    folder: str | Promise
    icon: str


@cache
def address(view_name: str) -> str:
    """Where a page is, or nothing while this installation has no such page."""
    try:
        return reverse(view_name)
    except NoReverseMatch:
        return ""


def may(user: Any, permission: str | tuple[str, ...]) -> bool:
    """Whether the user has the permission, or of several any."""
    names = (permission,) if isinstance(permission, str) else permission
    return any(user.has_perm(name) for name in names)


def links(request: HttpRequest, group: Group) -> list[Link]:
    """What the user may see of a group."""
    return [
        Link(item.label, url, item.icon, request.path.startswith(url), item.key)
        for item in group.items
        if may(request.user, item.permission) and (url := address(item.view_name))
    ]


def menus(request: HttpRequest) -> list[Menu]:
    """The navigation of this user; groups without a page for him are left out."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return []
    declared: Sequence[Group] = import_module(NAVIGATION).NAVIGATION
    found = [
        Menu(group.label, links(request, group), group.folder, group.icon) for group in declared
    ]
    return [menu for menu in found if menu.links]


class Scope(NamedTuple):
    """Which stores the user reads stock of, and where he sees documents and acts.

    `label` is the store that he chose to look at, or else the first.
    """

    label: str
    stock: str
    documents: str


def scope(request: HttpRequest) -> Scope:
    """The two scopes of PRODUCT §3 in words; one query, and none for who has all stores."""
    user: Any = request.user
    everywhere = {"stock": user.is_superuser, "documents": user.is_superuser}
    everywhere["stock"] |= user.stock_scope == user.Scope.ALL_STORES
    everywhere["documents"] |= user.document_scope == user.Scope.ALL_STORES
    own = "" if all(everywhere.values()) else own_stores(user)
    stock, documents = (_("All stores") if all_ else own for all_ in everywhere.values())
    return Scope(chosen_store(request) or stock, stock, documents)


def chosen_store(request: HttpRequest) -> str:
    session = getattr(request, "session", None)
    return session.get(HERE_NAME, "") if session else ""


def own_stores(user: object) -> str:
    given = user.location_access.order_by("location__name_key", "location_id")  # type: ignore[attr-defined]
    names = list(given.values_list("location__name", flat=True)[: NAMED_STORES + 1])
    if len(names) > NAMED_STORES:
        count = given.count()
        return ngettext("%(count)s store", "%(count)s stores", count) % {"count": count}
    return ", ".join(names) or _("No store")


def one_of(words: Sequence[str], asked: str | None) -> str:
    """A cookie is text of a stranger: anything unknown means the first word."""
    return asked if asked is not None and asked in words else words[0]


def shell(request: HttpRequest) -> dict[str, object]:
    """What base.html and bare.html read; nothing is looked up unless a template asks."""
    return {
        "theme": one_of(THEMES, request.COOKIES.get("theme")),
        "density": one_of(DENSITIES, request.COOKIES.get("density")),
        "keys": one_of(("on", "off"), request.COOKIES.get("keys")),
        "separators": separators(get_language()),
        "menus": SimpleLazyObject(lambda: menus(request)),
        "scope": SimpleLazyObject(lambda: scope(request)),
    }
