"""A warehouse's message becomes an order, a shipment or a receipt, by the acts of the API (ADR 0028)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from asn.actions.announcing import Announcing, Beside, announce, expected, in_utc
from asn.actions.ends import Ends, named
from asn.edi.notice import Notice
from omnichannel.accounts.models import User
from omnichannel.documents import ActionError
from omnichannel.imports.edi.acting import Meant
from omnichannel.imports.edi.papers import LONGEST, Finding, Paper, Party

from ..edi.told import Arrival, Ordered, Shipment
from ..models import TransferOrder
from . import creating
from .arriving import asn_of, receive
from .refusals import OrderAlreadyExists
from .shipping_told import ship_told


@dataclass
class Understood:
    """A paper while it is looked up; the errors of the paper are its first."""

    paper: Paper
    errors: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.errors = [*self.paper.errors, *too_long(self.paper)]

    def refuse(self, where: Any, code: str, cause: str, fix: str = "") -> None:
        self.errors.append(Finding(where.segment, where.tag, code, cause, fix))

    def meant(self, values: dict[str, Any]) -> Meant:
        return Meant({} if self.errors else values, self.errors, self.paper.warnings)


class Warehousing:
    """Reads the papers of one file for one person, who sends and receives at his locations only."""

    lock = 7_406_028
    wanted = gettext_lazy("message of a warehouse (X12 940, 943, 944 or 945)")

    def __init__(self, by: User | None, beside: Beside, reference: str) -> None:
        """
        Args:
            reference: of the import, kept with what is created.
        """
        self.by, self.beside, self.reference = by, beside, reference
        self.ends = Ends(by)
        self.announcing = Announcing(by, beside, reference)

    # ------------------------------------------------------------ what it means
    def read(self, paper: Paper) -> Meant:
        if isinstance(paper, Ordered):
            return self.read_order(paper)
        if isinstance(paper, Shipment):
            return self.read_shipment(paper)
        assert isinstance(paper, Arrival)
        return self.read_arrival(paper)

    def read_order(self, paper: Ordered) -> Meant:
        told = Understood(paper)
        origin = self.ends.find(paper.senders, self.beside.origin, acts_there=True)
        if origin is None:
            refuse_end(told, paper.senders, self.beside.origin, is_origin=True)
        destination = self.ends.find(paper.receivers, self.beside.destination, acts_there=False)
        if destination is None:
            refuse_end(told, paper.receivers, self.beside.destination, is_origin=False)
        lines = expected(paper, told.errors)
        if not (origin and destination and paper.ordered):
            return told.meant({})
        return told.meant(
            {
                "act": "order",
                "origin_id": origin.pk,
                "destination_id": destination.pk,
                "lines": [creating.Ordered(line.product_id, line.quantity) for line in lines],
                "source": TransferOrder.Source.FILE,
                "key": f"import:{self.reference}:{paper.segment}",
                "by": self.by,
                "external_ref": paper.number,
                "ordered_at": in_utc(paper.ordered, origin),
                "due_date": paper.due_date,
                "note": paper.note,
                "import_reference": self.reference,
            }
        )

    def read_shipment(self, paper: Shipment) -> Meant:
        orders = TransferOrder.objects.filter(external_ref=paper.order_ref)
        if paper.may_announce and not (paper.order_ref and orders.exists()):
            return self.read_notice(paper)
        told = Understood(paper)
        mine = orders.acted_on_by(self.by) if self.by else orders.none()
        order = mine.select_related("origin", "destination").first()
        if order is None:
            cause = _("No transfer order that leaves from your locations is known as %s.")
            fix = _("Send its 940 first, or create the transfer order.")
            told.refuse(paper, paper.order_ref, cause % (paper.order_ref or "–"), fix)
        else:
            self.refuse_other_ends(told, paper, order)
        lines = expected(paper, told.errors)
        return told.meant(
            {
                "act": "ship",
                "order_ref": paper.order_ref,
                "units": [(line.product_id, line.quantity) for line in lines],
                "key": paper.key,
                "by": self.by,
                "carrier": paper.carrier,
                # A shipment's ID is on its cartons where the carrier's number is not told.
                "tracking_number": (paper.tracking_number or paper.number)[:LONGEST],
            }
        )

    def read_notice(self, paper: Shipment) -> Meant:
        """Goods from outside: the warehouse, which is ours, expects them."""
        notice = Notice(
            paper.segment,
            paper.tag,
            paper.number or paper.order_ref,
            paper.order_ref,
            shipped=paper.shipped,
            senders=paper.senders,
            receivers=paper.receivers,
            lines=paper.lines,
            errors=paper.errors,
            warnings=paper.warnings,
        )
        meant = self.announcing.read(notice)
        return meant._replace(values={"act": "announce", **meant.values})

    def read_arrival(self, paper: Arrival) -> Meant:
        told = Understood(paper)
        asn = asn_of(paper, self.by, told.errors)
        lines = expected(paper, told.errors)
        if asn is None or self.by is None:
            return told.meant({})
        happened_at = in_utc(paper.received, asn.destination) if paper.received else None
        is_today = happened_at and happened_at.date() >= timezone.now().date()
        return told.meant(
            {
                "act": "receive",
                "asn_number": asn.number,
                "units": [(line.product_id, line.quantity) for line in lines],
                "key": paper.key,
                "by": self.by,
                "happened_at": None if is_today else happened_at,
            }
        )

    def refuse_other_ends(self, told: Understood, paper: Shipment, order: TransferOrder) -> None:
        """A message that names other locations of ours than its order does is about another one."""
        for parties, place in (
            (paper.senders, order.origin),
            (paper.receivers, order.destination),
        ):
            for party in parties:
                other = self.ends.place(party.id, False) if party.id else None
                if other and other != place:
                    cause = _("It names %(role)s %(id)s, but %(order)s has %(place)s there.")
                    words = {
                        "role": party.role,
                        "id": party.id,
                        "order": order,
                        "place": place.code,
                    }
                    told.refuse(party, party.id, cause % words)

    # ------------------------------------------------------------ what is done
    def do(self, values: dict[str, Any]) -> int | None:
        """How many documents and lines it wrote, or None."""
        values = dict(values)
        act = values.pop("act")
        if act == "order":
            return order_once(values)
        if act == "ship":
            return ship_told(**values)
        if act == "announce":
            asn = announce(values)
            return 1 + asn.lines.count() if asn else None
        return receive(**values)

    def known(self, paper: Paper) -> str:
        name = f"{paper.number or getattr(paper, 'order_ref', '')}"
        return _("%s came before and says the same. It is left as it is.") % name

    def refusal(self, refused: ActionError) -> str:
        if isinstance(refused, OrderAlreadyExists):
            return f"order_already_exists: {refused}"
        return self.announcing.refusal(refused)


def order_once(values: dict[str, Any]) -> int | None:
    try:
        made = creating.create_transfer_order(**values)
    except OrderAlreadyExists as known:
        if known.is_same:
            return None
        raise
    return None if made.is_replay else 1 + made.order.product_count


def refuse_end(told: Understood, parties: Sequence[Party], beside: str, *, is_origin: bool) -> None:
    if is_origin:
        cause = _("It leaves from no location of ours for you to act in: %s.")
        fix = _("Choose beside the file from where it goes, or ask for access to it.")
    else:
        cause = _("It goes to no location of ours: %s.")
        fix = _("Choose the destination beside the file.")
    where: Any = parties[0] if parties else told.paper
    told.refuse(where, parties[0].id if parties else "", cause % named(parties, beside), fix)


def too_long(paper: Paper) -> list[Finding]:
    """What the database has no room for."""
    names = [paper.number, getattr(paper, "order_ref", ""), getattr(paper, "tracking_number", "")]
    cause = _("An ID has more than %d characters.") % LONGEST
    return [
        Finding(paper.segment, paper.tag, text[:LONGEST], cause)
        for text in names
        if len(text) > LONGEST
    ]
