"""Decisions about single lines, each for the figures that were shown (PRODUCT §7, §7a)."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError

from .. import reconciliation
from ..models import CountAnswer
from ..reconciliation import Line, Question
from .locking import in_progress

Choice = CountAnswer.Choice
AMBIGUOUS = (Choice.PROPOSAL, Choice.ALREADY_COUNTED, Choice.NOT_YET_COUNTED)


def choices(line: Line, *, is_full: bool) -> tuple[str, ...]:
    """What may be answered about a line; recounting is asked for by itself."""
    if line.question == Question.UNCOUNTED:
        return (Choice.ZERO, Choice.LEAVE)
    if line.question == Question.UNLISTED:
        return (Choice.PROPOSAL, Choice.LEAVE)
    if line.question == Question.AMBIGUOUS:
        return AMBIGUOUS if line.is_listed or is_full else (*AMBIGUOUS, Choice.LEAVE)
    return ()


def answer_lines(*, pk: int, by: User, answers: Mapping[int, str]) -> int:
    """Keep an answer for each product (primary key); how many.

    Raises:
        ActionError: a line that asks nothing, or an answer that it does not have; it is named.
    """
    count = in_progress(pk)
    reconciliation.settle(count)
    found = {line.product_id: line for line in reconciliation.lines(count, list(answers))}
    for product, choice in answers.items():
        line = found.get(product)
        if line is None or choice not in choices(line, is_full=count.is_full):
            name = Product.objects.filter(pk=product).values_list("product_id", flat=True).first()
            raise ActionError(
                _("%(product)s does not ask for %(answer)s. Reload the review.")
                % {"product": name or product, "answer": choice}
            )
    now = timezone.now()
    CountAnswer.objects.bulk_create(
        [
            answer(count.pk, found[product], choice, by, now)
            for product, choice in sorted(answers.items())
        ],
        update_conflicts=True,
        unique_fields=["count", "product"],
        update_fields=["choice", "counted", "low", "high", "by", "answered_at"],
    )
    return len(answers)


def answer(count: int, line: Line, choice: str, by: User, now: datetime) -> CountAnswer:
    return CountAnswer(
        count_id=count,
        product_id=line.product_id,
        choice=choice,
        counted=line.counted,
        low=line.low,
        high=line.high,
        by=by,
        answered_at=now,
    )
