"""Scans of a session: what each code means, and what the person hears about it (PRODUCT §6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from inventory.models import MAX_QUANTITY, AdjustmentReason
from omnichannel.catalog.models import Product
from omnichannel.catalog.reads import only, unclear
from omnichannel.catalog.scanning import products_of_code
from omnichannel.locations.models import Configuration, StockLocation
from omnichannel.locations.switches import may_type, not_typed
from omnichannel.web.scans import Outcome

from .. import actions
from ..models import AsnLine, Receipt
from .running import Running, lacking_by_product, running


class Read(NamedTuple):
    """One scan as page or phone sent it; `reason` is the uuid of why it is damaged, as text."""

    key: UUID
    code: str
    quantity: int
    at: datetime
    is_damaged: bool
    reason: str


class Taken(NamedTuple):
    outcomes: list[Outcome]
    running: Running


def damage_reasons() -> QuerySet[AdjustmentReason]:
    """Those that take goods from `main`, where they are received, to somewhere else."""
    return AdjustmentReason.objects.filter(
        is_active=True, origin__name=StockLocation.MAIN, destination__isnull=False
    ).order_by("type", "subtype")


def take_scans(receipt: Receipt, reads: Sequence[Read]) -> Taken:
    """Keep the scans, each once, and say of every one what became of it.

    Raises:
        ActionError: the session is over, or full; nothing was kept.
    """
    known = set(
        receipt.scans.filter(key__in=[read.key for read in reads]).values_list("key", flat=True)
    )
    means = {code: products_of_code(code) for code in {read.code for read in reads}}
    refused = dict(refusals(receipt, [read for read in reads if read.key not in known], means))
    reasons = {str(reason.uuid): reason.pk for reason in damage_reasons()}
    kept = [read for read in reads if read.key not in refused]
    if kept:
        with transaction.atomic(durable=True):
            actions.record_scans(
                receipt_id=receipt.pk,
                scans=[
                    actions.Scan(
                        read.key,
                        read.code,
                        product.pk if (product := only(means[read.code])) else None,
                        read.quantity,
                        read.at,
                        read.is_damaged,
                        reasons.get(read.reason) if read.is_damaged else None,
                    )
                    for read in kept
                ],
            )
    now = running(receipt)
    return Taken([outcome(receipt, read, means, refused, now) for read in reads], now)


def refusals(
    receipt: Receipt, reads: Iterable[Read], means: dict[str, list[Product]]
) -> Iterable[tuple[UUID, str]]:
    """What is not kept, and why."""
    reasons = {str(reason.uuid) for reason in damage_reasons()}
    room, types = room_left(receipt), may_type("receiving")
    for read in reads:
        product = only(means[read.code])
        if not read.code:
            yield read.key, _("No code was read. Scan again.")
        elif not 1 <= abs(read.quantity) <= MAX_QUANTITY:
            yield read.key, _("%s is no quantity to receive.") % read.quantity
        elif abs(read.quantity) != 1 and not types:
            yield read.key, not_typed()
        elif read.is_damaged and read.reason not in reasons:
            yield read.key, _("Choose why it is damaged, then scan it again.")
        elif not means[read.code] and is_carton(receipt, read.code):
            yield (
                read.key,
                _("%s is a carton. Items of this ASN are scanned one by one; scan what is in it.")
                % read.code,
            )
        elif product and room is not None:
            left = room.get(product.pk, 0)
            if read.quantity > left:
                yield (
                    read.key,
                    _("%(product)s: only %(left)s more are expected, and no more may be received.")
                    % {"product": product.name, "left": max(0, left)},
                )
            else:
                room[product.pk] = left - read.quantity


def room_left(receipt: Receipt) -> dict[int, int] | None:
    """Units by product that may still be scanned; None where there is no limit."""
    if receipt.asn_id is None or Configuration.current().allow_asn_overreceiving:
        return None
    room = {pk: lacking for pk, (lacking, _announced) in lacking_by_product(receipt).items()}
    for pk, row in running(receipt).by_product.items():
        room[pk] = room.get(pk, 0) - row.units
    return room


def is_carton(receipt: Receipt, code: str) -> bool:
    return bool(
        receipt.asn_id and AsnLine.objects.filter(asn=receipt.asn_id, carton_id=code).exists()
    )


def outcome(
    receipt: Receipt,
    read: Read,
    means: dict[str, list[Product]],
    refused: dict[UUID, str],
    now: Running,
) -> Outcome:
    if read.key in refused:
        return Outcome(read.key, "refused", refused[read.key])
    found = means[read.code]
    product = only(found)
    if product is None:
        return unclear(read.key, read.code, found)
    row = now.by_product.get(product.pk)
    words = {
        "product": product.name,
        "units": row.units if row else 0,
        "lacking": row.lacking if row else 0,
    }
    if receipt.asn_id is None:
        return Outcome(read.key, "hit", _("%(product)s: %(units)s") % words)
    if row and not row.is_announced:
        return Outcome(read.key, "miss", _("%(product)s is not announced: %(units)s") % words)
    text = _("%(product)s: %(units)s of %(lacking)s") % words
    return Outcome(read.key, "miss" if row and row.over else "hit", text)
