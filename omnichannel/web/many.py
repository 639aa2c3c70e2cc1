"""One act on several chosen rows: asked about first, then a result for each (UI §7)."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from omnichannel.documents import ActionError

from .pages import KitPage

MOST_AT_ONCE = 100


class Result(NamedTuple):
    row: Any
    place: str
    is_done: bool
    text: str


class ManyPage(KitPage):
    """Each row is acted on, or refused, by itself.

    The question posts `field` once for each row, and `act=confirm`.
    """

    http_method_names = ["post", "options"]
    field: str
    # URL names: of the list, and of one row by its uuid.
    list_url: str
    row_url: str
    question: str
    verb: str | Promise
    nothing: str | Promise

    @classmethod
    def ask_about(cls, request: HttpRequest, uuids: list[str]) -> HttpResponseBase:
        """The chosen rows of a list, before anything is done."""
        return cls.as_view()(request, uuids=uuids)

    def rows(self) -> QuerySet:
        """What this person may choose from."""
        raise NotImplementedError

    def figures(self, rows: Sequence[Any]) -> dict[str, Any]:
        """More for the question."""
        return {}

    def place(self, row: Any) -> str:
        """Where it is, beside its name."""
        return f"{row.location.name} {row.location.code}"

    def act(self, row: Any) -> str:
        """What was done, in words.

        Raises:
            ActionError: why nothing was.
        """
        raise NotImplementedError

    def post(self, request: HttpRequest, uuids: list[str] | None = None) -> HttpResponse:
        if uuids is None and request.POST.get("act") == "confirm":
            chosen = self.named(request.POST.getlist(self.field))
            return self.tell([self.result(row) for row in chosen])
        return self.ask(request.POST.getlist(self.field) if uuids is None else uuids)

    def ask(self, uuids: list[str]) -> HttpResponse:
        rows = self.named(uuids)
        more = {"title": self.title, "rows": rows, "key": str(uuid.uuid4())}
        return self.show(self.question, {**more, **self.figures(rows)})

    def tell(self, results: list[Result], status: int = 200) -> HttpResponse:
        more = {
            "title": self.verb,
            "results": results,
            "done": sum(result.is_done for result in results),
            "row_url": self.row_url,
        }
        return self.show("kit/many_done.html", more, status)

    def result(self, row: Any) -> Result:
        try:
            is_done, text = True, self.act(row)
        except ActionError as refused:
            is_done, text = False, str(refused)
        return Result(row, self.place(row), is_done, text)

    def show(self, template: str, more: dict[str, Any], status: int = 200) -> HttpResponse:
        shared = {"crumbs": self.trail(), "back": reverse(self.list_url), "nothing": self.nothing}
        return render(self.request, template, {**shared, **more}, status=status)

    def named(self, texts: list[str]) -> list[Any]:
        """In the order of the list; what he may not see is left out."""
        ids = [text for text in texts[:MOST_AT_ONCE] if is_uuid(text)]
        found: dict[str, Model] = {str(row.uuid): row for row in self.rows().filter(uuid__in=ids)}
        return [found[one] for one in dict.fromkeys(ids) if one in found]


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
