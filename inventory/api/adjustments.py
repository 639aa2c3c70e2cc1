"""Adjustments and returns over JSON (CONTRACT §4): the same acts as on the pages."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from ninja import Status
from pydantic import Field

from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.routing import REQUIRED, ApiRequest, Router
from omnichannel.api.schemas import Body, Number, Text
from omnichannel.catalog.models import Product
from omnichannel.locations.api.scope import place_of

from .. import actions, ledger, permissions
from ..models import MAX_QUANTITY, AdjustmentReason

router = Router(tags=["Inventory transactions"])
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]


class AdjustedLine(Body):
    product_id: Text(256)  # type: ignore[valid-type]
    quantity: Quantity


class AdjustmentIn(Body):
    location_id: Text(256)  # type: ignore[valid-type]
    reason_id: UUID
    line_items: Annotated[list[AdjustedLine], Field(min_length=1, max_length=2_000)]
    note: Text(2_000, 0) | None = None  # type: ignore[valid-type]
    external_ref: Text(256, 0) | None = None  # type: ignore[valid-type]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class ReturnedLine(Body):
    product_id: Text(256)  # type: ignore[valid-type]
    quantity: Quantity
    condition_code: Number | None = None


class ReturnIn(Body):
    location_id: Text(256)  # type: ignore[valid-type]
    line_items: Annotated[list[ReturnedLine], Field(min_length=1, max_length=2_000)]
    note: Text(2_000, 0) | None = None  # type: ignore[valid-type]
    external_ref: Text(256, 0) | None = None  # type: ignore[valid-type]
    associate_id: Text(128) | None = None  # type: ignore[valid-type]


class Posted(Body):
    """The transaction that was written, or that the same key wrote before."""

    success: bool
    id: UUID


@router.post(
    "/v1/inventory/adjustments",
    permission=permissions.ADJUST_INVENTORY,
    scope=scopes.TRANSACTIONS_WRITE,
    response=Posted,
    ledger=True,
)
def create_adjustment(request: ApiRequest, body: AdjustmentIn) -> dict[str, Any]:
    """Move stock by a reason, which says what it leaves and enters; quantities are positive."""
    place = place_of(request, body.location_id)
    reason = AdjustmentReason.objects.filter(uuid=body.reason_id).first()
    if reason is None:
        raise ApiError(
            400, "invalid_data", f"There is no adjustment reason {body.reason_id}. Use one of ours."
        )
    products = products_of([line.product_id for line in body.line_items])
    try:
        done = actions.adjust_stock(
            location_id=place.pk,
            reason_id=reason.pk,
            lines=[
                actions.Typed(products[line.product_id], line.quantity) for line in body.line_items
            ],
            by=request.user,
            key=request.operation_key,
            note=body.note or "",
            reference=body.external_ref or "",
            associate_id=body.associate_id or "",
        )
    except ledger.StockTooLow as short:
        raise too_low(short, products) from short
    return {"success": True, "id": done.document.uuid}


@router.post(
    "/v1/inventory/returns",
    permission=permissions.ADJUST_INVENTORY,
    scope=scopes.TRANSACTIONS_WRITE,
    response={201: Posted},
    key=REQUIRED,
    ledger=True,
)
def create_return(request: ApiRequest, body: ReturnIn) -> Status[dict[str, Any]]:
    """What a customer brought back: the condition decides where it goes, unmapped to `returns`."""
    place = place_of(request, body.location_id)
    products = products_of([line.product_id for line in body.line_items])
    posting = actions.return_items(
        location_id=place.pk,
        lines=[
            actions.Returned(products[line.product_id], line.quantity, line.condition_code)
            for line in body.line_items
        ],
        by=request.user,
        key=request.operation_key,
        reference=body.external_ref or "",
        note=body.note or "",
        associate_id=body.associate_id or "",
    )
    return Status(201, {"success": True, "id": posting.uuid})


def products_of(ids: Sequence[str]) -> dict[str, int]:
    """Primary keys by the contract's id; every unknown one is named."""
    known = dict(Product.objects.filter(product_id__in=set(ids)).values_list("product_id", "pk"))
    if missing := [text for text in dict.fromkeys(ids) if text not in known]:
        raise ApiError(
            400,
            "missing_products",
            f"These products are unknown: {', '.join(missing)}. Nothing was written.",
            missing_products=missing,
        )
    return known


def too_low(short: ledger.StockTooLow, products: dict[str, int]) -> ApiError:
    names = {pk: text for text, pk in products.items()}
    return ApiError(
        409,
        "stock_too_low",
        str(short),
        shortages=[
            {"product_id": names[pk], "on_hand": on_hand, "asked": asked}
            for pk, on_hand, asked in short.shortages
        ],
    )
