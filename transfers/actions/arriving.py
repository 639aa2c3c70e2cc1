"""A receipt that a warehouse tells of: which ASN it means, and receiving it once."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from asn import actions as notices
from asn.models import Asn, Receipt
from omnichannel.accounts.models import User
from omnichannel.imports.edi.papers import Finding

from ..edi.told import Arrival

MOST_NAMED = 5


def asn_of(paper: Arrival, by: User | None, errors: list[Finding]) -> Asn | None:
    """The one notice that the receipt means: where it was told before the same, else an open one
    of its shipment, else the only open one of its order.
    """
    mine = Asn.objects.acted_on_by(by) if by else Asn.objects.none()
    mine = mine.select_related("destination")
    told = Receipt.objects.filter(operation_key=paper.key, asn__in=mine).first()
    if told:
        return mine.get(receipts=told)
    found = meant(mine, paper)
    if len(found) == 1:
        return found[0]
    code = paper.shipment_ref or paper.order_ref
    if found:
        cause = _("Several open ASNs of yours could be meant: %s.")
        shown = ", ".join(asn.number for asn in found[:MOST_NAMED])
        fix = _("Name the shipment in W1705, or receive it by hand.")
        errors.append(Finding(paper.segment, paper.tag, code, cause % shown, fix))
    else:
        cause = _("No open ASN to one of your locations is known as %s.")
        shown = " · ".join(text for text in (paper.shipment_ref, paper.order_ref) if text) or "–"
        fix = _("Send its 943 or 945 first, or receive it by hand.")
        errors.append(Finding(paper.segment, paper.tag, code, cause % shown, fix))
    return None


def meant(mine: QuerySet, paper: Arrival) -> list[Asn]:
    """By the shipment's reference or carton, and where that is told of none, by the order."""
    open_ones = mine.exclude(status=Asn.Status.CLOSED)
    for ref, ways in (
        (paper.shipment_ref, ("number", "lines__carton_id")),
        (paper.order_ref, ("order_ids__contains", "number", "po_number")),
    ):
        if not ref:
            continue
        by_ref = Q()
        for way in ways:
            by_ref |= Q(**{way: [ref] if way == "order_ids__contains" else ref})
        pks = set(
            open_ones.filter(by_ref).values_list("pk", flat=True).distinct()[: 2 * MOST_NAMED]
        )
        if pks:
            return list(mine.filter(pk__in=pks).order_by("pk"))
    return []


def receive(
    *,
    asn_number: str,
    units: list[tuple[int, int]],
    key: str,
    by: User,
    happened_at: datetime | None,
) -> int | None:
    """Receive units by product; how many rows that wrote, None where it was done before.

    Raises:
        AsnClosed, OverReceived: as `receive_items`.
        ActionError: the same receipt was told before with other units.
        Asn.DoesNotExist
    """
    asn = Asn.objects.get(number=asn_number)
    session = notices.Session(
        by=by, key=key, kind=Receipt.Kind.ITEMS, happened_at=happened_at, started_at=happened_at
    )
    done = notices.receive_items(
        asn_id=asn.pk,
        items=[notices.Arrived(product, quantity) for product, quantity in units],
        session=session,
    )
    return None if done.is_replay else 1 + len(units)
