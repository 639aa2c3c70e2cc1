"""The review of a count and what ends it: answers, completion, reversal, late movements."""

from typing import Any
from uuid import UUID

from ninja import Query, Status

from omnichannel.api.errors import ApiError
from omnichannel.api.paging import Page, Paging, page, pagination_info
from omnichannel.api.routing import REQUIRED, ApiRequest, Router
from omnichannel.catalog.models import Product

from .. import actions, permissions, reconciliation
from ..models import Count, CountResult
from .bodies import Answered, Answers, Done, LateList, Line, Note, Posted
from .scope import READ, SEEING, WRITE, count_of, done, products_of
from .tasks import TASKS
from .telling import line_bodies

router = Router(tags=["Counts"])
COMPLETING = (permissions.COMPLETE_CYCLE_COUNTS, permissions.PERFORM_COUNTS)


@router.get(TASKS + "/{count_id}/lines", permission=SEEING, scope=READ, response=Page[Line])
def list_count_lines(request: ApiRequest, count_id: UUID, paging: Query[Paging]) -> dict[str, Any]:
    """Every product with its book, band and question; of a completed count its results."""
    count = count_of(request, count_id)
    if count.status == Count.Status.COMPLETED:
        results = CountResult.objects.filter(count=count).order_by("product_id")
        found = page(request, results, paging)
        found["items"] = line_bodies(request.user, count, found["items"])
        return found
    rows = count.lines.order_by("product_id")
    pks = list(
        rows.values_list("product_id", flat=True)[paging.offset : paging.offset + paging.count]
    )
    return {
        "items": line_bodies(request.user, count, list(reconciliation.lines(count, pks))),
        "pagination_info": pagination_info(request, paging, rows.count()),
    }


@router.post(TASKS + "/{count_id}/answers", permission=COMPLETING, scope=WRITE, response=Answered)
def answer_count_lines(request: ApiRequest, count_id: UUID, body: Answers) -> dict[str, Any]:
    """Decisions by product id, each for the figures as they are now."""
    count = decided_by(request, count_of(request, count_id))
    products = products_of(list(body.answers))
    answers = {products[name]: choice.upper() for name, choice in body.answers.items()}
    number = actions.answer_lines(pk=count.pk, by=request.user, answers=answers)
    return {"success": True, "answered": number}


def decided_by(request: ApiRequest, count: Count) -> Count:
    """A full count is decided by who may complete counts, a cycle count by who counts too.

    Raises:
        ApiError: 403.
    """
    may = request.user.has_perm(permissions.COMPLETE_CYCLE_COUNTS)
    if not may and (count.is_full or count.is_blind):
        raise ApiError(403, "forbidden", "Only who may complete counts decides about this one.")
    return count


@router.post(
    TASKS + "/{count_id}/complete",
    permission=COMPLETING,
    scope=WRITE,
    response={200: Done, 202: Done},
    key=REQUIRED,
    ledger=True,
)
def complete_count_task(request: ApiRequest, count_id: UUID, body: Note) -> Status[dict[str, Any]]:
    """Post the variances: at once, or by a worker and 202. It cannot be undone, only reversed."""
    count = decided_by(request, count_of(request, count_id))
    completion = actions.complete_count(
        pk=count.pk,
        by=request.user,
        note=body.note or "",
        associate_id=body.associate_id or "",
        may_exceed=request.user.has_perm(permissions.COMPLETE_CYCLE_COUNTS),
    )
    return Status(202 if completion.job else 200, done(count))


@router.post(
    TASKS + "/{count_id}/reverse",
    permission=permissions.COMPLETE_CYCLE_COUNTS,
    scope=WRITE,
    response={201: Posted},
    key=REQUIRED,
    ledger=True,
)
def reverse_count_task(request: ApiRequest, count_id: UUID, body: Note) -> Status[dict[str, Any]]:
    """Post the opposite of what a completed count posted; the count stays completed."""
    count = count_of(request, count_id)
    document = actions.reverse_count(pk=count.pk, by=request.user, note=body.note or "")
    return Status(201, {"success": True, "id": document.uuid})


@router.get(TASKS + "/{count_id}/late_movements", permission=SEEING, scope=READ, response=LateList)
def list_late_movements(request: ApiRequest, count_id: UUID) -> dict[str, Any]:
    """What was recorded after the count and had happened before it saw the product."""
    found = reconciliation.late_movements(count_of(request, count_id))
    names = dict(
        Product.objects.filter(pk__in={late.product_id for late in found}).values_list(
            "pk", "product_id"
        )
    )
    return {
        "late_movements": [
            {
                "product_id": names[late.product_id],
                "quantity": late.quantity,
                "happened_at": late.happened_at,
                "posted_at": late.posted_at,
            }
            for late in found
        ]
    }


@router.post(
    TASKS + "/{count_id}/late_movements/correct",
    permission=permissions.COMPLETE_CYCLE_COUNTS,
    scope=WRITE,
    response={201: Posted},
    key=REQUIRED,
    ledger=True,
)
def correct_late_count_movements(
    request: ApiRequest, count_id: UUID, body: Note
) -> Status[dict[str, Any]]:
    """Take back, once, what the books hold twice."""
    count = count_of(request, count_id)
    document = actions.correct_late_movements(pk=count.pk, by=request.user, note=body.note or "")
    return Status(201, {"success": True, "id": document.uuid})
