"""A cycle count reviewed and completed by who counted it (PRODUCT §7)."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError

from .. import actions, reconciliation
from ..actions.answering import choices
from ..models import Count, CountAnswer, ZoneSession
from ..reconciliation import Line, Question
from .phone import PhonePage
from .phone_scope import ENDED, count_of, decides, may_take_over

MOST_LINES = 200
LONGEST_NOTE = 2_000
# Of the phone's words, not the report's: what the person is asked about a line.
ASKED = {
    Question.UNCOUNTED: gettext_lazy("Nobody counted it. What holds?"),
    Question.AMBIGUOUS: gettext_lazy("It moved while you counted. Was that before or after?"),
    Question.UNLISTED: gettext_lazy("It is not on the list. Does it count?"),
}
UNLISTED = {
    CountAnswer.Choice.PROPOSAL: gettext_lazy("Count it"),
    CountAnswer.Choice.LEAVE: gettext_lazy("Leave it out"),
}


class Row(NamedTuple):
    line: Line
    product: Product
    asked: Any
    choices: list[tuple[str, Any, int | None]]


class ReviewPage(PhonePage):
    """Every line that differs or asks something, then one button; 403 where a manager decides."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.count(kwargs["uuid"]))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = self.count(kwargs["uuid"])
        act, _colon, about = request.POST.get("act", "").partition(":")
        try:
            if act == "recount":
                return self.recount(count, about)
            self.save_answers(count)
            if act == "complete":
                return self.complete(count)
        except ActionError as refused:
            return self.show(count, str(refused), 409)
        return redirect("counts:phone-review", count.uuid)

    def count(self, asked: Any) -> Count:
        """A cycle count, for who decides about it; full counts are reviewed at the desk.

        Raises:
            Http404, PermissionDenied
        """
        count = count_of(self.request.user, asked)
        if count.is_full:
            raise Http404
        if not decides(self.request.user, count):
            raise PermissionDenied
        return count

    # ------------------------------------------------------------ acts
    def recount(self, count: Count, about: str) -> HttpResponse:
        product = Product.objects.filter(product_id=about[:256]).first()
        if product is None:
            raise ActionError(_("%s is no product. Reload the page.") % about[:60])
        with transaction.atomic(durable=True):
            opened = actions.open_zone(
                pk=count.pk,
                zone="",
                by=self.request.user,  # type: ignore[arg-type]
                product_id=product.pk,
            )
        return redirect("counts:phone-session", opened.session.uuid)

    def save_answers(self, count: Count) -> None:
        """Those that were chosen; what is left open stays open."""
        chosen = {
            name.removeprefix("answer:"): value
            for name, value in self.request.POST.items()
            if name.startswith("answer:") and value
        }
        if not chosen:
            return
        known = Product.objects.filter(product_id__in=chosen)
        answers = {product.pk: chosen[product.product_id] for product in known}
        with transaction.atomic(durable=True):
            actions.answer_lines(pk=count.pk, by=self.request.user, answers=answers)  # type: ignore[arg-type]

    def complete(self, count: Count) -> HttpResponse:
        with transaction.atomic(durable=True):
            done = actions.complete_count(
                pk=count.pk,
                by=self.request.user,  # type: ignore[arg-type]
                note=self.request.POST.get("note", "")[:LONGEST_NOTE],
                may_exceed=may_take_over(self.request.user),
            )
        text = (
            _("%s is being posted.") if done.job else _("%s is completed; the stock is corrected.")
        )
        messages.success(self.request, text % count.name)
        return redirect("counts:phone-count", count.uuid)

    # ------------------------------------------------------------ the page
    def show(self, count: Count, fault: str = "", status: int = 200) -> HttpResponse:
        count.refresh_from_db()
        counted = count.sessions.filter(status=ZoneSession.Status.COMPLETED)
        if count.status in ENDED or not counted.exists():
            return redirect("counts:phone-count", count.uuid)
        found = reconciliation.summary(count)
        lines = [one for one in reconciliation.lines(count) if is_shown(one)]
        lines.sort(key=lambda one: (not one.question or bool(one.choice), -abs(one.proposal)))
        products = Product.objects.in_bulk([one.product_id for one in lines[:MOST_LINES]])
        context = {
            "title": _("Review"),
            "count": count,
            "fault": fault,
            "summary": found,
            "rows": [row_of(one, products[one.product_id]) for one in lines[:MOST_LINES]],
            "more": max(0, len(lines) - MOST_LINES),
            "matching": found.lines - len(lines),
            "note": self.request.POST.get("note", ""),
            "longest": LONGEST_NOTE,
        }
        return self.answer("counts/phone_review.html", context, status)


def is_shown(line: Line) -> bool:
    """Lines that agree are only told how many they are."""
    return bool(line.question or line.delta)


def row_of(line: Line, product: Product) -> Row:
    offered = [
        (choice, label_of(line, choice), effect(line, choice))
        for choice in choices(line, is_full=False)
    ]
    return Row(line, product, ASKED.get(Question(line.question)) if line.question else "", offered)


def label_of(line: Line, choice: str) -> Any:
    if line.question == Question.UNLISTED and choice in UNLISTED:
        return UNLISTED[CountAnswer.Choice(choice)]
    return CountAnswer.Choice(choice).label


def effect(line: Line, choice: str) -> int | None:
    """The variance that this answer posts; None for nothing."""
    by_choice = {"ALREADY_COUNTED": line.low, "NOT_YET_COUNTED": line.high, "LEAVE": None}
    return by_choice.get(choice, line.proposal)
