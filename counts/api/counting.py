"""Counting as the phone does it: zones opened, observations sent, zones completed, recounts."""

from typing import Any
from uuid import UUID

from ninja import Schema, Status

from omnichannel.api.errors import not_found
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.catalog.scanning import products_of_code

from .. import actions, permissions
from ..models import RecountRequest
from .bodies import Ended, Opening, RecountList, Recounts, SeenList, Session, Written
from .scope import COUNTING, READ, SEEING, WRITE, count_of, products_of, session_of
from .tasks import TASKS
from .telling import recount_list, session_body

router = Router(tags=["Counts"])
SESSIONS = "/v0/i/inventory/count_sessions"


class Kept(Schema):
    success: bool


def takes_over(request: ApiRequest, is_asked: bool) -> bool:
    return is_asked and request.user.has_perm(permissions.COMPLETE_CYCLE_COUNTS)


@router.post(
    TASKS + "/{count_id}/sessions", permission=COUNTING, scope=WRITE, response={201: Session}
)
def open_count_zone(request: ApiRequest, count_id: UUID, body: Opening) -> Status[dict[str, Any]]:
    """Begin with a zone, or with one product in it; a cycle count begins with it."""
    count = count_of(request, count_id)
    products = products_of([body.product_id] if body.product_id else [])
    opened = actions.open_zone(
        pk=count.pk,
        zone=body.zone,
        by=request.user,
        associate_id=body.associate_id or "",
        product_id=products.get(body.product_id or ""),
        age=body.age,
        is_typed=body.typed,
        may_take_over=takes_over(request, body.take_over),
    )
    told = session_body(opened.session, resumed=opened.is_resumed, taken_from=opened.taken_from)
    return Status(201, told)


@router.post(
    SESSIONS + "/{session_id}/observations", permission=COUNTING, scope=WRITE, response=Written
)
def observe_in_zone(request: ApiRequest, session_id: UUID, body: SeenList) -> dict[str, Any]:
    """What was seen: up to 1,000 at once, each written once by its key, whenever it arrives."""
    session = session_of(request, session_id)
    named = products_of([one.product_id for one in body.observations if one.product_id])
    codes = {code: product_of(code) for code in {one.code or "" for one in body.observations}}
    seen = [
        actions.Seen(
            key=one.key,
            quantity=one.quantity,
            age=one.age,
            product_id=named[one.product_id] if one.product_id else codes.get(one.code or ""),
            code=one.code or "",
        )
        for one in body.observations
    ]
    observed = actions.observe(
        pk=session.pk, seen=seen, by=request.user, associate_id=body.associate_id or ""
    )
    return {
        "success": True,
        "written": observed.written,
        "late": observed.late,
        "unknown": sorted(code for code, product in codes.items() if code and product is None),
    }


def product_of(code: str) -> int | None:
    """Only what one product bears is that product; no code is none."""
    found = products_of_code(code)
    return found[0].pk if len(found) == 1 else None


@router.post(SESSIONS + "/{session_id}/keep_alive", permission=COUNTING, scope=WRITE, response=Kept)
def keep_zone(request: ApiRequest, session_id: UUID) -> dict[str, Any]:
    """The device is at it still; the zone stays its associate's."""
    actions.keep_alive(pk=session_of(request, session_id).pk, by=request.user)
    return {"success": True}


@router.post(
    SESSIONS + "/{session_id}/complete", permission=COUNTING, scope=WRITE, response=Session
)
def complete_count_zone(request: ApiRequest, session_id: UUID, body: Ended) -> dict[str, Any]:
    """Accept what was seen; it takes the place of what was counted here before."""
    session = session_of(request, session_id)
    return session_body(actions.complete_zone(pk=session.pk, by=request.user, age=body.age))


@router.post(SESSIONS + "/{session_id}/drop", permission=COUNTING, scope=WRITE, response=Session)
def drop_count_session(request: ApiRequest, session_id: UUID) -> dict[str, Any]:
    """End it without accepting it; what was counted before stays."""
    session = session_of(request, session_id)
    dropped = actions.drop_session(
        pk=session.pk, by=request.user, may_take_over=takes_over(request, True)
    )
    return session_body(dropped)


@router.post(
    TASKS + "/{count_id}/recounts",
    permission=permissions.COMPLETE_CYCLE_COUNTS,
    scope=WRITE,
    response=RecountList,
)
def request_count_recounts(request: ApiRequest, count_id: UUID, body: Recounts) -> dict[str, Any]:
    """Zones, and products wherever they were found, are to be counted again."""
    count = count_of(request, count_id)
    products = products_of(body.product_ids)
    actions.request_recounts(
        pk=count.pk, by=request.user, zones=body.zones, product_ids=list(products.values())
    )
    return recount_list(count)


@router.get(TASKS + "/{count_id}/recounts", permission=SEEING, scope=READ, response=RecountList)
def list_count_recounts(request: ApiRequest, count_id: UUID) -> dict[str, Any]:
    """What is to be counted again still."""
    return recount_list(count_of(request, count_id))


@router.delete(
    TASKS + "/{count_id}/recounts/{recount_id}",
    permission=permissions.COMPLETE_CYCLE_COUNTS,
    scope=WRITE,
    response={200: RecountList},
)
def withdraw_count_recount(request: ApiRequest, count_id: UUID, recount_id: UUID) -> dict[str, Any]:
    """It is not wanted any more."""
    count = count_of(request, count_id)
    if not RecountRequest.objects.filter(count=count, uuid=recount_id).exists():
        raise not_found(f"There is no recount {recount_id}.")
    actions.withdraw_recount(uuid=recount_id)
    return recount_list(count)
