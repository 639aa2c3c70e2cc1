"""Notices: injected, listed, read, closed (CONTRACT §4)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from ninja import Query, Schema, Status
from pydantic import Field

from inventory.api.adjustments import products_of
from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.accounts import scopes
from omnichannel.api.errors import ApiError
from omnichannel.api.moments import days
from omnichannel.api.paging import Page, Paging, Sort, by_time, page
from omnichannel.api.routing import ApiRequest, Router
from omnichannel.api.schemas import Several
from omnichannel.locations.api.scope import keys_of, other_end, place_of

from .. import actions, permissions
from ..models import Asn, AsnLine
from . import answers
from .bodies import (
    FATES,
    STATUSES,
    ActionIn,
    AsnIn,
    AsnInList,
    AsnOut,
    CreatedAsn,
    StatusName,
)
from .finding import (
    asn_of,
    asn_to_act_on,
    receipt_of,
    refusals,
)

router = Router(tags=["ASNs"])
READ = (VIEW_INVENTORY_MANAGEMENT, permissions.RECEIVE_INVENTORY)
BY_STATUS = {name: status for status, name in STATUSES.items()}


class AsnFilters(Schema):
    """`search` finds numbers that hold the text, and purchase orders and orders that are it;
    dates are whole days in UTC.
    """

    search: Annotated[str, Field(max_length=200)] | None = None
    start_shipment_date: date | None = None
    end_shipment_date: date | None = None
    status: Several(StatusName) = []  # type: ignore[valid-type]
    origin_id: Several(str) = []  # type: ignore[valid-type]
    destination_id: Several(str) = []  # type: ignore[valid-type]
    sort: Sort | None = None


@router.post(
    "/v0/i/inventory/asns",
    permission=permissions.RECEIVE_INVENTORY,
    scope=scopes.TRANSACTIONS_WRITE,
    response={201: CreatedAsn},
)
def create_asn(request: ApiRequest, body: AsnIn, response: HttpResponse) -> Status:
    """Announce a shipment. Lines of one product and carton are added up; stock does not move."""
    destination = place_of(request, body.fulfillment_node_id, status=400)
    origin = other_end(body.from_location)
    products = products_of([item.product_id for item in body.items])
    try:
        asn = actions.create_asn(
            origin_id=origin.pk,
            destination_id=destination.pk,
            shipped_at=body.shipment_date,
            lines=[
                actions.Expected(products[item.product_id], item.units, item.carton_id or "")
                for item in body.items
            ],
            source=Asn.Source.API,
            number=body.references.shipment_ref or "",
            po_number=body.references.po_number or "",
            order_ids=body.order_ids,
            expected_date=body.expected_arrival,
        )
    except actions.AsnAlreadyExists as known:
        raise ApiError(
            409,
            "asn_already_exists",
            f"asn_already_exists: the shipment reference {body.references.shipment_ref} is taken.",
        ) from known
    response["Location"] = f"/v0/i/inventory/asns/{asn.uuid}"
    return Status(201, {"success": True, "id": asn.uuid})


@router.get(
    "/v0/i/inventory/asns",
    permission=READ,
    scope=scopes.TRANSACTIONS_READ,
    response=Page[AsnInList],
)
def list_asns(
    request: ApiRequest, paging: Query[Paging], filters: Query[AsnFilters]
) -> dict[str, Any]:
    """Notices that come from or lead to the user's locations, the newest first."""
    rows = narrowed(Asn.objects.visible_to(request.user), filters)
    return page(request, in_order(rows, filters.sort), paging, answers.with_lines)


@router.get(
    "/v0/i/inventory/stores/{store_id}/asns",
    permission=READ,
    scope=scopes.TRANSACTIONS_READ,
    response=Page[AsnInList],
)
def list_asns_of_store(
    request: ApiRequest, store_id: str, paging: Query[Paging], filters: Query[AsnFilters]
) -> dict[str, Any]:
    """Notices that lead to one location, by its id or its store id."""
    place = place_of(request, store_id)
    rows = narrowed(Asn.objects.filter(destination=place), filters)
    return page(request, in_order(rows, filters.sort), paging, answers.with_lines)


@router.get(
    "/v0/i/inventory/asns/{asn_id}",
    permission=READ,
    scope=scopes.TRANSACTIONS_READ,
    response=AsnOut,
)
def get_asn(request: ApiRequest, asn_id: UUID) -> dict[str, Any]:
    """One notice with its lines and their products."""
    return answers.whole(read(asn_of(request, asn_id).pk))


@router.post(
    "/v1/inventory/receiving/asns/{asn_id}/actions",
    permission=(permissions.FORCE_CLOSE_ASNS, VIEW_INVENTORY_MANAGEMENT),
    scope=scopes.TRANSACTIONS_WRITE,
    response=AsnOut,
    ledger=True,
)
def create_asn_action(request: ApiRequest, asn_id: UUID, body: ActionIn) -> dict[str, Any]:
    """Close a notice that will not be received any further. `fate` says what becomes of the rest:
    without one, what a store sent stays in transit, and what a DC or supplier sent never left it.
    """
    if not any(request.user.has_perm(name) for name in permissions.force_closing()):
        raise ApiError(403, "forbidden", "This needs the permission Force Close ASNs.")
    asn = asn_to_act_on(request, asn_id)
    with refusals(request):
        actions.force_close_asn(
            asn_id=asn.pk,
            by=request.user,
            key=request.operation_key,
            fate=FATES[body.fate] if body.fate else None,
            receipt_id=receipt_of(request, body.receipt_id),
            line_fates=line_fates(request, asn, body),
            revision=body.revision,
            note=body.note or "",
            associate_id=body.associate_id or "",
        )
    return answers.whole(read(asn.pk))


def line_fates(request: ApiRequest, asn: Asn, body: ActionIn) -> dict[int, actions.LineFate]:
    rows = asn.lines.values_list("product__product_id", "carton_id", "pk")
    known = {(product, carton): pk for product, carton, pk in rows}
    found = {}
    for one in body.line_items:
        pk = known.get((one.product_id, one.carton_id or ""))
        if pk is None:
            raise ApiError(
                400,
                "invalid_data",
                f"There is no line {one.product_id} {one.carton_id or ''} on {asn}.",
            )
        found[pk] = actions.LineFate(FATES[one.fate], receipt_of(request, one.receipt_id))
    return found


def read(pk: int) -> Asn:
    lines = AsnLine.objects.select_related("product").prefetch_related("product__identifiers")
    rows = Asn.objects.select_related("origin", "destination")
    return rows.prefetch_related(Prefetch("lines", lines)).get(pk=pk)


def in_order(rows: QuerySet[Asn], sort: Sort | None) -> QuerySet[Asn]:
    lines = AsnLine.objects.select_related("product")
    return (
        rows.select_related("origin", "destination")
        .prefetch_related(Prefetch("lines", lines))
        .order_by(*by_time(sort))
    )


def narrowed(rows: QuerySet[Asn], filters: AsnFilters) -> QuerySet[Asn]:
    rows = rows.filter(days("shipped_at", filters.start_shipment_date, filters.end_shipment_date))
    if filters.search:
        text = filters.search
        rows = rows.filter(
            Q(number__ilike=text) | Q(po_number=text) | Q(order_ids__contains=[text])
        )
    if filters.status:
        rows = rows.filter(status__in=[BY_STATUS[name] for name in filters.status])
    if filters.origin_id:
        rows = rows.filter(origin__in=keys_of(filters.origin_id))
    if filters.destination_id:
        rows = rows.filter(destination__in=keys_of(filters.destination_id))
    return rows
