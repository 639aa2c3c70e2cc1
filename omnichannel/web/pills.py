"""What a list page shows of its columns and filters; looked up only where a template asks."""

from collections.abc import Mapping
from functools import cached_property
from html import escape
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from .filters import FilterSet, Groups
from .templatetags.kit import drawn

# So many options get a box to find one in.
MANY_OPTIONS = 10
# By the direction in which a column is sorted: name of the icon, and its classes.
ARROWS = {
    "": ("chevrons-up-down", "lucide i idle"),
    "ascending": ("arrow-up", "lucide i"),
    "descending": ("arrow-down", "lucide i"),
}


class Heading(NamedTuple):
    """One column header and what a click on it asks for; `why` says why there is none."""

    name: str
    label: str
    css: str
    url: str
    aria_sort: str
    why: str

    def html(self) -> SafeString:
        """Put together here: ten headers of a template took as long as fifty rows."""
        css = f' class="{self.css}"' if self.css else ""
        sort = f' aria-sort="{self.aria_sort}"' if self.aria_sort else ""
        head = f'<th role="columnheader" scope="col"{css}{sort}>'
        return mark_safe(f"{head}{self._link() if self.url else self._text()}</th>")  # noqa: S308

    def _link(self) -> str:
        url = escape(self.url)
        name, css = ARROWS[self.aria_sort]
        arrow = drawn(name, 13, css)
        where = f'id="sort-{self.name}" href="{url}" hx-get="{url}"'
        return f"<a {where}>{escape(self.label)}{arrow}</a>"

    def _text(self) -> str:
        title = f' title="{escape(self.why)}"' if self.why else ""
        return f"<span{title}>{escape(self.label)}</span>"


class Pill:
    """One filter as the page shows it; `words` is empty while it is not set."""

    def __init__(self, bound: FilterSet, name: str, active: Mapping[str, Any]) -> None:
        self.declared, self.bound, self.name = bound.filters[name], bound, name
        self.label = str(self.declared.label)
        self.hint = getattr(self.declared, "hint", "")
        self.words = self.declared.words(active[name]) if name in active else ""

    def html(self, swap: str = "") -> SafeString:
        """The button of the panel; put together here for the reason that headings are."""
        on, words = (" on", f"<b>{escape(self.words)}</b>") if self.words else ("", "")
        arrow = drawn("chevron-down", 14, "lucide i")
        return mark_safe(  # noqa: S308
            f'<span id="pill-{self.name}" class="fbtn{on}"{swap}>'
            f"<span>{escape(self.label)}</span>{words}{arrow}</span>"
        )

    def swap_html(self) -> SafeString:
        """The same, to take the place of the one on the page."""
        return self.html(' hx-swap-oob="true"')

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
