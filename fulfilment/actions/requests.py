"""What happens to items of an order in the location that sends them (CONTRACT §3.4).

Each act writes a fact, whose number orders them all, and tells the stream in the same transaction.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory import ledger
from inventory.models import Allocation, InventoryTransaction
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError, TransitionNotAllowed
from omnichannel.eventstream import outbox
from omnichannel.locations.models import StockLocation

from .. import availability, events
from ..models import FulfillmentFact, FulfillmentRequest
from .mispicks import Found, note_failures
from .orders import check_items

Fact = FulfillmentFact.Kind
State = Allocation.State
# Of CONTRACT §3.4; the two that say something about the stock are named.
NOT_FOUND, DAMAGED = "no_inventory", "damaged_items"
Told = Mapping[UUID, Mapping[str, Any]]


class Assigned(NamedTuple):
    """The request; `is_replay` when the same act was already done under its key."""

    request: FulfillmentRequest
    is_replay: bool


def assign_items(
    *,
    order_uuid: UUID,
    location_id: int,
    items: Sequence[availability.Wanted],
    told: Told,
    by: User,
    key: str,
    request_uuid: UUID | None = None,
    service_level: str = "",
    associate_id: str = "",
) -> Assigned:
    """Items of an order are this location's to send: what was reserved of them becomes allocated.

    Args:
        items: of kind HARD, or FUTURE on goods that have not come yet.
        told: by item, what is only passed on to the stream (carrier_service).

    Raises:
        ActionError: no items, or one that is named twice.
        NotAvailable, PromisedElsewhere
    """
    known = FulfillmentRequest.objects.filter(operation_key=key).first()
    if known:
        return Assigned(known, is_replay=True)
    check_items([item.item_uuid for item in items])
    availability.lock_order(order_uuid)
    request = FulfillmentRequest.objects.create(
        uuid=request_uuid or uuid4(),
        order_uuid=order_uuid,
        location_id=location_id,
        service_level=service_level,
        operation_key=key,
    )
    request.refresh_from_db()
    availability.promise(order_uuid, items, request_uuid=request.uuid)
    fact = write(request, Fact.ASSIGNED, [item.item_uuid for item in items], by, key, associate_id)
    products = names_of({item.product_id for item in items})
    lines = [
        {
            "id": str(item.item_uuid),
            "product_id": products[item.product_id],
            **told.get(item.item_uuid, {}),
        }
        for item in items
    ]
    publish(events.ASSIGNED, request, events.assigned(request, fact, lines))
    return Assigned(request, is_replay=False)


def pack_items(
    *, pk: int, item_uuids: Sequence[UUID], by: User, key: str, associate_id: str = ""
) -> FulfillmentFact:
    """The items are packed and wait to be handed over; they still stand in `main`.

    Raises:
        ActionError: an item that is not of this request.
        TransitionNotAllowed: an item that is packed or has left already.
    """
    request, known = begin(pk, key)
    if known:
        return known
    rows = held(request, item_uuids, (State.ALLOCATED,))
    Allocation.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.PACKED)
    fact = write(request, Fact.PACKED, item_uuids, by, key, associate_id)
    publish(
        events.READY_FOR_HANDOVER,
        request,
        events.ready_for_handover(request, fact, lines_of(rows, {})),
    )
    return fact


def complete_items(
    *,
    pk: int,
    items: Told,
    by: User,
    key: str,
    is_handed_over: bool = False,
    associate_id: str = "",
) -> FulfillmentFact:
    """The items left, with a carrier or with the customer: stock leaves at once, whoever keeps it.

    Args:
        items: by item, what the carrier said (tracking_code, carrier, carrier_service) and
            `shipped_at`, an aware time that has come.

    Raises:
        ActionError: an item that is not of this request, a time in the future.
        TransitionNotAllowed: an item that has left already.
    """
    request, known = begin(pk, key)
    if known:
        return known
    rows = held(request, list(items), Allocation.OPEN)
    availability.end(rows, State.COMPLETED)
    times = [told["shipped_at"] for told in items.values() if told.get("shipped_at")]
    happened_at = max(times, default=timezone.now())
    ship(request, rows, by, key, happened_at, associate_id)
    kind = Fact.HANDED_OVER if is_handed_over else Fact.COMPLETED
    fact = write(request, kind, list(items), by, key, associate_id)
    told_of = events.items_completed(request, fact, lines_of(rows, items), happened_at)
    publish(events.ITEMS_COMPLETED, request, told_of)
    return fact


def fail_items(
    *, pk: int, items: Told, by: User, key: str, associate_id: str = ""
) -> FulfillmentFact:
    """The items cannot be sent from here: they are nobody's again, and may be routed elsewhere.

    Not found is a mispick, damaged a mispack; both ask for a count where configured.

    Args:
        items: by item `rejection_reason`, and what else was said.

    Raises:
        ActionError, TransitionNotAllowed: as `complete_items`.
    """
    request, known = begin(pk, key)
    if known:
        return known
    rows = held(request, list(items), Allocation.OPEN)
    availability.end(rows, State.FAILED)
    fact = write(request, Fact.FAILED, list(items), by, key, associate_id)
    found = [
        Found(row, items[row.item_uuid]["rejection_reason"], told_note(items[row.item_uuid]))
        for row in rows
        if items[row.item_uuid]["rejection_reason"] in (NOT_FOUND, DAMAGED)
    ]
    note_failures(found, by=by, key=key, associate_id=associate_id or by.associate)
    told_of = events.items_failed(request, fact, lines_of(rows, items))
    publish(events.ITEMS_FAILED, request, told_of)
    return fact


def told_note(told: Mapping[str, Any]) -> str:
    return str(told.get("fulfillment_rejection_reason") or "")


def begin(pk: int, key: str) -> tuple[FulfillmentRequest, FulfillmentFact | None]:
    """The request, its order locked, and the fact that this key wrote before."""
    request = FulfillmentRequest.objects.select_related("location").get(pk=pk)
    availability.lock_order(request.order_uuid)
    return request, FulfillmentFact.objects.filter(operation_key=key).first()


def held(
    request: FulfillmentRequest, item_uuids: Sequence[UUID], states: Sequence[str]
) -> list[Allocation]:
    """The promises of these items, in the order of their key, facts and stock locked."""
    check_items(item_uuids)
    found = Allocation.objects.filter(request_uuid=request.uuid, item_uuid__in=item_uuids)
    rows = list(found.select_related("product").order_by("product_id", "item_uuid"))
    if missing := set(item_uuids) - {row.item_uuid for row in rows}:
        raise ActionError(
            _("These items are not of this request: %s.") % ", ".join(sorted(map(str, missing)))
        )
    if late := [str(row.item_uuid) for row in rows if row.state not in states]:
        raise TransitionNotAllowed(
            _("These items are not waiting for this any more: %s.") % ", ".join(late)
        )
    availability.lock({(row.location_id, row.product_id) for row in rows})
    return rows


def ship(
    request: FulfillmentRequest,
    rows: Sequence[Allocation],
    by: User,
    key: str,
    happened_at: datetime,
    associate_id: str,
) -> None:
    main = StockLocation.objects.get(name=StockLocation.MAIN).pk
    units = Counter(row.product_id for row in rows)
    header = ledger.Header(
        operation_key=f"{key}:shipment",
        type=InventoryTransaction.Type.SHIPMENT,
        location_id=request.location_id,
        associate_id=associate_id or by.associate,
        by_id=by.pk,
        from_stock_location_id=main,
        reference=str(request.order_uuid),
        happened_at=happened_at,
    )
    ledger.post(header, [ledger.Line(product, n, main, None) for product, n in units.items()])


def write(
    request: FulfillmentRequest,
    kind: str,
    item_uuids: Sequence[UUID],
    by: User,
    key: str,
    associate_id: str,
) -> FulfillmentFact:
    return FulfillmentFact.objects.create(
        request=request,
        kind=kind,
        items=[str(item) for item in item_uuids],
        associate_id=associate_id or by.associate,
        operation_key=key,
    )


def lines_of(rows: Sequence[Allocation], told: Told) -> list[dict[str, Any]]:
    return [
        {
            "id": str(row.item_uuid),
            "product_id": row.product.product_id,
            **told.get(row.item_uuid, {}),
        }
        for row in rows
    ]


def names_of(products: set[int]) -> dict[int, str]:
    return dict(Product.objects.filter(pk__in=products).values_list("pk", "product_id"))


def publish(name: str, request: FulfillmentRequest, payload: dict[str, Any]) -> None:
    outbox.publish(name, payload, entity_id=str(request.uuid))
