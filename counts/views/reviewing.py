"""Review: what a person has to decide before a count can be completed (PRODUCT §7, §7a)."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.web.cells import grouped
from omnichannel.web.pages import KitPage

from .. import actions, permissions, queries, reconciliation
from ..actions.answering import choices
from ..models import Count, CountAnswer
from ..reconciliation import Line, page_of_lines
from .crumbs import COUNTS
from .lines import Asked, Shown, found_products, shown, token
from .places import POSTED, acts_on, count_of, currency_of

Choice = CountAnswer.Choice
RECOUNT = "RECOUNT"
SHOWS = {
    "open": gettext_lazy("Waiting for an answer"),
    "asked": gettext_lazy("All questions"),
}


class Offer(NamedTuple):
    """One answer that a line has, with what it would post."""

    value: str
    label: Any
    is_chosen: bool


class Asking(NamedTuple):
    shown: Shown
    offers: list[Offer]


class Review(KitPage):
    """Nothing is preselected; an answer holds for the figures for which it was given."""

    title = gettext_lazy("Review")
    crumbs = COUNTS
    permission_required = permissions.COMPLETE_CYCLE_COUNTS
    http_method_names = POSTED

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = count_of(request.user, kwargs["uuid"])
        if not is_reviewed(count):
            return redirect("counts:detail", count.uuid)
        return self.show(count)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = count_of(request.user, kwargs["uuid"])
        try:
            told = self.decide(count)
        except ActionError as refused:
            return self.show(count, str(refused), 409)
        messages.success(request, told)
        return redirect(request.get_full_path())

    def decide(self, count: Count) -> str:
        """Keep what was answered; lines that are to be recounted are asked for.

        Raises:
            ActionError: nothing was kept; the cause is named.
        """
        user: Any = self.request.user
        if not acts_on(user, count, permissions.COMPLETE_CYCLE_COUNTS):
            raise ActionError(_("Only %s decides about it.") % count.location.name)
        given = self.given()
        if not given:
            raise ActionError(_("Choose an answer for at least one line."))
        pks = dict(Product.objects.filter(product_id__in=given).values_list("product_id", "pk"))
        again = [pks[name] for name, choice in given.items() if choice == RECOUNT and name in pks]
        answers = {
            pks[name]: choice for name, choice in given.items() if choice != RECOUNT and name in pks
        }
        with transaction.atomic(durable=True):
            if answers:
                actions.answer_lines(pk=count.pk, by=user, answers=answers)
            if again:
                actions.request_recounts(pk=count.pk, by=user, product_ids=again)
        number = len(answers) + len(again)
        return ngettext("%d line is answered.", "%d lines are answered.", number) % number

    def given(self) -> dict[str, str]:
        """Product id → answer: one for every chosen line, or each line's own."""
        words = self.request.POST
        every = words.get("every", "")
        if every and words.get("act") == "many":
            return dict.fromkeys(words.getlist("row"), every)
        return {
            name.removeprefix("answer-"): value
            for name, value in words.items()
            if name.startswith("answer-") and isinstance(value, str) and value
        }

    def show(self, count: Count, fault: str = "", status: int = 200) -> HttpResponse:
        count.refresh_from_db()
        if not is_reviewed(count):
            context: dict[str, Any] = {"rows": []}
        else:
            context = self.questions(count)
        context |= {
            "title": _("Review of %s") % count,
            "crumbs": self.trail(),
            "count": count,
            "currency": currency_of(count),
            "faults": [fault] if fault else [],
            "recounted": queries.recounted(count) if count.is_full else [],
            "recounts": queries.open_recounts(count)[:50],
        }
        response = render(self.request, "counts/review.html", context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def questions(self, count: Count) -> dict[str, Any]:
        reconciliation.settle(count)
        asked = Asked(self.request, count, sees_book=True)
        show = asked.show if asked.show in SHOWS else "open"
        page = page_of_lines(
            count,
            show=show,
            sort=asked.sort,
            products=found_products(count, asked.q) if asked.q else None,
            at=asked.at,
            is_backward=asked.is_backward and asked.at is not None,
        )
        asked.show = show
        return {
            "asked": asked,
            "figures": reconciliation.summary(count),
            "rows": [asking(row, count) for row in shown(count, page.lines)],
            "shows": [(name, SHOWS[name], name == show) for name in SHOWS],
            "every": [*((c.value, c.label) for c in Choice), (RECOUNT, _("Recount"))],
            "previous_url": asked.address(before=token(page.first)) if page.has_previous else "",
            "next_url": asked.address(after=token(page.last)) if page.has_next else "",
            "complete_url": reverse("counts:complete", args=[count.uuid]),
        }


def is_reviewed(count: Count) -> bool:
    return count.status == Count.Status.IN_PROGRESS and not count.completion_requested_at


def asking(row: Shown, count: Count) -> Asking:
    offers = [
        Offer(choice, label_of(row.line, choice), row.line.choice == choice)
        for choice in choices(row.line, is_full=count.is_full)
    ]
    return Asking(row, [*offers, Offer(RECOUNT, _("Recount"), False)])


def label_of(line: Line, choice: str) -> str:
    """The answer, and by how many units stock would change."""
    effects = {
        Choice.PROPOSAL: line.proposal,
        Choice.ALREADY_COUNTED: line.low,
        Choice.NOT_YET_COUNTED: line.high,
        Choice.ZERO: line.proposal,
    }
    label = str(Choice(choice).label)
    if choice not in effects:
        return label
    effect = effects[Choice(choice)]
    return f"{label} ({'+' if effect > 0 else ''}{grouped(effect)})"
