"""What a list page shows of its columns and filters; looked up only where a template asks."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from .filters import FilterSet, Groups

# So many options get a box to find one in.
MANY_OPTIONS = 10


class Heading(NamedTuple):
    """One column header and what a click on it asks for; `why` says why there is none."""

    name: str
    label: str
    css: str
    url: str
    aria_sort: str
    why: str


class Pill:
    """One filter as the page shows it; `words` is empty while it is not set."""

    def __init__(self, bound: FilterSet, name: str, active: Mapping[str, Any]) -> None:
        self.declared, self.bound, self.name = bound.filters[name], bound, name
        self.label = str(self.declared.label)
        self.hint = getattr(self.declared, "hint", "")
        self.words = self.declared.words(active[name]) if name in active else ""

    @cached_property
    def groups(self) -> Groups | None:
        """The options of a panel: asked for by whole pages only, a swap leaves panels alone."""
        asked = self.bound.form[self.name].value()
        return self.declared.options(set(asked if isinstance(asked, list) else ()))

    @property
    def kind(self) -> str:
        if self.declared.kind == "options" and self.groups is None:
            return "text"
        return self.declared.kind

    @property
    def has_many(self) -> bool:
        return sum(len(options) for _group, options in self.groups or ()) > MANY_OPTIONS

    @property
    def ends(self) -> list[str]:
        """What the address says, as the fields of the panel show it."""
        return [self.bound.data.get(word, "") for word in self.bound.words_of(self.name)]

    @property
    def first(self) -> str:
        return self.ends[0]

    @property
    def last(self) -> str:
        return self.ends[-1]
