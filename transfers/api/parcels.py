"""Transfer transactions: begun, read, made ready, shipped, unpacked (CONTRACT §4)."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from ninja import Query, Status

from inventory.api.adjustments import products_of
from omnichannel.api.paging import Page, Paging, page
from omnichannel.api.routing import REQUIRED, ApiRequest, Router

from .. import actions
from ..models import TransferOrderLine, TransferTransaction, TransferTransactionLine
from . import answers
from .bodies import CreatedParcel, PackIn, ParcelItem, ParcelOut, ParcelResult, UnpackIn
from .finding import (
    names_in,
    order_of,
    order_to_act_on,
    parcel_of,
    parcel_to_act_on,
    refusals,
)
from .orders import ORDERS, READ, WRITE

router = Router(tags=["Transfer transactions"])
OF_ORDER = f"{ORDERS}/{{transfer_order_id}}/transfer_transactions"
PARCELS = "/v0/i/inventory/transfer_transactions"
ONE = f"{PARCELS}/{{transfer_id}}"


@router.post(OF_ORDER, **WRITE, response={201: CreatedParcel})
def create_transfer_transaction(
    request: ApiRequest, transfer_order_id: UUID, response: HttpResponse
) -> Status:
    """Begin a parcel of an order; several may be packed at once."""
    order = order_to_act_on(request, transfer_order_id)
    with refusals({}):
        parcel = actions.begin_transaction(
            order_id=order.pk, by=request.user, key=request.operation_key
        )
    response["Location"] = f"{PARCELS}/{parcel.uuid}"
    return Status(201, {"success": True, "id": parcel.uuid})


@router.get(OF_ORDER, **READ, response=Page[ParcelOut])
def list_transfer_transactions(
    request: ApiRequest, transfer_order_id: UUID, paging: Query[Paging]
) -> dict[str, Any]:
    """The parcels of one order, the first one first."""
    order = order_of(request, transfer_order_id)
    rows = with_lines(TransferTransaction.objects.filter(order=order)).order_by("sequence")
    return page(request, rows, paging, answers.parcel)


@router.get(ONE, **READ, response=ParcelResult)
def get_transfer_transaction(request: ApiRequest, transfer_id: UUID) -> dict[str, Any]:
    """One parcel, with every line of its order and what is left of it."""
    return told(parcel_of(request, transfer_id))


@router.post(f"{ONE}/ready", **WRITE, key=REQUIRED, response=ParcelResult)
def make_transfer_transaction_ready(
    request: ApiRequest, transfer_id: UUID, body: PackIn
) -> dict[str, Any]:
    """Close the box. Stock stays where it is until it ships."""
    parcel = parcel_to_act_on(request, transfer_id)
    fill_and(actions.make_ready, request, parcel, body)
    return told(parcel)


@router.post(f"{ONE}/ship", **WRITE, key=REQUIRED, response=ParcelResult)
def ship_transfer_transaction(
    request: ApiRequest, transfer_id: UUID, body: PackIn
) -> dict[str, Any]:
    """Hand it over, made ready before or not: its units leave, the destination is sent an ASN."""
    parcel = parcel_to_act_on(request, transfer_id)
    fill_and(actions.ship, request, parcel, body)
    return told(parcel)


@router.post(f"{ONE}/unpack", **WRITE, key=REQUIRED, response=ParcelResult)
def unpack_transfer_transaction(
    request: ApiRequest, transfer_id: UUID, body: UnpackIn
) -> dict[str, Any]:
    """Give a parcel up before it ships; nothing of it had left stock."""
    parcel = parcel_to_act_on(request, transfer_id)
    with refusals({}):
        actions.unpack(
            transaction_id=parcel.pk,
            by=request.user,
            key=request.operation_key,
            revision=body.revision,
        )
    return told(parcel)


def fill_and(act: Any, request: ApiRequest, parcel: TransferTransaction, body: PackIn) -> None:
    """`act` on the parcel after it holds what the body says, all of it or nothing."""
    names, revision = names_in(parcel.order), body.revision
    with refusals(names):
        if body.items is not None and not is_done(parcel, request.operation_key):
            revision = fill(parcel, body.items, body.revision)
        act(
            transaction_id=parcel.pk,
            by=request.user,
            key=request.operation_key,
            handover=handover_of(body),
            revision=revision,
            associate_id=body.associate_id or "",
        )


def is_done(parcel: TransferTransaction, key: str) -> bool:
    return key in (parcel.ready_key, parcel.final_key)


def fill(parcel: TransferTransaction, items: list[ParcelItem], revision: int | None) -> int:
    """Put these in and everything else out; the revision that the parcel has then."""
    products = products_of([item.product_id for item in items])
    units = dict.fromkeys(
        TransferTransactionLine.objects.filter(transaction=parcel).values_list(
            "product_id", flat=True
        ),
        0,
    )
    told: dict[int, int] = {}
    for item in items:
        pk = products[item.product_id]
        told[pk] = told.get(pk, 0) + item.quantity
    lines = [actions.Picked(pk, quantity) for pk, quantity in {**units, **told}.items()]
    filled = actions.set_picks(transaction_id=parcel.pk, lines=lines, revision=revision)
    return filled.revision


def handover_of(body: PackIn) -> actions.Handover | None:
    if body.with_carrier is None:
        return None
    return actions.Handover(
        body.with_carrier,
        body.carrier or "",
        body.service_level or "",
        body.tracking_number or "",
    )


def with_lines(rows: QuerySet[TransferTransaction]) -> QuerySet[TransferTransaction]:
    """With what an answer tells of each."""
    packed = TransferTransactionLine.objects.select_related("product")
    asked = TransferOrderLine.objects.select_related("product")
    return rows.select_related(
        "asn", "order__origin", "order__destination", "order__from_stock_location"
    ).prefetch_related(Prefetch("lines", packed), Prefetch("order__lines", asked))


def told(parcel: TransferTransaction) -> dict[str, Any]:
    found = with_lines(TransferTransaction.objects.all()).get(pk=parcel.pk)
    return {"result": answers.parcel(found)}
