"""What a list is asked for: the address first, then a saved view, then the person's habits.

URL > user > role > the store just chosen > the list as declared (UI §7.6). Three words of an address speak of views:
`view=ID` opens a view, whose words any further word of the address replaces; `of=ID` says from
which view a state was begun that the address spells out by itself; `all` in place of an id means
the list as declared. An address without any word opens what the person, or else his role, chose.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from .listing import POSITION_WORDS
from .models import ListChoice, RoleChoice, SavedView
from .permissions import SHARE_VIEWS

DECLARED = "all"
# What belongs to one visit and never to a view; the page size is a habit of the person.
PASSING = frozenset({*POSITION_WORDS, "rows", "view", "of"})


def kept_words(words: QueryDict) -> str:
    """The part of an address that a view keeps, in one spelling for one state."""
    pairs = sorted(
        (name, value)
        for name, values in words.lists()
        if name not in PASSING
        for value in values
        if value
    )
    kept = QueryDict(mutable=True)
    for name, value in pairs:
        kept.appendlist(name, value)
    return kept.urlencode()


def views_of(user: Any, page: str) -> QuerySet[Any]:
    """The views of a page that the user may open, his own first, with who begins with them."""
    mine = ListChoice.objects.filter(user=user, page=page, view=OuterRef("pk"))
    roles = RoleChoice.objects.filter(page=page, group__in=user.groups.all(), view=OuterRef("pk"))
    return (
        SavedView.objects.visible_to(user)
        .filter(page=page)
        .annotate(is_mine=Exists(mine), is_of_role=Exists(roles))
        .order_by("name", "pk")
    )


def may_change(user: Any, view: SavedView) -> bool:
    """The owner; and who may share with everyone keeps in order what everyone sees."""
    if view.owner_id == user.pk:
        return True
    return view.audience == SavedView.Audience.EVERYONE and user.has_perm(SHARE_VIEWS)


class State:
    """One request's words, the view they come from, and the views to choose from.

    `here` are the filters of the store that the person looks at, with which a list opens.
    `tabs` is empty on a swap, which leaves the tabs alone.

    Raises:
        Http404: the address names a view that is not there for this person.
    """

    def __init__(
        self, request: HttpRequest, page: str, *, here: dict[str, str], is_swap: bool
    ) -> None:
        self.user, self.page, self.here = request.user, page, here
        self.notices: list[str] = []
        self.tabs: list[Any] = [] if is_swap else list(views_of(self.user, page))
        self.base: Any = None
        self.words = self._words(request.GET, is_swap=is_swap)

    def _words(self, asked: QueryDict, *, is_swap: bool) -> QueryDict:
        chosen = next(self._chosen(), None)
        if opened := asked.get("view"):
            self.base = None if opened == DECLARED else self._find(opened)
        elif not asked and not is_swap:
            self.base = chosen
            if self.here and not chosen:
                return self._begun(QueryDict(urlencode(self.here)), is_declared=True)
        elif begun := asked.get("of"):
            self.base = None if begun == DECLARED else self._look(begun)
            return self._begun(asked, is_declared=begun == DECLARED)
        words = merged(self.base.words if self.base else "", asked)
        is_declared = bool(chosen or self.here) or opened == DECLARED
        return self._begun(words, is_declared=is_declared)

    def _chosen(self) -> Iterator[Any]:
        """What an address without words opens."""
        yield from (view for view in self.tabs if view.is_mine)
        yield from (view for view in self.tabs if view.is_of_role)

    def _begun(self, words: QueryDict, *, is_declared: bool) -> QueryDict:
        """With `of`, so that no link of the page falls back to an address without words."""
        words = words.copy()
        for word in ("view", "of"):
            words.pop(word, None)
        if self.base:
            words["of"] = str(self.base.uuid)
        elif is_declared:
            words["of"] = DECLARED
        return words

    def _find(self, text: str) -> SavedView | None:
        """The view to open; what is no id at all is left out and said."""
        try:
            uuid = UUID(text)
        except ValueError:
            self.notices.append(_("“%s” is no saved view and is ignored.") % text[:40])
            return None
        found = self._look(str(uuid))
        if found is None:
            raise Http404
        return found

    def _look(self, text: str) -> SavedView | None:
        """Among the views of this page that the person may open."""
        if self.tabs:
            return next((view for view in self.tabs if str(view.uuid) == text), None)
        try:
            return views_of(self.user, self.page).filter(uuid=UUID(text)).first()
        except ValueError:
            return None

    @property
    def opens_otherwise(self) -> bool:
        """Whether the bare address shows something else than the list as declared."""
        return bool(self.here) or any(True for _view in self._chosen())

    @property
    def is_edited(self) -> bool:
        """Whether the list differs from what the view, or the list as declared, shows."""
        begun = self.base.words if self.base else urlencode(self.here)
        return kept_words(self.words) not in (begun, "" if not self.base else begun)

    def columns(self) -> str:
        """The columns that the person chose for the list as declared."""
        if self.base or "cols" in self.words:
            return ""
        chosen = ListChoice.objects.filter(user=self.user.pk, page=self.page)
        return chosen.values_list("columns", flat=True).first() or ""


def merged(view: str, asked: QueryDict) -> QueryDict:
    """The words of a view, each replaced by the address's own of that name."""
    words = QueryDict(view, mutable=True)
    for name, values in asked.lists():
        words.setlist(name, values)
    return words
