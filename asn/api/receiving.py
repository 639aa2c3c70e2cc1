"""Receiving over JSON: verbs of our own, so each needs an Idempotency-Key."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ninja import Status

from inventory.api.adjustments import products_of
from omnichannel.accounts import scopes
from omnichannel.api.routing import REQUIRED, ApiRequest, Router
from omnichannel.locations.api.scope import place_of

from .. import actions, permissions
from ..models import Receipt
from .bodies import STATUSES, BlindReceiptIn, ReceiptIn, ReceiptOut, ReceivedItem, Reception
from .finding import asn_to_act_on, reasons_of, refusals

router = Router(tags=["Receiving"])


@router.post(
    "/v1/inventory/receiving/asns/{asn_id}/receipts",
    permission=permissions.RECEIVE_INVENTORY,
    scope=scopes.TRANSACTIONS_WRITE,
    response={201: ReceiptOut},
    key=REQUIRED,
    ledger=True,
)
def create_receipt(request: ApiRequest, asn_id: UUID, body: ReceiptIn) -> Status:
    """Receive items or one carton of a notice; it closes by itself when nothing is lacking.

    What arrives for a closed notice says so by `is_late_arrival`; the notice stays closed.
    """
    asn = asn_to_act_on(request, asn_id)
    with refusals(request):
        if body.carton_id is not None:
            done = actions.receive_carton(
                asn_id=asn.pk,
                carton_id=body.carton_id,
                session=session_of(
                    request, body, Receipt.Kind.CARTON, note=body.note, carton_id=body.carton_id
                ),
                is_late=body.is_late_arrival,
                revision=body.revision,
            )
        else:
            done = actions.receive_items(
                asn_id=asn.pk,
                items=items_of(body.items or ()),
                session=session_of(request, body, Receipt.Kind.ITEMS, note=body.note),
                is_late=body.is_late_arrival,
                revision=body.revision,
            )
    return Status(201, told(done.receipt))


@router.post(
    "/v1/inventory/receiving/receipts",
    permission=permissions.RECEIVE_INVENTORY,
    scope=scopes.TRANSACTIONS_WRITE,
    response={201: ReceiptOut},
    key=REQUIRED,
    ledger=True,
)
def create_blind_receipt(request: ApiRequest, body: BlindReceiptIn) -> Status:
    """Receive goods by a shipment or an order reference.

    If a reference is that of an open notice, the answer is 409 `asn_offered` with the notices;
    a `reason` receives past them.
    """
    place = place_of(request, body.location_id)
    with refusals(request):
        done = actions.receive_blind(
            location_id=place.pk,
            items=items_of(body.items),
            session=session_of(
                request,
                body,
                Receipt.Kind.BLIND,
                note=body.reason,
                shipment_ref=body.shipment_ref or "",
            ),
        )
    return Status(201, told(done.receipt))


def session_of(
    request: ApiRequest,
    body: Reception,
    kind: str,
    *,
    note: str | None,
    carton_id: str = "",
    shipment_ref: str = "",
) -> actions.Session:
    return actions.Session(
        by=request.user,
        key=request.operation_key,
        kind=kind,
        started_at=body.started_at,
        happened_at=body.happened_at,
        associate_id=body.associate_id or "",
        order_ref=body.order_ref or "",
        note=note or "",
        carton_id=carton_id,
        shipment_ref=shipment_ref,
    )


def items_of(items: Sequence[ReceivedItem]) -> list[actions.Arrived]:
    products = products_of([item.product_id for item in items])
    reasons = reasons_of([item.reason_id for item in items])
    return [
        actions.Arrived(
            products[item.product_id],
            item.quantity,
            item.carton_id or None,
            item.damaged_quantity,
            reasons.get(item.reason_id),
        )
        for item in items
    ]


def told(receipt: Receipt) -> dict[str, Any]:
    found = Receipt.objects.select_related("asn", "transaction").get(pk=receipt.pk)
    assert found.transaction is not None
    return {
        "success": True,
        "id": found.transaction.uuid,
        "receipt_id": found.uuid,
        "asn_id": found.asn.uuid if found.asn else None,
        "asn_status": STATUSES[found.asn.status] if found.asn else None,  # type: ignore[index]
        "is_late_arrival": found.is_late,
    }
