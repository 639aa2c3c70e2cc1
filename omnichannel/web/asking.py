"""What the address of a list asks for. Nothing in it is an error: nonsense is left out and said."""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from . import keyset
from .choosing import EVERY
from .filters import RESERVED
from .listing import POSITION_WORDS, Position
from .tables import Table


class Asking:
    """Sort, columns, page size and position of one request, with notices about the rest."""

    def __init__(self, words: QueryDict, table: type[Table], sizes: Sequence[int]) -> None:
        self.words, self.table, self.sizes = words, table, sizes
        self.notices: list[str] = []
        self.sort, self.is_descending = "", False
        self.visible = tuple(table.base_columns)
        self.size = sizes[0]

    def read(
        self, filters: Collection[str], active: Collection[str], *, size: str, columns: str
    ) -> None:
        """Take in the address; `active` are the filters that are set, which open some sorts.

        `size` and `columns` are habits of the person, for where the address says nothing.
        """
        for word in self.words:
            if word not in filters and word not in RESERVED:
                self.notices.append(_("“%s” is no filter of this list and is ignored.") % word[:40])
        self.active = active
        self._read_sort()
        self._read_columns(columns)
        self._read_size(size)

    def _read_sort(self) -> None:
        asked = self.words.get("sort", "")
        name = asked.removeprefix("-")
        if self.is_offered(name):
            self.sort, self.is_descending = name, asked != name
        elif asked:
            self.notices.append(self._why_not(name))

    def _why_not(self, name: str) -> str:
        if self.needs(name):
            label = self.table.base_columns[name].verbose_name
            return _("Sorting by %s needs a filter that narrows the list first.") % label
        return _("Sorting by “%s” is not offered here; this is the usual order.") % name[:40]

    def needs(self, name: str) -> bool:
        """Whether the column could be sorted by, were the list narrow enough."""
        column = self.table.base_columns.get(name)
        return bool(column is not None and column.orderable and column.sort_when)

    def is_offered(self, name: str) -> bool:
        column = self.table.base_columns.get(name)
        if column is None or not column.orderable:
            return False
        return not column.sort_when or any(word in self.active for word in column.sort_when)

    def _read_columns(self, remembered: str) -> None:
        every = tuple(self.table.base_columns)
        asked = self.words.get("cols", "")
        names = dict.fromkeys(name for name in (asked or remembered).split(".") if name)
        if asked == EVERY:
            names = dict.fromkeys(every)
        gone = [name for name in names if name not in every]
        # A column that a habit names and that is gone needs no words.
        if gone and asked:
            self.notices.append(_("There is no column “%s” here.") % gone[0][:40])
        self.visible = tuple(name for name in names if name in every) or every

    def _read_size(self, remembered: str) -> None:
        offered = {str(size): size for size in self.sizes}
        asked = self.words.get("rows", "")
        if asked and asked not in offered:
            told = ", ".join(map(str, sorted(self.sizes)))
            self.notices.append(_("A page has %s rows.") % told)
        self.size = offered.get(asked) or offered.get(remembered) or self.sizes[0]

    def position(self, order: keyset.Order) -> Position:
        if self.words.get("at") == "last":
            return Position(is_backward=True)
        token = self.words.get("before") or self.words.get("after")
        if not token:
            return Position()
        try:
            values = keyset.unpack(self.table.model, order, token)
        except keyset.BadCursor:
            self.notices.append(
                _("The position in this address was not understood; this is the first page.")
            )
            return Position()
        return Position(values, is_backward=bool(self.words.get("before")))

    def address(self, **changes: str) -> str:
        """This list with other words; the position is dropped, everything else stays."""
        # A page asks for a dozen; copying a QueryDict each time takes longer than a query.
        gone = {*POSITION_WORDS, *changes}
        pairs = [(word, values) for word, values in self.words.lists() if word not in gone]
        pairs += [(word, [value]) for word, value in changes.items()]
        kept = [(word, value) for word, values in pairs for value in values if value]
        return f"?{urlencode(kept)}"

    def kept(self) -> list[tuple[str, Any]]:
        """What the filter form must carry on."""
        words = ("sort", "rows", "cols", "match", "density", "of")
        return [(word, self.words[word]) for word in words if self.words.get(word)]
